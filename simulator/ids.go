package simulator

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
)

// stableID is a sys_id made from a name, so that sample records have the same id in every fresh instance.
func stableID(name string) string {
	sum := md5.Sum([]byte("neo simulator " + name))
	return hex.EncodeToString(sum[:])
}

// randomHex is n random bytes in hex. crypto/rand does not fail on the platforms Go supports.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func newSysID() string { return randomHex(16) }

// validSysID says whether a client may choose this sys_id for a new record.
func validSysID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
