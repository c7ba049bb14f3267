package neo

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// ids makes UUIDs of version 7 (RFC 9562) that also increase within one process,
// so that sorting rows by id is sorting them by time of creation.
var ids struct {
	sync.Mutex
	last uint64 // milliseconds << 12 | counter
}

// NewID returns a new UUIDv7. Ids made by one process increase strictly.
func NewID() string { return newID(time.Now()) }

func newID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[8:]) // never fails: crypto/rand ends the process instead
	tick := uint64(now.UnixMilli()) << 12

	ids.Lock()
	if tick <= ids.last {
		tick = ids.last + 1
	}
	ids.last = tick
	ids.Unlock()

	binary.BigEndian.PutUint64(b[:8], tick>>12<<16|0x7000|tick&0x0fff)
	b[8] = b[8]&0x3f | 0x80

	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// FirstID returns an id that is smaller than each that NewID makes at t or later, and
// greater than those of earlier milliseconds.
func FirstID(t time.Time) string {
	ms := fmt.Sprintf("%012x", max(0, t.UnixMilli()))
	return ms[:8] + "-" + ms[8:12] + "-7000-8000-000000000000"
}

// NewSecret returns a random URL-safe secret of 43 characters (256 bits).
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	s := make([]byte, 0, 43)
	var acc uint32
	bits := 0
	for _, c := range b {
		acc, bits = acc<<8|uint32(c), bits+8
		for bits >= 6 {
			bits -= 6
			s = append(s, alphabet[acc>>bits&63])
		}
	}
	return string(append(s, alphabet[acc<<(6-bits)&63]))
}
