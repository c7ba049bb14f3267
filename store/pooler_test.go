package store

import "testing"

// What a pooler does with two connections that ask in turn, by the process that
// answers each.
func TestFault20SharedSessionsAreSeen(t *testing.T) {
	for _, c := range []struct {
		name string
		pid  func() func(i int) int32
		want bool
	}{
		{"PostgreSQL itself", func() func(int) int32 { return func(i int) int32 { return int32(100 + i) } }, false},
		{"the session that was used last", func() func(int) int32 { return func(int) int32 { return 100 } }, true},
		{"sessions in turn", func() func(int) int32 {
			n := int32(0)
			return func(int) int32 { n++; return 100 + n%3 }
		}, true},
		{"two sessions in turn", func() func(int) int32 {
			n := int32(0)
			return func(int) int32 { n++; return 100 + n/2%2 }
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			pid := c.pid()
			shared, err := sessionsShared(func(i int) (int32, error) { return pid(i), nil })
			if shared != c.want || err != nil {
				t.Errorf("shared %v, %v, want %v", shared, err, c.want)
			}
		})
	}
}
