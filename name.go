package neo

import (
	"strings"
	"unicode"
)

// CheckName says what is wrong with a name that people choose something by: "" when
// nothing is. Such a name can be seen, and cannot pass itself off as another one.
func CheckName(name string) string {
	switch {
	case !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }):
		return "The name is empty: give one that people recognise."
	case strings.ContainsFunc(name, invisible):
		return "The name has a line break or another character that cannot be seen; take it out."
	}
	return ""
}

// invisible reports whether a character breaks a line of text or turns its direction.
func invisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' || unicode.Is(unicode.Bidi_Control, r)
}
