package liquid

import (
	"errors"
	"fmt"
	"html"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
)

// filter is a function that a value can be sent through.
type filter struct {
	least, most int // arguments
	apply       func(v any, args []any) (any, error)
}

// filters are all of them, by name. What they make is bounded by the renderer;
// those that could make much more than they are given check that themselves.
var filters = map[string]filter{
	"default": {1, 1, func(v any, a []any) (any, error) {
		if isTrue(v) && len(list(v)) > 0 {
			return v, nil
		}
		return a[0], nil
	}},
	"json": {0, 0, func(v any, _ []any) (any, error) { return encoded(encode(v)), nil }},

	"upcase":         onText(strings.ToUpper),
	"downcase":       onText(strings.ToLower),
	"capitalize":     onText(capitalize),
	"strip":          onText(strings.TrimSpace),
	"lstrip":         onText(func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }),
	"rstrip":         onText(func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }),
	"strip_newlines": onText(func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }),
	"strip_html":     onText(stripHTML),
	"escape":         onText(html.EscapeString),
	"newline_to_br":  onText(func(s string) string { return strings.ReplaceAll(s, "\n", "<br />\n") }),
	"url_encode":     onText(url.QueryEscape),
	"append":         {1, 1, func(v any, a []any) (any, error) { return text(v) + text(a[0]), nil }},
	"prepend":        {1, 1, func(v any, a []any) (any, error) { return text(a[0]) + text(v), nil }},
	"remove":         {1, 1, func(v any, a []any) (any, error) { return replace(v, a[0], "", -1) }},
	"remove_first":   {1, 1, func(v any, a []any) (any, error) { return replace(v, a[0], "", 1) }},
	"replace":        {1, 2, func(v any, a []any) (any, error) { return replace(v, a[0], text(second(a)), -1) }},
	"replace_first":  {1, 2, func(v any, a []any) (any, error) { return replace(v, a[0], text(second(a)), 1) }},
	"truncate":       {0, 2, truncate},
	"truncatewords":  {0, 2, truncateWords},
	"slice":          {1, 2, slice},

	"split":   {1, 1, split},
	"join":    {0, 1, join},
	"first":   {0, 0, func(v any, _ []any) (any, error) { return member(list(v), "first"), nil }},
	"last":    {0, 0, func(v any, _ []any) (any, error) { return member(list(v), "last"), nil }},
	"size":    {0, 0, func(v any, _ []any) (any, error) { return length(v), nil }},
	"reverse": {0, 0, func(v any, _ []any) (any, error) { return reversed(list(v)), nil }},
	"sort":    {0, 0, func(v any, _ []any) (any, error) { return sorted(list(v)), nil }},
	"uniq":    {0, 0, func(v any, _ []any) (any, error) { return unique(list(v)), nil }},

	"plus":  onTimes(1, arithmetic(func(a, b int64) (int64, bool) { c := a + b; return c, (c > a) == (b > 0) }, func(a, b float64) float64 { return a + b })),
	"minus": onTimes(-1, arithmetic(func(a, b int64) (int64, bool) { c := a - b; return c, (c < a) == (b > 0) }, func(a, b float64) float64 { return a - b })),
	"times": arithmetic(func(a, b int64) (int64, bool) {
		c := a * b
		return c, a == 0 || c/a == b && (a != -1 || b != math.MinInt64)
	}, func(a, b float64) float64 { return a * b }),
	"divided_by": {1, 1, dividedBy},
	"modulo":     {1, 1, modulo},
	"at_least":   {1, 1, func(v any, a []any) (any, error) { return oneOf(v, a[0], 1), nil }},
	"at_most":    {1, 1, func(v any, a []any) (any, error) { return oneOf(v, a[0], -1), nil }},
	"abs":        {0, 0, func(v any, _ []any) (any, error) { return rounded(v, math.Abs), nil }},
	"ceil":       {0, 0, func(v any, _ []any) (any, error) { return rounded(v, math.Ceil), nil }},
	"floor":      {0, 0, func(v any, _ []any) (any, error) { return rounded(v, math.Floor), nil }},
	"round":      {0, 1, round},

	"date": {1, 1, nil}, // applied by the renderer, which knows what time it is
}

func filterNames() string { return strings.Join(slices.Sorted(maps.Keys(filters)), ", ") }

func onText(f func(string) string) filter {
	return filter{0, 0, func(v any, _ []any) (any, error) { return f(text(v)), nil }}
}

func second(a []any) any {
	if len(a) > 1 {
		return a[1]
	}
	return nil
}

func capitalize(s string) string {
	for i, c := range s {
		return string(unicode.ToUpper(c)) + strings.ToLower(s[i+len(string(c)):])
	}
	return s
}

// stripHTML takes tags away. What is left is text and not made safe for HTML.
func stripHTML(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			break
		}
		b.WriteString(s[:open])
		s = s[open+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

func replace(v, old any, with string, n int) (any, error) {
	s, o := text(v), text(old)
	if o == "" {
		return s, nil
	}
	if count := strings.Count(s, o); n < 0 && count*len(with) > MaxOutput {
		return nil, fmt.Errorf("the text would have more than %d bytes", MaxOutput)
	}
	return strings.Replace(s, o, with, n), nil
}

// truncate shortens to a number of characters (50), the dots included.
func truncate(v any, a []any) (any, error) {
	s, most, dots := []rune(text(v)), int64(50), []rune("...")
	if len(a) > 0 {
		most = whole(a[0])
	}
	if len(a) > 1 {
		dots = []rune(text(a[1]))
	}
	if int64(len(s)) <= most {
		return string(s), nil
	}
	keep := clamp(most-int64(len(dots)), len(s))
	return strings.TrimRight(string(s[:keep]), " ") + string(dots), nil
}

func truncateWords(v any, a []any) (any, error) {
	words, most, dots := strings.Fields(text(v)), int64(15), "..."
	if len(a) > 0 {
		most = max(whole(a[0]), 1)
	}
	if len(a) > 1 {
		dots = text(a[1])
	}
	if int64(len(words)) <= most {
		return text(v), nil
	}
	return strings.Join(words[:most], " ") + dots, nil
}

func slice(v any, a []any) (any, error) {
	from, n := whole(a[0]), int64(1)
	if len(a) > 1 {
		n = whole(a[1])
	}
	cut := func(size int) (int, int) {
		if from < 0 {
			from += int64(size)
		}
		if from < 0 || from > int64(size) {
			return 0, 0
		}
		first := clamp(from, size)
		return first, first + clamp(n, size-first)
	}
	if items, ok := v.([]any); ok {
		first, end := cut(len(items))
		return items[first:end:end], nil
	}
	s := []rune(text(v))
	first, end := cut(len(s))
	return string(s[first:end]), nil
}

func split(v any, a []any) (any, error) {
	s, at := text(v), text(a[0])
	if strings.Count(s, at) > maxItems {
		return nil, fmt.Errorf("the list would have more than %d items", maxItems)
	}
	var parts []string
	switch {
	case s == "":
	case at == " ":
		parts = strings.Fields(s)
	default:
		parts = strings.Split(s, at)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	items := make([]any, len(parts))
	for i := range parts {
		items[i] = parts[i]
	}
	return items, nil
}

func join(v any, a []any) (any, error) {
	with := " "
	if len(a) > 0 {
		with = text(a[0])
	}
	items := list(v)
	if len(items)*len(with) > MaxOutput {
		return nil, fmt.Errorf("the text would have more than %d bytes", MaxOutput)
	}
	parts := make([]string, len(items))
	for i := range items {
		parts[i] = text(items[i])
	}
	return strings.Join(parts, with), nil
}

func length(v any) int64 {
	if items, ok := v.([]any); ok {
		return int64(len(items))
	}
	return int64(len([]rune(text(v))))
}

func reversed(items []any) []any {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}

func sorted(items []any) []any {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b any) int {
		x, xIsNumber := amount(a)
		y, yIsNumber := amount(b)
		switch {
		case xIsNumber && yIsNumber:
			return compareNumbers(x, y)
		case xIsNumber:
			return -1
		case yIsNumber:
			return 1
		}
		return strings.Compare(text(a), text(b))
	})
	return items
}

func unique(items []any) []any {
	seen := make(map[string]bool, len(items))
	var some []any
	for _, item := range items {
		if t := text(item); !seen[t] {
			seen[t] = true
			some = append(some, item)
		}
	}
	return some
}

// operands returns both numbers of a calculation; what is missing is 0.
func operands(v, arg any) (a, b any, err error) {
	for _, x := range []struct {
		from any
		to   *any
	}{{v, &a}, {arg, &b}} {
		n, ok := amount(x.from)
		if !ok {
			if strings.TrimSpace(text(x.from)) != "" {
				return nil, nil, errors.New("it needs numbers")
			}
			n = int64(0)
		}
		*x.to = n
	}
	return a, b, nil
}

func arithmetic(ofInts func(a, b int64) (int64, bool), ofFloats func(a, b float64) float64) filter {
	return filter{1, 1, func(v any, args []any) (any, error) {
		a, b, err := operands(v, args[0])
		if err != nil {
			return nil, err
		}
		if x, ok := a.(int64); ok {
			if y, ok := b.(int64); ok {
				if y == 0 { // the checks for overflow compare signs
					return arithmeticZero(x, ofInts)
				}
				n, fits := ofInts(x, y)
				if !fits {
					return nil, errors.New("the number is too large")
				}
				return n, nil
			}
		}
		return finite(ofFloats(float(a), float(b)))
	}}
}

// onTimes adds seconds to a time, or takes them from it; two times are seconds apart.
func onTimes(sign int64, f filter) filter {
	numbers := f.apply
	f.apply = func(v any, args []any) (any, error) {
		at, ok := moment(v)
		if !ok {
			return numbers(v, args)
		}
		if then, ok := moment(args[0]); ok && sign < 0 {
			return numbers(at.Unix(), []any{then.Unix()})
		}
		n, ok := amount(args[0])
		if s := float(n); !ok || math.Abs(s) > maxSeconds {
			return nil, errors.New("a time takes a number of seconds")
		}
		return at.Add(time.Duration(float(n) * float64(sign) * float64(time.Second))), nil
	}
	return f
}

// maxSeconds is more than any time is away, and fits into a time.Duration.
const maxSeconds = 200 * 366 * 24 * 60 * 60

func arithmeticZero(x int64, f func(a, b int64) (int64, bool)) (any, error) {
	n, _ := f(x, 0)
	return n, nil
}

func finite(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errors.New("the number is too large")
	}
	return f, nil
}

// dividedBy rounds down when both numbers are whole, as Liquid does.
func dividedBy(v any, args []any) (any, error) {
	a, b, err := operands(v, args[0])
	if err != nil {
		return nil, err
	}
	if float(b) == 0 {
		return nil, errors.New("a number cannot be divided by 0")
	}
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok && (x != math.MinInt64 || y != -1) {
			q := x / y
			if x%y != 0 && (x < 0) != (y < 0) {
				q--
			}
			return q, nil
		}
	}
	return finite(float(a) / float(b))
}

func modulo(v any, args []any) (any, error) {
	a, b, err := operands(v, args[0])
	if err != nil {
		return nil, err
	}
	if float(b) == 0 {
		return nil, errors.New("a number cannot be divided by 0")
	}
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			if y == -1 {
				return int64(0), nil
			}
			m := x % y
			if m != 0 && (m < 0) != (y < 0) {
				m += y
			}
			return m, nil
		}
	}
	return finite(math.Mod(float(a), float(b)))
}

// oneOf returns the greater (1) or the smaller (-1) number.
func oneOf(v, arg any, which int) any {
	a, b, err := operands(v, arg)
	if err != nil {
		return v
	}
	if compareNumbers(a, b) == which {
		return a
	}
	return b
}

func rounded(v any, f func(float64) float64) any {
	n, ok := amount(v)
	if !ok {
		return v
	}
	if i, ok := n.(int64); ok && i != math.MinInt64 {
		if f(-1) == 1 && i < 0 { // abs
			return -i
		}
		return i
	}
	whole := f(float(n))
	if whole == math.Trunc(whole) && math.Abs(whole) < 1<<62 {
		return int64(whole)
	}
	return whole
}

func round(v any, a []any) (any, error) {
	places := int64(0)
	if len(a) > 0 {
		places = min(max(whole(a[0]), 0), 10)
	}
	if places == 0 {
		return rounded(v, math.Round), nil
	}
	n, ok := amount(v)
	if !ok {
		return v, nil
	}
	by := math.Pow10(int(places))
	return finite(math.Round(float(n)*by) / by)
}
