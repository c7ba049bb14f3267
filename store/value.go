package store

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Conversions between what the domain holds and what a column holds. A *To value
// is a destination for Scan on both databases.

// millis is how a time is stored; the zero time is 0. Anything finer than a
// millisecond is lost.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// timeTo reads a column of milliseconds.
func timeTo(t *time.Time) *timeScanner { return &timeScanner{t} }

type timeScanner struct{ t *time.Time }

func (s *timeScanner) Scan(src any) error {
	ms, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", src)
	}
	*s.t = fromMillis(ms)
	return nil
}

// notNull is how bytes are stored where NULL is not allowed.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// storable replaces, in place, what PostgreSQL refuses in a text: NUL and bytes
// that are not UTF-8. Texts come from ticket systems, and one odd character must
// not keep a delivery from being stored. SQLite gets the same, so that both hold
// the same.
func storable(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = storableText(s)
		}
	}
	return args
}

func storableText(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return string([]rune(strings.ReplaceAll(s, "\x00", "")))
}
