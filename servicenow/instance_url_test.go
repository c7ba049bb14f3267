package servicenow_test

import (
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

func TestParseInstanceURL(t *testing.T) {
	allow := []string{"localhost:8099", "simulator", "127.0.0.1:9000", "[::1]:9000", "Sim.Example:80"}
	for name, tt := range map[string]struct {
		in        string
		want      string // "" when refused
		simulated bool
	}{
		"plain":                        {in: "https://acme.service-now.com", want: "https://acme.service-now.com"},
		"government":                   {in: "https://acme.servicenowservices.com", want: "https://acme.servicenowservices.com"},
		"spaces and newlines around":   {in: " \t\nhttps://acme.service-now.com\r\n", want: "https://acme.service-now.com"},
		"upper case":                   {in: "HTTPS://ACME.Service-Now.COM", want: "https://acme.service-now.com"},
		"digits and hyphens":           {in: "https://acme-2-dev.service-now.com", want: "https://acme-2-dev.service-now.com"},
		"two labels":                   {in: "https://dev.acme.service-now.com", want: "https://dev.acme.service-now.com"},
		"empty":                        {in: ""},
		"no scheme":                    {in: "acme.service-now.com"},
		"only a scheme":                {in: "https://"},
		"http":                         {in: "http://acme.service-now.com"},
		"ftp":                          {in: "ftp://acme.service-now.com"},
		"javascript":                   {in: "javascript://acme.service-now.com"},
		"trailing slash":               {in: "https://acme.service-now.com/"},
		"path":                         {in: "https://acme.service-now.com/now"},
		"query":                        {in: "https://acme.service-now.com?x=1"},
		"empty query":                  {in: "https://acme.service-now.com?"},
		"fragment":                     {in: "https://acme.service-now.com#x"},
		"port":                         {in: "https://acme.service-now.com:443"},
		"empty port":                   {in: "https://acme.service-now.com:"},
		"userinfo":                     {in: "https://user@acme.service-now.com"},
		"userinfo hiding the host":     {in: "https://acme.service-now.com@evil.example"},
		"userinfo with password":       {in: "https://a:b@acme.service-now.com"},
		"subdomain of another":         {in: "https://acme.service-now.com.evil.com"},
		"no dot before the domain":     {in: "https://evilservice-now.com"},
		"bare apex":                    {in: "https://service-now.com"},
		"bare government apex":         {in: "https://servicenowservices.com"},
		"dot and apex":                 {in: "https://.service-now.com"},
		"empty label":                  {in: "https://acme..service-now.com"},
		"trailing dot":                 {in: "https://acme.service-now.com."},
		"leading hyphen":               {in: "https://-acme.service-now.com"},
		"trailing hyphen":              {in: "https://acme-.service-now.com"},
		"underscore":                   {in: "https://ac_me.service-now.com"},
		"label of 64":                  {in: "https://" + strings.Repeat("a", 64) + ".service-now.com"},
		"very long":                    {in: "https://" + strings.Repeat("a.", 200) + "service-now.com"},
		"vanity":                       {in: "https://support.acme.com"},
		"servicenow.com":               {in: "https://acme.servicenow.com"},
		"IPv4":                         {in: "https://10.0.0.1"},
		"IPv6":                         {in: "https://[::1]"},
		"decimal address":              {in: "https://2130706433"},
		"unicode look-alike":           {in: "https://acme.service‑now.com"}, // U+2011
		"cyrillic look-alike":          {in: "https://аcme.service-now.com"}, // U+0430
		"full-width dot":               {in: "https://acme．service-now.com"},
		"kelvin sign":                  {in: "https://\u212Aacme.service-now.com"},
		"punycode":                     {in: "https://xn--cme-7cd.service-now.com"},
		"percent":                      {in: "https://acme%2eevil.service-now.com"},
		"backslash":                    {in: `https://evil.com\.service-now.com`},
		"space inside":                 {in: "https://ac me.service-now.com"},
		"newline inside":               {in: "https://acme.service-now.com\nx"},
		"NUL inside":                   {in: "https://acme\x00.service-now.com"},
		"two addresses":                {in: "https://acme.service-now.com,https://b.service-now.com"},
		"allowed host":                 {in: "http://localhost:8099", want: "http://localhost:8099", simulated: true},
		"allowed host, https":          {in: "https://localhost:8099", want: "https://localhost:8099", simulated: true},
		"allowed host without a port":  {in: "http://simulator", want: "http://simulator", simulated: true},
		"allowed address":              {in: "http://127.0.0.1:9000", want: "http://127.0.0.1:9000", simulated: true},
		"allowed IPv6":                 {in: "http://[::1]:9000", want: "http://[::1]:9000", simulated: true},
		"allowed, other case":          {in: "http://SIM.example:80", want: "http://sim.example:80", simulated: true},
		"allowed host, other port":     {in: "http://localhost:8098"},
		"allowed host, no port":        {in: "http://localhost"},
		"allowed host, port added":     {in: "http://simulator:80"},
		"allowed host, trailing slash": {in: "http://localhost:8099/"},
		"allowed host, path":           {in: "http://localhost:8099/x"},
		"allowed host, userinfo":       {in: "http://a@localhost:8099"},
		"allowed host, ftp":            {in: "ftp://localhost:8099"},
		"subdomain of an allowed host": {in: "http://x.simulator"},
	} {
		t.Run(name, func(t *testing.T) {
			got, simulated, err := servicenow.ParseInstanceURL(tt.in, allow)
			if got != tt.want || simulated != tt.simulated {
				t.Errorf("got %q, %t; want %q, %t", got, simulated, tt.want, tt.simulated)
			}
			if tt.want == "" && (neo.CodeOf(err) != neo.CodeInvalid ||
				neo.MessageOf(err) != "instance_url must be a service-now.com or servicenowservices.com domain") {
				t.Errorf("error %v", err)
			}
			if tt.want != "" && err != nil {
				t.Errorf("error %v", err)
			}
		})
	}
}
