package servicenow

import (
	"net/url"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// instanceDomains are the domains on which ServiceNow hosts instances; the second
// is for the US government's clouds. Vanity hosts are refused: OAuth and the links
// in answers use the platform's own name.
var instanceDomains = []string{".service-now.com", ".servicenowservices.com"}

const errInstanceURL = "instance_url must be a service-now.com or servicenowservices.com domain"

// ParseInstanceURL checks the address of an instance that a person typed and
// returns its one spelling: scheme and lower-case host, nothing after it.
//
// It must be https and the bare host of an instance. allowHosts are exact
// "host" or "host:port" entries (NEO_SERVICENOW_ALLOW_HOSTS) for simulators: for
// those http and a port are fine too, and simulated is true.
//
// Whatever else it is, the error is neo.CodeInvalid with the one documented message.
func ParseInstanceURL(s string, allowHosts []string) (instanceURL string, simulated bool, err error) {
	refused := neo.Errorf(neo.CodeInvalid, errInstanceURL)

	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) { // before lowering: that makes a k of U+212A
		return "", false, refused
	}
	scheme, host, ok := strings.Cut(strings.ToLower(s), "://")
	if !ok || scheme != "https" && scheme != "http" || host == "" {
		return "", false, refused
	}
	if slices.ContainsFunc(allowHosts, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), host) }) {
		u, err := url.Parse(scheme + "://" + host)
		if err != nil || u.Host != host {
			return "", false, refused
		}
		return u.String(), true, nil
	}
	if scheme != "https" || len(host) > 253 {
		return "", false, refused
	}
	for _, domain := range instanceDomains {
		if labels, ok := strings.CutSuffix(host, domain); ok && hostLabels(labels) {
			return "https://" + host, false, nil
		}
	}
	return "", false, refused
}

// hostLabels reports whether s is one or more DNS labels of plain ASCII, joined by
// dots. Punycode is refused: no instance has such a name, and look-alikes do.
func hostLabels(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.HasPrefix(label, "xn--") {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// hostOf returns the host of an instance URL, for messages.
func hostOf(instanceURL string) string {
	if _, host, ok := strings.Cut(instanceURL, "://"); ok {
		return host
	}
	return instanceURL
}
