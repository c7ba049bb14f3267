package neo

import (
	"strings"
)

// TextLimit is how many characters of one value a delivery carries; the planted
// script cuts what is longer. It counts as the script does, in UTF-16 units.
const TextLimit = 8000

// SameText reports whether two texts, of which either may come from a delivery, are
// one text: one that was cut is the same as every one that begins so. The end of a
// line is written in two ways, and white space at the end comes and goes on the way
// through an instance.
func SameText(a, b string) bool {
	if a == b {
		return true
	}
	x, y := evenText(a), evenText(b)
	return x == y || cutFrom(a, x, y) || cutFrom(b, y, x)
}

// cutFrom reports whether short, which came as raw, is what the script leaves of whole.
// A cut in the middle of a character leaves half of it, which became U+FFFD.
func cutFrom(raw, short, whole string) bool {
	if len(raw) < TextLimit || len(short) > len(whole)+len("\uFFFD") || utf16Units(raw) != TextLimit {
		return false
	}
	return strings.HasPrefix(whole, strings.TrimSuffix(short, "\uFFFD"))
}

func evenText(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return strings.TrimRight(s, " \t\n\u00A0")
}

func utf16Units(s string) int {
	n := 0
	for _, c := range s {
		if n++; c > 0xFFFF {
			n++
		}
	}
	return n
}
