package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

func TestScriptCrypto(t *testing.T) {
	mac := func(key, data string) string {
		m := hmac.New(sha256.New, []byte(key))
		m.Write([]byte(data))
		return base64.StdEncoding.EncodeToString(m.Sum(nil))
	}
	for _, tt := range []struct {
		name, expression string
		quirks           Quirks
		want, log        string
	}{
		{name: "global class", expression: `new GlideCertificateEncryption().generateMac('a2V5', 'HmacSHA256', 'hé')`, want: mac("key", "hé")},
		{name: "scoped class", expression: `new CertificateEncryption().generateMac('a2V5', 'HmacSHA256', '{}')`, want: mac("key", "{}")},
		{name: "unknown algorithm", expression: `new GlideCertificateEncryption().generateMac('a2V5', 'HmacMD4', 'x')`, log: "NoSuchAlgorithmException"},
		{name: "key is not base64", expression: `new GlideCertificateEncryption().generateMac('!', 'HmacSHA256', 'x')`, log: "illegal base64"},
		{name: "the class is missing", expression: `new GlideCertificateEncryption()`, quirks: Quirks{NoCertificateEncryption: true},
			log: "ReferenceError: GlideCertificateEncryption is not defined"},
		{name: "a script can find out", expression: `typeof GlideCertificateEncryption`, quirks: Quirks{NoCertificateEncryption: true}, want: "undefined"},
		{name: "base64 by GlideStringUtil", expression: `GlideStringUtil.base64Encode('hé')`, want: "aMOp"},
		{name: "base64 by gs", expression: `gs.base64Encode('hé')`, want: "aMOp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t, func(o *Options) { o.Quirks = tt.quirks })
			addRule(t, rn, map[string]any{"when": "before", "script": "current.description = " + tt.expression + ";"})
			id := rn.api(t, "admin", "POST", "/api/now/table/incident", `{}`).result(t)["sys_id"].(string)
			if got := rn.Get("incident", id)["description"]; got != tt.want {
				t.Errorf("%s = %q, want %q", tt.expression, got, tt.want)
			}
			if log := rn.SystemLog(); tt.log != "" && (len(log) == 0 || !strings.Contains(log[0].Message, tt.log)) {
				t.Errorf("log lacks %q: %+v", tt.log, log)
			}
		})
	}
}
