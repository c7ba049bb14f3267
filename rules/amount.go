package rules

import (
	"cmp"
	"strings"

	"github.com/neoagent/neo/spelling"
)

// decimal is a number as it is written, exactly: without zeros at the front of whole
// and at the end of fraction. Zero is not negative.
type decimal struct {
	negative        bool
	whole, fraction string
}

func (d decimal) compare(o decimal) int {
	if d.negative != o.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	n := cmp.Or(cmp.Compare(len(d.whole), len(o.whole)), cmp.Compare(d.whole, o.whole), cmp.Compare(d.fraction, o.fraction))
	if d.negative {
		return -n
	}
	return n
}

// amount is a number, maybe of money.
type amount struct {
	decimal
	currency string // upper-case code; anyDollar; "" when it is not said
}

// anyDollar is the currency of "$": which dollar it is, is not said.
const anyDollar = "$"

// comparable reports whether one can be more than the other.
func (a amount) comparable(b amount) bool {
	x, y := a.currency, b.currency
	return x == "" || y == "" || x == y || x == anyDollar && currencies[y] == anyDollar || y == anyDollar && currencies[x] == anyDollar
}

// longestAmount bounds the texts that are read as amounts.
const longestAmount = 64

// amountIn reads a number as people and systems write it: 10, -2.50, "10,000",
// "10.000,5", "10 000", 10%, or one of money: $500, "500 EUR", "USD;90.00". Numbers
// that begin with a zero (0042) or have an exponent are texts. Texts that are the same
// (package spelling) are the same amount.
func amountIn(s string) (amount, bool) {
	s = spelling.Trim(s)
	if s == "" || len(s) > longestAmount {
		return amount{}, false
	}
	if len(s) == 1 && s != "0" {
		return amount{decimal: decimal{whole: s}}, digit(s[0])
	}
	// Most values are none: they are told by their first and last characters.
	switch first, last := digit(s[0]), digit(s[len(s)-1]); {
	case !first && !last, first && last && s[0] == '0' && len(s) > 1 && digit(s[1]):
		return amount{}, false
	case !first:
		if i := firstDigit(s); i > longestSign {
			return amount{}, false
		}
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			s = spelling.Normal(s)
			break
		}
	}
	if d, ok := number(s); ok {
		return amount{decimal: d}, true
	}
	if s[len(s)-1] == '%' {
		d, ok := number(strings.TrimRight(s[:len(s)-1], " "))
		return amount{decimal: d}, ok
	}
	return money(s)
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

func firstDigit(s string) int {
	for i := range len(s) {
		if digit(s[i]) {
			return i
		}
	}
	return -1
}

// longestSign is how many bytes may stand before a number: a sign of a currency, a
// blank, a minus.
const longestSign = 6

// currencies are those whose codes and signs may stand beside a number; "$" as value:
// people write it with that sign.
var currencies = func() map[string]string {
	all := map[string]string{"$": anyDollar, "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL",
		"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "FR.": "CHF", "KČ": "CZK", "ZŁ": "PLN"}
	for _, dollars := range strings.Fields("USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP") {
		all[dollars] = anyDollar
	}
	for _, code := range strings.Fields("EUR GBP CHF JPY CNY INR SEK NOK DKK PLN CZK HUF RON BGN BRL ZAR ILS AED SAR TRY KRW THB MYR IDR PHP") {
		all[code] = code
	}
	return all
}()

// money reads a number with a currency: as ServiceNow stores it, or beside a sign or
// code that is known.
func money(s string) (amount, bool) {
	if len(s) > 4 && s[3] == ';' {
		code := strings.ToUpper(s[:3])
		d, ok := number(s[4:])
		return amount{d, code}, ok && letters(code)
	}
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	sign, figures := s, ""
	if i := firstDigit(s); i > 0 { // "€ -5" has its minus there
		if s[i-1] == '-' && !negative {
			i--
		}
		sign, figures = s[:i], s[i:]
	} else if i == 0 {
		last := len(s)
		for last > 0 && !digit(s[last-1]) {
			last--
		}
		sign, figures = s[last:], s[:last]
	}
	code, known := currency(strings.Trim(sign, " "))
	if !known {
		return amount{}, false
	}
	d, ok := number(figures)
	if negative && (d.whole != "" || d.fraction != "") {
		d.negative = true
	}
	return amount{d, code}, ok
}

// currency reads the code of a currency that is known, or its sign.
func currency(sign string) (string, bool) {
	switch len(sign) {
	case 0:
		return "", false
	case 1:
		return sign, sign == anyDollar
	case 2, 3:
		code := strings.ToUpper(sign)
		known, ok := currencies[code]
		if ok && letters(code) {
			return code, true // a dollar that is named
		}
		return known, ok
	}
	return "", false
}

// letters reports whether s is the code of a currency.
func letters(s string) bool {
	return len(s) == 3 && !strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// number reads a number without a unit.
func number(s string) (decimal, bool) {
	var d decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative, s = s[0] == '-', s[1:]
	}
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	d.whole = s[:i]
	switch {
	case i == 0:
		return decimal{}, false
	case i < len(s) && s[i] == '.' && plainDigits(s[i+1:]):
		d.fraction = s[i+1:]
	case i < len(s) && s[i] < 0x80 && strings.IndexByte(",. '", s[i]) < 0:
		return decimal{}, false
	case i < len(s):
		var ok bool
		if d.whole, d.fraction, ok = separated(s); !ok {
			return decimal{}, false
		}
	}
	if len(d.whole) > 1 && d.whole[0] == '0' {
		return decimal{}, false // an identifier
	}
	d.fraction = strings.TrimRight(d.fraction, "0")
	if d.whole == "0" {
		d.whole = ""
		d.negative = d.negative && d.fraction != ""
	}
	return d, true
}

func plainDigits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

// separated reads a number with separators: of thousands, or a comma before the
// fraction. A single comma before three digits separates thousands, a single point
// never does: systems write fractions so.
func separated(s string) (whole, fraction string, ok bool) {
	comma, point := strings.Count(s, ","), strings.Count(s, ".")
	whole = s
	switch {
	case comma > 0 && point > 0:
		if strings.LastIndexByte(s, '.') > strings.LastIndexByte(s, ',') {
			whole, fraction, _ = strings.Cut(s, ".") // 10,000.5
		} else {
			whole, fraction, _ = strings.Cut(s, ",") // 10.000,5
		}
		if !plainDigits(fraction) {
			return "", "", false
		}
	case comma == 1 && !grouped(s, ","), point == 1: // 12,5 or "10 000.5"
		sep := strings.IndexAny(s, ",.")
		if whole, fraction = s[:sep], s[sep+1:]; !plainDigits(fraction) {
			return "", "", false
		}
	}
	if plainDigits(whole) {
		return whole, fraction, true
	}
	for _, by := range []string{",", ".", " ", "'", "’"} {
		if strings.Contains(whole, by) {
			return strings.ReplaceAll(whole, by, ""), fraction, grouped(whole, by)
		}
	}
	return "", "", false
}

// grouped reports whether s is groups of three digits, the first maybe shorter.
func grouped(s, by string) bool {
	groups := strings.Split(s, by)
	if len(groups) < 2 {
		return false
	}
	for i, g := range groups {
		if !plainDigits(g) || len(g) > 3 || i > 0 && len(g) != 3 || i == 0 && g[0] == '0' {
			return false
		}
	}
	return true
}
