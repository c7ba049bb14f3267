// Package spelling says when two texts are the same to people: however their letters
// are composed, whatever their case, and whichever blanks they have. It is the one
// normal form by which rules compare texts and by which names are looked up.
package spelling

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Same reports whether two texts are the same: without regard to case (ß is ss, every
// sigma is one), to how letters are composed, to the kind of their blanks, and to
// blanks at their ends.
func Same(a, b string) bool {
	a, b = Trim(a), Trim(b)
	if a == b {
		return true
	}
	if ascii(a) && ascii(b) {
		return strings.EqualFold(a, b)
	}
	return Fold(a) == Fold(b)
}

// Normal is the same text for all that are Same.
func Normal(s string) string { return Fold(Trim(s)) }

// Is reports whether s is the same as a text of which the normal form is given. It
// makes no copy of most texts.
func Is(s, normal string) bool {
	if s = Trim(s); s == "" || normal == "" {
		return s == normal
	}
	if len(s) == len(normal) && HasPrefix(s, normal) {
		return true
	}
	if s[0] < utf8.RuneSelf && normal[0] < utf8.RuneSelf && lower(s[0]) != normal[0] || ascii(s) {
		return false
	}
	if !simple(s) {
		return Fold(s) == normal
	}
	f := folder{rest: s}
	for rest := normal; ; {
		r, ok := f.next()
		if !ok {
			return rest == ""
		}
		want, size := utf8.DecodeRuneInString(rest)
		if size == 0 || want != r {
			return false
		}
		rest = rest[size:]
	}
}

// HasPrefix reports whether a text of ASCII alone begins, in any case, with one that
// is folded.
func HasPrefix(s, folded string) bool {
	if len(s) < len(folded) {
		return false
	}
	for i := range len(folded) {
		if lower(s[i]) != folded[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// Contains reports whether a text contains a part, as Same compares. Every text
// contains the empty one.
func Contains(s, part string) bool { return strings.Contains(Fold(s), Fold(part)) }

// Trim takes off the blanks at both ends, and what nobody sees there.
func Trim(s string) string {
	if s == "" || plain(s[0]) && plain(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}

// plain is an ASCII character that can be seen.
func plain(b byte) bool { return ' ' < b && b < utf8.RuneSelf }

// Fold brings a text into normal form and leaves its blanks at the ends.
func Fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	f := folder{rest: s}
	for r, ok := f.next(); ok; r, ok = f.next() {
		b.WriteRune(r)
	}
	if folded := b.String(); !norm.NFC.IsNormalString(folded) { // what is not seen stood between a letter and its mark
		return norm.NFC.String(folded)
	}
	return b.String()
}

// Readable is a text with its letters composed and plain blanks, in the case it has:
// for regular expressions.
func Readable(s string) string {
	if ascii(s) {
		return s
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case invisible(r):
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
}

// Hash is the same for texts that are Same; now and then also for others (FNV-1a over
// the first most characters).
func Hash(s string, most int) uint64 {
	const prime = 1099511628211
	const start = 14695981039346656037
	s = Trim(s)
	h := uint64(start)
	for i := 0; ; i++ {
		if i == len(s) {
			return h
		}
		if s[i] >= utf8.RuneSelf { // maybe a mark of the character before
			break
		}
		if i == most {
			return h
		}
		h = (h ^ uint64(lower(s[i]))) * prime
	}
	h = start
	f := folder{rest: s}
	if !simple(s) {
		f.rest = Fold(s)
	}
	for range most {
		r, ok := f.next()
		if !ok {
			break
		}
		h = (h ^ uint64(r)) * prime
	}
	return h
}

// folder gives the folded characters of a text one by one.
type folder struct {
	rest   string
	second rune // the rest of a character that folds to two; 0: none
}

func (f *folder) next() (rune, bool) {
	if f.second != 0 {
		r := f.second
		f.second = 0
		return r, true
	}
	for f.rest != "" {
		r, size := rune(f.rest[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(f.rest)
		}
		f.rest = f.rest[size:]
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A', true
		case r < utf8.RuneSelf:
			return r, true
		case r == 'ß' || r == 'ẞ':
			f.second = 's'
			return 's', true
		case invisible(r):
			continue
		case unicode.Is(unicode.Zs, r):
			return ' ', true
		}
		// Over upper case, so that letters with several lower cases (σ and ς) become one.
		return unicode.ToLower(unicode.ToUpper(r)), true
	}
	return 0, false
}

// invisible are characters that take no room and say nothing: they come with texts
// that were copied from elsewhere.
func invisible(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u2060', '\ufeff': // soft hyphen, zero-width space, word joiner, byte order mark
		return true
	}
	return false
}

// simple reports whether a text has only characters that fold one by one: no marks
// that are added to letters, and nothing that could be composed once it is folded.
func simple(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x300: // Latin
			if r == 'ı' || r == 'ſ' || r == '\u00ad' {
				return false
			}
		case 0x388 <= r && r <= 0x3ce, 0x400 <= r && r <= 0x482: // Greek, Cyrillic
		case 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa, 0x4e00 <= r && r <= 0x9fff: // kana, Chinese characters
		default:
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
