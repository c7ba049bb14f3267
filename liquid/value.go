package liquid

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// Moment is a time that is shown as a text of its own; the filter date uses At.
type Moment struct {
	Text string
	At   time.Time
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

// number reads a number: a whole one where it can be.
func number(s string) (any, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, false
	}
	return f, true
}

// amount returns a value as a number, int64 or float64.
func amount(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64, float64:
		return v, true
	}
	s := strings.TrimSpace(text(v))
	if s == "" || len(s) > 40 {
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

func holds(left any, op string, right any) bool {
	if op == "contains" {
		if items, ok := left.([]any); ok {
			for i := range items {
				if holds(items[i], "==", right) {
					return true
				}
			}
			return false
		}
		return text(right) != "" && strings.Contains(text(left), text(right))
	}
	var order int
	a, aIsNumber := amount(left)
	b, bIsNumber := amount(right)
	at, aIsTime := moment(left)
	bt, bIsTime := moment(right)
	switch {
	case aIsNumber && bIsNumber:
		order = compareNumbers(a, b)
	case aIsTime && bIsTime:
		order = at.Compare(bt)
	case op == "==" || op == "!=" || op == "<>":
		order = strings.Compare(text(left), text(right))
	case text(left) == "" || text(right) == "":
		return false // what is missing is in no order
	default:
		order = strings.Compare(text(left), text(right))
	}
	switch op {
	case "==":
		return order == 0
	case "!=", "<>":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
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
