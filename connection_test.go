package neo

import (
	"strings"
	"testing"
	"time"
)

// Fault 23: one status, never well when it is not.
func TestFault23StatusOfAConnection(t *testing.T) {
	now := time.Date(2026, 11, 29, 14, 30, 0, 0, time.UTC)
	at := func(clock string) time.Time {
		parsed, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 11, 29, parsed.Hour(), parsed.Minute(), 0, 0, time.UTC)
	}
	ok := []Check{{Name: "deliveries", State: "ok"}, {Name: "sweep", State: "ok"}, {Name: "consent", State: "ok"}}
	with := func(name, state string) []Check {
		return append([]Check{{Name: name, Label: "The " + name, State: state, Detail: "Is not well."}}, ok...)
	}
	looked := Inspection{At: at("14:28"), DueAt: at("14:33")}
	well := WatchData{Answering: Answering{At: at("14:29")}, Inspection: looked, Sweep: Sweep{Watermark: at("14:02")}}
	failing := func(failures int) WatchData {
		w := well
		w.Answering = Answering{At: at("14:02"), Failures: failures, Since: at("14:03")}
		return w
	}
	late := well
	late.Inspection.DueAt = at("14:20")
	for _, c := range []struct {
		name    string
		state   SyncState
		silent  time.Time // what the integration's row says
		watch   WatchData
		checks  []Check
		waiting int64
		want    ConnectionState
		since   time.Time
		says    string // "": no message
	}{
		{name: "all is well", state: StateReady, watch: well, checks: ok, want: ConnectionWorking, since: at("14:29")},
		{name: "one check without an answer may be chance", state: StateReady, watch: failing(1), checks: ok, want: ConnectionWorking, since: at("14:02")},
		{name: "two are not", state: StateReady, watch: failing(2), checks: ok, want: ConnectionNotAnswering, since: at("14:03"), says: "reads every change again from 29 November 14:02 UTC"},
		{name: "by the row of the integration", state: StateReady, silent: at("14:04"), watch: well, checks: ok, waiting: 12, want: ConnectionNotAnswering, since: at("14:04"), says: "12 workflow runs wait"},
		{name: "one run waits", state: StateReady, silent: at("14:04"), watch: well, checks: ok, waiting: 1, want: ConnectionNotAnswering, since: at("14:04"), says: "One workflow run waits"},
		{name: "silence comes before what else is wrong", state: StateSetup, watch: failing(5), checks: with("business_rule", "failed"), want: ConnectionNotAnswering, since: at("14:03"), says: "Nothing is lost"},
		{name: "deliveries do not arrive", state: StateReady, watch: well, checks: with("deliveries", "failed"), want: ConnectionActionNeeded, says: "The deliveries: Is not well."},
		{name: "some deliveries do not", state: StateReady, watch: well, checks: with("deliveries", "warning"), want: ConnectionDegraded, says: "The deliveries"},
		{name: "the consent ends", state: StateReady, watch: well, checks: with("consent", "failed"), want: ConnectionActionNeeded, says: "The consent"},
		{name: "tickets cannot be read", state: StateReady, watch: well, checks: with("tickets", "failed"), want: ConnectionActionNeeded, says: "The tickets"},
		{name: "some tickets cannot", state: StateReady, watch: well, checks: with("tickets", "warning"), want: ConnectionWorking, since: at("14:29")},
		{name: "missed changes cannot be looked for", state: StateReady, watch: well, checks: with("sweep", "failed"), want: ConnectionDegraded, says: "The sweep"},
		{name: "nobody has looked", state: StateReady, watch: late, checks: ok, want: ConnectionDegraded, since: at("14:20"), says: "how it does is not known"},
		{name: "an administrator must plant", state: StateSetup, watch: well, checks: ok, want: ConnectionActionNeeded, since: at("13:00"), says: "Why."},
		{name: "consent is needed", state: StateReconnect, watch: well, checks: ok, want: ConnectionActionNeeded, since: at("13:00"), says: "Why."},
		{name: "it failed", state: StateFailed, checks: ok, want: ConnectionActionNeeded, since: at("13:00"), says: "Why."},
		{name: "being set up", state: StateConnecting, want: ConnectionConnecting, since: at("13:00"), says: "Why."},
		{name: "ended", state: StateDisconnected, watch: failing(9), want: ConnectionDisconnected, since: at("13:00"), says: "Why."},
		{name: "a state that is not known", state: "ELSE", want: ConnectionActionNeeded, since: at("13:00"), says: "Why."},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Integration{State: c.state, Message: "Why.", UpdatedAt: at("13:00"), Reach: Reach{SilentSince: c.silent}}
			got := Health{Watch: Watch{WatchData: c.watch}, Checks: c.checks, Waiting: c.waiting}.Status(in, now)
			if got.State != c.want || !got.Since.Equal(c.since) || (got.Message == "") != (c.says == "") || !strings.Contains(got.Message, c.says) || got.Waiting != c.waiting {
				t.Errorf("status is %+v", got)
			}
		})
	}
}
