package simulator

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"

	"github.com/dop251/goja"
)

func (s *script) glideStringUtil() *goja.Object {
	o := s.vm.NewObject()
	_ = o.Set("base64Encode", func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) })
	_ = o.Set("base64Decode", func(v string) string {
		b, _ := base64.StdEncoding.DecodeString(v)
		return string(b)
	})
	_ = o.Set("escapeHTML", func(v string) string {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(v)
	})
	return o
}

var macs = map[string]func() hash.Hash{"HmacSHA256": sha256.New, "HmacSHA1": sha1.New, "HmacSHA512": sha512.New}

// newCertificateEncryption offers generateMac(base64Key, algorithm, data), which answers the MAC in base64. The key is the
// base64 of its bytes; data counts in UTF-8. Global scripts call the class GlideCertificateEncryption, scoped ones
// CertificateEncryption (fact sheet 4.3).
func (s *script) newCertificateEncryption(call goja.ConstructorCall) *goja.Object {
	_ = call.This.Set("generateMac", func(key, algorithm, data string) (string, error) {
		k, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			return "", err
		}
		newHash := macs[algorithm]
		if newHash == nil {
			return "", errAlgorithm(algorithm)
		}
		m := hmac.New(newHash, k)
		m.Write([]byte(data))
		return base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
	})
	return nil
}

type errAlgorithm string

func (e errAlgorithm) Error() string { return "java.security.NoSuchAlgorithmException: " + string(e) }
