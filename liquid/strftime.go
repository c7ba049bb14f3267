package liquid

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bounds of a format.
const (
	maxFormat = 500 // bytes of one that stands in a template
	maxWidth  = 100 // of one directive
)

// directive is what stands for one letter of strftime: a number, a text, or others in a
// row. The letters and their meaning are those of Ruby's Time#strftime, which Liquid uses.
type directive struct {
	number func(t time.Time) int
	width  int  // of a number
	blank  bool // a number is filled up with blanks, and not with zeros
	text   func(t time.Time) string
	lower  bool // "#" makes it lower case, and not upper case
	all    string
}

func textIn(layout string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(layout) }
}

// directives are all that there are, for the check when a template is saved and for its
// rendering.
var directives = map[byte]directive{
	'Y': {number: time.Time.Year, width: 4},
	'C': {number: func(t time.Time) int { return floorDiv(t.Year(), 100) }, width: 2},
	'y': {number: func(t time.Time) int { return t.Year() - 100*floorDiv(t.Year(), 100) }, width: 2},
	'm': {number: func(t time.Time) int { return int(t.Month()) }, width: 2},
	'd': {number: time.Time.Day, width: 2},
	'e': {number: time.Time.Day, width: 2, blank: true},
	'j': {number: time.Time.YearDay, width: 3},
	'H': {number: time.Time.Hour, width: 2},
	'k': {number: time.Time.Hour, width: 2, blank: true},
	'I': {number: hour12, width: 2},
	'l': {number: hour12, width: 2, blank: true},
	'M': {number: time.Time.Minute, width: 2},
	'S': {number: time.Time.Second, width: 2},
	's': {number: func(t time.Time) int { return int(t.Unix()) }, width: 1},
	'u': {number: func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }, width: 1},
	'w': {number: func(t time.Time) int { return int(t.Weekday()) }, width: 1},
	'U': {number: func(t time.Time) int { return (t.YearDay() + 6 - int(t.Weekday())) / 7 }, width: 2},
	'W': {number: func(t time.Time) int { return (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7 }, width: 2},
	'V': {number: func(t time.Time) int { _, week := t.ISOWeek(); return week }, width: 2},
	'G': {number: func(t time.Time) int { year, _ := t.ISOWeek(); return year }, width: 4},
	'g': {number: func(t time.Time) int { year, _ := t.ISOWeek(); return year - 100*floorDiv(year, 100) }, width: 2},

	'B': {text: textIn("January")}, 'b': {text: textIn("Jan")}, 'h': {text: textIn("Jan")},
	'A': {text: textIn("Monday")}, 'a': {text: textIn("Mon")},
	'p': {text: textIn("PM"), lower: true}, 'P': {text: textIn("pm")},
	'Z': {text: textIn("MST"), lower: true},
	'n': {text: func(time.Time) string { return "\n" }}, 't': {text: func(time.Time) string { return "\t" }}, '%': {text: func(time.Time) string { return "%" }},

	'c': {all: "%a %b %e %H:%M:%S %Y"}, 'D': {all: "%m/%d/%y"}, 'x': {all: "%m/%d/%y"}, 'F': {all: "%Y-%m-%d"}, 'T': {all: "%H:%M:%S"},
	'X': {all: "%H:%M:%S"}, 'R': {all: "%H:%M"}, 'r': {all: "%I:%M:%S %p"}, 'v': {all: "%e-%^b-%Y"}, '+': {all: "%a %b %e %H:%M:%S %Z %Y"},

	// Their width says something else: see fraction and offset.
	'L': {}, 'N': {}, 'z': {},
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func hour12(t time.Time) int { return (t.Hour()+11)%12 + 1 }

// place is a directive in a format, as in "%-d" or "%^10B".
type place struct {
	flags  string // of "-0_^#"
	width  int    // 0: that of the directive
	colons int    // before a z
	letter byte
}

func (p place) has(flag byte) bool { return strings.IndexByte(p.flags, flag) >= 0 }

// readPlace reads what follows a % at the beginning of s, n bytes of it. The error is a
// sentence without its full stop.
func readPlace(s string) (p place, n int, err error) {
	for ; n < len(s) && strings.IndexByte("-0_^#", s[n]) >= 0; n++ {
	}
	p.flags = s[:n]
	digits := n
	for ; n < len(s) && digit(s[n]); n++ {
	}
	if n > digits {
		if p.width, err = strconv.Atoi(s[digits:n]); err != nil || p.width > maxWidth {
			return p, n, fmt.Errorf("%%%s is wider than %d characters", s[:n], maxWidth)
		}
	}
	for ; n < len(s) && s[n] == ':'; n++ {
		p.colons++
	}
	if n == len(s) {
		return p, n, fmt.Errorf("the format ends with a %%; write %%%% for the sign")
	}
	p.letter = s[n]
	n++
	if _, known := directives[p.letter]; !known || p.colons > 0 && p.letter != 'z' || p.colons > 3 {
		return p, n, fmt.Errorf("%%%s is not known; use %%Y-%%m-%%d %%H:%%M, for example", strings.ToValidUTF8(s[:n-1]+oneRune(s[n-1:]), ""))
	}
	return p, n, nil
}

// checkFormat says what is wrong with a format; nil when strftime knows all that is in it.
func checkFormat(format string) error {
	if len(format) > maxFormat {
		return fmt.Errorf("the format has %d bytes; %d are allowed", len(format), maxFormat)
	}
	for {
		at := strings.IndexByte(format, '%')
		if at < 0 {
			return nil
		}
		_, n, err := readPlace(format[at+1:])
		if err != nil {
			return err
		}
		format = format[at+1+n:]
	}
}

// strftime formats a time. What it does not know, in a format that was not there when the
// template was saved, stays as it is.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for format != "" && b.Len() <= MaxOutput {
		at := strings.IndexByte(format, '%')
		if at < 0 {
			break
		}
		b.WriteString(format[:at])
		p, n, err := readPlace(format[at+1:])
		if err != nil {
			b.WriteString(format[at : at+1+n])
		} else {
			b.WriteString(p.of(t))
		}
		format = format[at+1+n:]
	}
	b.WriteString(format)
	return b.String()
}

// of is what the directive stands for at a time.
func (p place) of(t time.Time) string {
	switch p.letter {
	case 'L', 'N':
		return p.fraction(t)
	case 'z':
		return p.offset(t)
	}
	d := directives[p.letter]
	if d.number != nil {
		n, sign := d.number(t), ""
		if n < 0 {
			n, sign = -n, "-"
		}
		fill := byte('0')
		if d.blank {
			fill = ' '
		}
		return p.padded(sign, strconv.Itoa(n), max(p.width, d.width), fill)
	}
	s := ""
	if d.all != "" {
		s = strftime(d.all, t)
	} else {
		s = d.text(t)
	}
	switch {
	case p.has('#') && d.lower:
		s = strings.ToLower(s)
	case p.has('^') || p.has('#'):
		s = strings.ToUpper(s)
	}
	return p.padded("", s, p.width, ' ')
}

// padded fills up to a width; the flags come before what is usual.
func (p place) padded(sign, s string, width int, fill byte) string {
	for _, flag := range []byte(p.flags) {
		switch flag {
		case '-':
			fill = '-'
		case '0':
			fill = '0'
		case '_':
			fill = ' '
		}
	}
	missing := width - len(sign) - len([]rune(s))
	switch {
	case fill == '-' || missing <= 0:
		return sign + s
	case fill == '0':
		return sign + strings.Repeat("0", missing) + s
	}
	return strings.Repeat(" ", missing) + sign + s
}

// fraction is the part of a second, as many digits as the width says.
func (p place) fraction(t time.Time) string {
	digits := p.width
	switch {
	case digits == 0 && p.letter == 'L':
		digits = 3
	case digits == 0:
		digits = 9
	}
	all := fmt.Sprintf("%09d", t.Nanosecond())
	if digits > len(all) {
		return all + strings.Repeat("0", digits-len(all))
	}
	return all[:digits]
}

// offset is that of the time zone: +0100, with colons +01:00, +01:00:00, or as short as it
// can be.
func (p place) offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	rest := ""
	switch {
	case p.colons == 0:
		rest = fmt.Sprintf("%02d", m)
	case p.colons == 1 || p.colons == 3 && m != 0 && s == 0:
		rest = fmt.Sprintf(":%02d", m)
	case p.colons == 2 || p.colons == 3 && s != 0:
		rest = fmt.Sprintf(":%02d:%02d", m, s)
	}
	return p.padded(sign, strconv.Itoa(h)+rest, max(p.width, len("+00")+len(rest)), '0')
}
