package simulator

import (
	"strconv"
	"strings"
)

// equality compares the way the database would for that kind of column.
func equality(f field, want string) func(string) bool {
	switch f.kind {
	case kindBoolean:
		if b, ok := parseBool(want); ok {
			want = b
		}
	case kindInteger:
		if n, err := strconv.Atoi(strings.TrimSpace(want)); err == nil {
			want = strconv.Itoa(n)
		}
	}
	return func(v string) bool { return v == want || strings.EqualFold(v, want) }
}

func compares(c int, op string) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

// compareValues orders two stored values: integers as numbers, everything else as text without case.
func compareValues(k kind, a, b string) int {
	if k == kindInteger {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	}
	if k == kindDateTime {
		return strings.Compare(a, b)
	}
	return compareFold(a, b)
}

func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := lower(a[i]), lower(b[i])
		if x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// containsFold says whether s contains the lower-case needle, ignoring case.
func containsFold(s, needle string) bool {
	if len(needle) == 0 {
		return true
	}
	if len(s) < len(needle) {
		return false
	}
	return strings.Contains(strings.ToLower(s), needle)
}
