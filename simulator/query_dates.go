package simulator

import (
	"strconv"
	"strings"
	"time"
)

const (
	stamp = "2006-01-02 15:04:05" // how the platform writes a date and time
	day   = "2006-01-02"
)

// script works out a javascript: value. Only the calls the platform's guarded mode allows are known; anything else is
// empty, as it is there. Plain values come back unchanged; plain dates are UTC.
func (e queryEnv) script(value string) string {
	call, ok := strings.CutPrefix(value, "javascript:")
	if !ok {
		return value
	}
	name, rest, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(call), ";"), "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		return ""
	}
	var args []string
	for _, a := range strings.Split(strings.TrimSuffix(rest, ")"), ",") {
		args = append(args, strings.Trim(strings.TrimSpace(a), `'"`))
	}
	n, _ := strconv.Atoi(args[0])
	zone := time.UTC
	var me *actor
	if me = e.actor; me != nil && me.zone != nil {
		zone = me.zone
	}
	local := e.now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	utc := func(t time.Time) string { return t.UTC().Format(stamp) }
	switch name {
	case "gs.getUserID":
		if me != nil {
			return me.id
		}
	case "gs.getUserName":
		if me != nil {
			return me.userName
		}
	case "gs.nowDateTime", "gs.now":
		return utc(e.now)
	case "gs.minutesAgo":
		return utc(e.now.Add(-time.Duration(n) * time.Minute))
	case "gs.hoursAgo":
		return utc(e.now.Add(-time.Duration(n) * time.Hour))
	case "gs.daysAgo":
		return utc(e.now.AddDate(0, 0, -n))
	case "gs.daysAgoStart":
		return utc(midnight.AddDate(0, 0, -n))
	case "gs.daysAgoEnd":
		return utc(midnight.AddDate(0, 0, 1-n).Add(-time.Second))
	case "gs.beginningOfToday":
		return utc(midnight)
	case "gs.endOfToday":
		return utc(midnight.AddDate(0, 0, 1).Add(-time.Second))
	case "gs.dateGenerate":
		if len(args) == 2 {
			if t, err := time.ParseInLocation(stamp, args[0]+" "+args[1], zone); err == nil {
				return utc(t)
			}
		}
	}
	return ""
}

// rangeTerm compiles fieldBETWEENa@b and fieldONToday@javascript:from@javascript:to.
func rangeTerm(tm term, f field, env queryEnv, read func(*record) string) predicate {
	parts := strings.Split(tm.value, "@")
	if len(parts) < 2 {
		return nil
	}
	from, to := env.script(parts[len(parts)-2]), env.script(parts[len(parts)-1])
	want := tm.op != "NOTON"
	return func(r *record) bool {
		v := read(r)
		in := v != "" && compareValues(f.kind, v, from) >= 0 && compareValues(f.kind, v, to) <= 0
		return in == want
	}
}

// relativeTerm compiles fieldRELATIVEGE@hour@ago@1.
func relativeTerm(tm term, now time.Time, read func(*record) string) predicate {
	parts := strings.Split(strings.TrimPrefix(tm.value, "@"), "@")
	if len(parts) != 3 {
		return nil
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil {
		return nil
	}
	if parts[1] == "ago" {
		n = -n
	}
	var at time.Time
	switch parts[0] {
	case "minute":
		at = now.Add(time.Duration(n) * time.Minute)
	case "hour":
		at = now.Add(time.Duration(n) * time.Hour)
	case "dayofweek", "day":
		at = now.AddDate(0, 0, n)
	case "month":
		at = now.AddDate(0, n, 0)
	case "year":
		at = now.AddDate(n, 0, 0)
	default:
		return nil
	}
	edge := at.UTC().Format(stamp)
	op := map[string]string{"RELATIVEGT": ">", "RELATIVELT": "<", "RELATIVEGE": ">=", "RELATIVELE": "<="}[tm.op]
	return func(r *record) bool {
		v := read(r)
		if v == "" {
			return false
		}
		if op == "" {
			return v[:min(len(v), len(day))] == edge[:len(day)]
		}
		return compares(strings.Compare(v, edge), op)
	}
}
