package store_test

import (
	"testing"
	"time"
)

// A session lives on while it is used, to its end; that it is used is written once in an
// hour and not for each request.
func TestFault22SessionsAreReadWithoutWriting(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			now := time.Now()
			c := d.config(t)
			c.Now = func() time.Time { return now }
			db := open(t, c)
			s := db.Sessions()
			if err := s.Commit("a", []byte("data"), now.Add(7*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				name  string
				after time.Duration
				found bool
			}{
				{"at once", 0, true},
				{"within the hour", 59 * time.Minute, true},
				{"used each day, day 1", 23 * time.Hour, true},
				{"day 2", 23 * time.Hour, true},
				{"day 3", 23 * time.Hour, true},
				{"day 4", 23 * time.Hour, true},
				{"day 5", 23 * time.Hour, true},
				{"day 6", 23 * time.Hour, true},
				{"day 7", 23 * time.Hour, true},
				{"after its end, though it was used", 23 * time.Hour, false},
			} {
				now = now.Add(step.after)
				if _, found, err := s.Find("a"); err != nil || found != step.found {
					t.Fatalf("%s: found %v, %v; want %v", step.name, found, err, step.found)
				}
			}
			if err := s.Commit("b", nil, now.Add(7*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			now = now.Add(24 * time.Hour)
			if _, found, _ := s.Find("b"); found {
				t.Error("a session that nobody used for a day is found")
			}
			if err := s.Delete("b"); err != nil {
				t.Fatal(err)
			}
		})
	}
}
