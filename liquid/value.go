package liquid

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// Moment is a time of a ticket that is shown as a text of its own; filters and
// comparisons use At.
type Moment struct {
	Text string
	At   time.Time
	Day  bool // At is the beginning of a day, and all of it is meant
}

// Shown is a value that people see as another text than the stored one: a choice, a
// number with separators. Calculations and comparisons with numbers use what is stored.
type Shown struct{ Text, Stored string }

// dated is the text that the filter date has made of a time, or other filters of such a
// text; at is zero then. It is a text to all filters.
type dated struct {
	text string
	at   time.Time
}

// isTimed reports whether a value is a time, or a text that was made of one.
func isTimed(v any) bool {
	switch v.(type) {
	case time.Time, Moment, dated:
		return true
	}
	return false
}

// shownTime is how a time is shown that no filter has formatted.
const shownTime = "2006-01-02 15:04"

// text returns what is shown for a value.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case encoded:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.Format(shownTime)
	case Moment:
		return v.Text
	case Shown:
		return v.Text
	case dated:
		return v.text
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = text(v[i])
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// list returns the items of a value; one that is no list is a list of itself.
func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case nil, map[string]any:
		return nil
	}
	if text(v) == "" {
		return nil
	}
	return []any{v}
}

// number reads a number as people write one, 12 or -3.50: a whole one where it can be.
func number(s string) (any, bool) {
	if !plainNumber(s) {
		return nil, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, false
	}
	return f, true
}

// maxNumber bounds the characters of a number.
const maxNumber = 40

// plainNumber reports whether a text is digits, with a sign and a decimal point at most.
func plainNumber(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	digits, points := 0, 0
	for i := range len(s) {
		switch {
		case digit(s[i]):
			digits++
		case s[i] == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// amount returns a value as a number, int64 or float64.
func amount(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64, float64:
		return v, true
	case Shown:
		if n, ok := number(strings.TrimSpace(v.Stored)); ok && len(v.Stored) <= maxNumber {
			return n, true
		}
	}
	s := strings.TrimSpace(text(v))
	if s == "" || len(s) > maxNumber {
		return nil, false
	}
	return number(s)
}

func float(n any) float64 {
	switch n := n.(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// whole returns a value as a whole number, 0 when it is none.
func whole(v any) int64 {
	n, _ := amount(v)
	switch n := n.(type) {
	case int64:
		return n
	case float64:
		return fromFloat(n)
	}
	return 0
}

func fromFloat(f float64) int64 {
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// span is how many numbers there are from first to last.
func span(first, last int64) int64 {
	if last < first {
		return 0
	}
	if n := uint64(last) - uint64(first); n < math.MaxInt64 {
		return int64(n) + 1
	}
	return math.MaxInt64
}

// size is about the bytes that a value is shown with.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case encoded:
		return len(v)
	case Moment:
		return len(v.Text)
	case Shown:
		return len(v.Text)
	case dated:
		return len(v.text)
	case []any:
		n := 0
		for i := range v {
			n += 2 + size(v[i])
		}
		return n
	}
	return 8
}

func isTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case nil:
		return false
	case []any:
		return true
	case map[string]any:
		return len(v) > 0
	}
	return text(v) != ""
}

// compared reports whether a comparison holds. Times compare as times, also with a text
// that is one; two texts are equal when they are the same text, and numbers compare as
// numbers where one side is one, or both look like numbers and their order is asked for.
func (r *renderer) compared(left any, op string, right any) bool {
	if op == "contains" {
		if items, ok := left.([]any); ok {
			for i := range items {
				if r.compared(items[i], "==", right) {
					return true
				}
			}
			return false
		}
		return text(right) != "" && strings.Contains(text(left), text(right))
	}
	equality := op == "==" || op == "!=" || op == "<>"
	order, inOrder := 0, true
	switch a, b, ok := numbers(left, right, equality); {
	case ok:
		order = compareNumbers(a, b)
	case equality && sameShown(left, right):
	case isTime(left) || isTime(right):
		if order, inOrder = r.compareTimes(left, right); !inOrder && equality {
			order, inOrder = strings.Compare(text(left), text(right)), true
		}
	default:
		order = strings.Compare(text(left), text(right))
		// What is missing is in no order, and neither is a number with a text that is none.
		inOrder = text(left) != "" && text(right) != "" && !isNumber(left) && !isNumber(right)
	}
	switch op {
	case "==":
		return order == 0
	case "!=", "<>":
		return order != 0
	case "<":
		return inOrder && order < 0
	case "<=":
		return inOrder && order <= 0
	case ">":
		return inOrder && order > 0
	}
	return inOrder && order >= 0
}

// numbers returns both sides as numbers. For equality one of them has to be a number, and
// not a text that looks like one: "0042" is another cost centre than "42".
func numbers(left, right any, equality bool) (a, b any, ok bool) {
	if equality && !isNumber(left) && !isNumber(right) {
		return nil, nil, false
	}
	if a, ok = amount(left); !ok {
		return nil, nil, false
	}
	b, ok = amount(right)
	return a, b, ok
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, int64, float64:
		return true
	}
	return false
}

// sameShown: a choice is equal to what is stored for it as well: people write "1" as well
// as "1 - Critical".
func sameShown(left, right any) bool {
	if l, ok := left.(Shown); ok {
		return l.Stored == text(right)
	}
	r, ok := right.(Shown)
	return ok && r.Stored == text(left)
}

func isTime(v any) bool {
	_, ok := moment(v)
	return ok
}

// compareTimes compares two times, of which one may be a text; false when it is no time.
// Of a day none of its hours is before or after it.
func (r *renderer) compareTimes(left, right any) (order int, ok bool) {
	a, aDay, ok1 := r.time(left)
	b, bDay, ok2 := r.time(right)
	if !ok1 || !ok2 {
		return 0, false
	}
	switch {
	case bDay && !a.Before(b) && a.Before(b.AddDate(0, 0, 1)), aDay && !b.Before(a) && b.Before(a.AddDate(0, 0, 1)):
		return 0, true
	}
	return a.Compare(b), true
}

// time returns a value as a time; day: all of that day is meant.
func (r *renderer) time(v any) (at time.Time, day, ok bool) {
	switch v := v.(type) {
	case Moment:
		return v.At, v.Day, true
	case time.Time:
		return v, false, true
	case dated:
		if !v.at.IsZero() && len(v.text) != len(time.DateOnly) {
			return v.at, false, true
		}
	case int, int64, float64, bool, nil:
		return at, false, false
	}
	s := strings.TrimSpace(text(v))
	if at, err := time.ParseInLocation(time.DateOnly, s, r.now.Location()); err == nil {
		return at, true, true
	}
	at, ok = readTime(s, r.now)
	return at, false, ok
}

func compareNumbers(a, b any) int {
	if a, ok := a.(int64); ok {
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	}
	return cmp.Compare(float(a), float(b))
}

// moment returns a value that is a time.
func moment(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case Moment:
		return v.At, true
	}
	return time.Time{}, false
}
