package servicenow

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/neoagent/neo"
)

// maxDepth is how deep a webhook's JSON may nest. Ours nests 4 deep.
const maxDepth = 32

// reader reads one JSON text (RFC 8259) from front to back. It exists because every
// webhook passes through it: encoding/json takes 43 µs for 3 KB on the machine where
// this takes 14, half of them for the map of fields (BenchmarkDecodeWebhook).
//
// The first error sticks and makes everything after it do nothing, so callers look
// at err once. Strings are parts of s wherever possible. Text that a database may not
// hold (NUL, bytes that are not UTF-8, halves of surrogate pairs) becomes U+FFFD.
type reader struct {
	s     string
	i     int
	depth int
	err   error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = neo.Errorf(neo.CodeInvalid, format, args...)
		r.i = len(r.s)
	}
}

func (r *reader) malformed(expected string) {
	if r.i >= len(r.s) {
		r.fail("the body is not whole JSON: it ends where %s is expected", expected)
		return
	}
	r.fail("the body is not JSON: byte %d is %q where %s is expected", r.i, r.s[r.i], expected)
}

// peek skips white space and returns the next byte, 0 at the end.
func (r *reader) peek() byte {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; c {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return c
		}
	}
	return 0
}

// take consumes c, if it comes next.
func (r *reader) take(c byte) bool {
	if r.peek() != c || r.i >= len(r.s) {
		return false
	}
	r.i++
	return true
}

// object reads an object; f reads the value of each key. name is for errors.
func (r *reader) object(name string, f func(key string)) {
	if !r.open(name, '{', "an object") || r.close('}') {
		return
	}
	for r.err == nil {
		if r.peek() != '"' {
			r.malformed("a key")
			return
		}
		key := r.quoted()
		if !r.take(':') {
			r.malformed("a colon")
			return
		}
		f(key)
		if r.err != nil || r.close('}') {
			return
		}
		if !r.take(',') {
			r.malformed("a comma or }")
		}
	}
}

// array reads an array; f reads each element.
func (r *reader) array(name string, f func()) {
	if !r.open(name, '[', "an array") || r.close(']') {
		return
	}
	for r.err == nil {
		f()
		if r.err != nil || r.close(']') {
			return
		}
		if !r.take(',') {
			r.malformed("a comma or ]")
		}
	}
}

func (r *reader) open(name string, c byte, expected string) bool {
	if r.err != nil {
		return false
	}
	if !r.take(c) {
		r.expected(name, expected)
		return false
	}
	if r.depth++; r.depth > maxDepth {
		r.fail("the body nests deeper than %d levels", maxDepth)
		return false
	}
	return true
}

func (r *reader) close(c byte) bool {
	if r.err == nil && r.take(c) {
		r.depth--
		return true
	}
	return false
}

// expected fails: with the key's name when another kind of value is there, as bad
// JSON when none is.
func (r *reader) expected(name, what string) {
	switch c := r.peek(); {
	case c == '{' || c == '[' || c == '"' || c == '-' || c >= '0' && c <= '9' || c == 't' || c == 'f' || c == 'n':
		r.fail("%s: expected %s", name, what)
	default:
		r.malformed(what)
	}
}

// text reads a string; null is "".
func (r *reader) text(name string) string {
	switch r.peek() {
	case '"':
		return r.quoted()
	case 'n':
		r.literal("null")
	default:
		r.expected(name, "a text")
	}
	return ""
}

// scalar reads a string, number or boolean as text; null is "".
func (r *reader) scalar(name string) string {
	switch c := r.peek(); {
	case c == '"':
		return r.quoted()
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	case c == 't':
		return r.literal("true")
	case c == 'f':
		return r.literal("false")
	case c == 'n':
		r.literal("null")
	default:
		r.expected(name, "a text")
	}
	return ""
}

// skip reads any value and drops it.
func (r *reader) skip(name string) {
	switch r.peek() {
	case '{':
		r.object(name, r.skip)
	case '[':
		r.array(name, func() { r.skip(name) })
	default:
		r.scalar(name)
	}
}

func (r *reader) literal(word string) string {
	if !strings.HasPrefix(r.s[r.i:], word) {
		r.malformed("a value")
		return ""
	}
	r.i += len(word)
	return word
}

func (r *reader) number() string {
	start := r.i
	if r.s[r.i] == '-' {
		r.i++
	}
	if r.i < len(r.s) && r.s[r.i] == '0' {
		r.i++
	} else if !r.digits() {
		return ""
	}
	if r.i < len(r.s) && r.s[r.i] == '.' {
		r.i++
		if !r.digits() {
			return ""
		}
	}
	if r.i < len(r.s) && r.s[r.i]|0x20 == 'e' {
		r.i++
		if r.i < len(r.s) && (r.s[r.i] == '+' || r.s[r.i] == '-') {
			r.i++
		}
		if !r.digits() {
			return ""
		}
	}
	return r.s[start:r.i]
}

func (r *reader) digits() bool {
	start := r.i
	for r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		r.i++
	}
	if r.i == start {
		r.malformed("a digit")
	}
	return r.err == nil
}

// quoted reads a string, whose opening quote is next.
func (r *reader) quoted() string {
	r.i++
	start, ascii := r.i, true
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c == '"':
			s := r.s[start:r.i]
			r.i++
			if !ascii {
				s = strings.ToValidUTF8(s, "\uFFFD")
			}
			return s
		case c == '\\':
			return r.escaped(start)
		case c < 0x20:
			r.malformed("text without raw control characters")
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	r.malformed(`the end of a text (")`)
	return ""
}

// escaped reads on a string that began at start and whose first escape is next.
func (r *reader) escaped(start int) string {
	var b strings.Builder
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == '"':
			b.WriteString(r.s[start:r.i])
			r.i++
			return strings.ToValidUTF8(b.String(), "\uFFFD")
		case c == '\\':
			b.WriteString(r.s[start:r.i])
			r.i++
			b.WriteRune(r.escape())
			start = r.i
		case c < 0x20:
			r.malformed("text without raw control characters")
			return ""
		default:
			r.i++
		}
	}
	r.malformed(`the end of a text (")`)
	return ""
}

// escape reads what follows a backslash.
func (r *reader) escape() rune {
	if r.i >= len(r.s) {
		return 0
	}
	c := r.s[r.i]
	r.i++
	switch c {
	case '"', '\\', '/':
		return rune(c)
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'u':
		u := r.hex4()
		if !utf16.IsSurrogate(u) {
			if u == 0 {
				return utf8.RuneError
			}
			return u
		}
		if strings.HasPrefix(r.s[r.i:], `\u`) {
			mark := r.i
			r.i += 2
			if pair := utf16.DecodeRune(u, r.hex4()); pair != utf8.RuneError {
				return pair
			}
			if r.err == nil {
				r.i = mark
			}
		}
		return utf8.RuneError
	}
	r.i--
	r.malformed("an escape that JSON knows")
	return 0
}

func (r *reader) hex4() rune {
	var u rune
	for range 4 {
		if r.i >= len(r.s) {
			r.malformed("four hexadecimal digits")
			return 0
		}
		switch c := r.s[r.i]; {
		case c >= '0' && c <= '9':
			u = u<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			u = u<<4 | rune(c|0x20-'a'+10)
		default:
			r.malformed("four hexadecimal digits")
			return 0
		}
		r.i++
	}
	return u
}

// end fails unless nothing but white space is left.
func (r *reader) end() {
	if r.err == nil && r.peek() != 0 || r.err == nil && r.i < len(r.s) {
		r.fail("the body goes on after its JSON ends, at byte %d", r.i)
	}
}
