package liquid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo/liquid"
)

// Times stay times through a chain of filters, and compare as times.
func TestFault13TimesInTexts(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 29, 21, 31, 14, 344_000_000, time.UTC).In(berlin) // a Sunday, 22:31 there
	opened := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).In(berlin)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, berlin)
	v := map[string]any{"now": at, "list": []any{}, "ticket": map[string]any{
		"opened": liquid.Moment{Text: "11/24/2026 10:00:00 AM", At: opened}, "stored": "2026-11-24 09:00:00",
		"day":  liquid.Moment{Text: "11/24/2026", At: day, Day: true},
		"cost": "0042", "exp": "4.2E1", "count": "9", "priority": liquid.Shown{Text: "1 - Critical", Stored: "1"}, "amount": liquid.Shown{Text: "1,234", Stored: "1234"},
	}}
	is := func(condition string) string { return "{% if " + condition + " %}yes{% else %}no{% endif %}" }
	for _, c := range []struct{ source, want string }{
		{"{{ now | date: '%s' | plus: 86400 | date: '%Y-%m-%d %H:%M' }}", "2026-11-30 22:31"},
		{"{{ now | plus: 86400 | date: '%Y-%m-%d %H:%M' }}", "2026-11-30 22:31"},
		{"{{ now | minus: ticket.opened | divided_by: 86400 }}", "5"},
		{"{{ 'now' | date: '%Y-%m-%d %H:%M' }} {{ 'TODAY' | date: '%A' }}", "2026-11-29 22:31 Sunday"},
		{"{{ 0 | date: '%Y-%m-%d %H:%M' }} {{ '86400' | date: '%Y-%m-%d %H:%M' }}", "1970-01-01 01:00 1970-01-02 01:00"},
		{"{{ 'March 14, 2016' | date: '%F' }} {{ '14 March 2016' | date: '%F' }} {{ '2016-03-14T10:00:00+02:00' | date: '%H %z' }}", "2016-03-14 2016-03-14 10 +0200"},
		{"{{ now | date: '%Y-%m-%d' | date: '%H' }}", "00"},
		{"{{ now | date: '%H' | plus: 1 }}", "23"},
		{"{{ 'soon' | date: '%F' }}{{ ticket.nothing | date: '%F' }}", "soon"},
		{"{{ now | date: '' }}", "2026-11-29 22:31"},
		{"{% assign f = '%Q %' %}{{ now | date: f }}", "%Q %"},

		{"{{ now | date: '%l|%k|%I|%U|%W|%V|%G|%g|%u|%w|%C|%e|%P|%p|%j|%L|%N|%3N|%s' }}", "10|22|10|48|47|48|2026|26|7|0|20|29|pm|PM|333|344|344000000|344|1795987874"},
		{"{{ ticket.opened | date: '%l|%-l|%k|%-k|%_m|%-m|%e|%-e|%05d|%^a|%^B|%#p|%10A|%-d|%_5S|%%|%n|%t' }}", "10|10|10|10|11|11|24|24|00024|TUE|NOVEMBER|am|   Tuesday|24|    0|%|\n|\t"},
		{"{{ now | date: '%z|%:z|%::z|%:::z|%Z|%_6z|%-z' }}", "+0100|+01:00|+01:00:00|+01|CET|  +100|+100"},
		{"{{ now | date: '%c|%D|%F|%T|%R|%r|%x|%X|%v|%h' }}", "Sun Nov 29 22:31:14 2026|11/29/26|2026-11-29|22:31:14|22:31|10:31:14 PM|11/29/26|22:31:14|29-NOV-2026|Nov"},
		{"{{ '2026-01-02 03:04:05' | date: '%l:%M %P %U %W %j %e' }}", " 3:04 am 00 00 002  2"},
		{"{{ '2027-01-01' | date: '%G-W%V-%u %U' }}", "2026-W53-5 00"},

		{is("ticket.opened > '2026-11-01'"), "yes"},
		{is("ticket.opened < '2026-11-01'"), "no"},
		{is("ticket.opened == '2026-11-24'"), "yes"},
		{is("ticket.opened != '2026-11-24'"), "no"},
		{is("ticket.opened >= '2026-11-24' and ticket.opened <= '2026-11-24'"), "yes"},
		{is("ticket.opened < '2026-11-24 09:00:01' and ticket.opened > '2026-11-24T09:59:59+01:00'"), "yes"},
		{is("ticket.opened == '11/24/2026 10:00:00 AM'"), "yes"},
		{is("ticket.opened > '24.10.2026'"), "no"},
		{is("ticket.opened < 'now'"), "yes"},
		{is("'2026-12-01' > ticket.opened"), "yes"},
		{is("ticket.day == '2026-11-24' and now > ticket.day"), "yes"},
		{is("ticket.day == ticket.opened"), "yes"},
		{"{% assign limit = now | minus: 86400 %}" + is("ticket.opened < limit"), "yes"},
		{"{% assign today = now | date: '%Y-%m-%d' %}" + is("ticket.opened == today"), "no"},

		{is("ticket.cost == '42'"), "no"},
		{is("ticket.cost == '0042'"), "yes"},
		{is("ticket.cost == 42"), "yes"},
		{is("ticket.exp == '42'"), "no"},
		{is("ticket.exp == 42"), "no"},
		{is("ticket.count < '10'"), "yes"},
		{is("ticket.count > 8"), "yes"},
		{is("ticket.stored < 5 or ticket.stored > 5 or ticket.stored <= 5"), "no"},
		{is("ticket.priority < 2 and ticket.priority == '1' and ticket.priority == '1 - Critical'"), "yes"},
		{is("ticket.amount > 1000"), "yes"},
		{"{{ ticket.amount | plus: 1 }} {{ ticket.amount }} {{ ticket.amount | size }}", "1235 1,234 5"},
		{"{% case ticket.cost %}{% when '42' %}sales{% when '0042' %}other{% endcase %}", "other"},
	} {
		tpl, err := liquid.Parse(c.source, names)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		got, err := tpl.Render(v, at)
		if err != nil || got.Text != strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(c.want) {
			t.Errorf("%s\n got %q, %v\nwant %q", c.source, got.Text, err, c.want)
		}
	}
}

// Who writes the text into a field learns whether it is a time.
func TestFault13TextsThatAreTimes(t *testing.T) {
	for _, c := range []struct {
		source               string
		at, formatted, timed bool
	}{
		{"{{ now }}", true, false, true},
		{" {{ ticket.opened }}\n", true, false, true},
		{"{{ now | date: '%F' }}", true, true, true},
		{"{% if ticket.nothing %}{{ ticket.number }}{% else %}{{ now | date: '%F' }}{% endif %}", true, true, true},
		{"{% assign x = now | date: '%F' %}{{ ticket.nothing }}{{ x }}", true, true, true},
		{"{{ now | date: '%F' }} 17:00", false, false, true},
		{"{% capture x %}{{ now | date: '%F' }}{% endcapture %}{{ x }}", false, false, true},
		{"{{ now | date: '%F' | append: ' 17:00' }}", false, false, true},
		{"2026-11-24", false, false, false},
	} {
		tpl, err := liquid.Parse(c.source, names)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tpl.Render(values(), now)
		if err != nil || got.At.IsZero() == c.at || got.Formatted != c.formatted || got.Timed != c.timed {
			t.Errorf("%s is %+v, %v", c.source, got, err)
		}
	}
}
