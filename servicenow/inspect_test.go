package servicenow

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

func TestConsentIsToldBeforeItEnds(t *testing.T) {
	connected := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		days  int
		state string
		says  string
	}{
		{0, "ok", "another 100 days"},
		{85, "ok", "another 15 days"},
		{86, "warning", "in 14 days"},
		{96, "warning", "in 4 days"},
		{97, "failed", "in 3 days; then Neo stops"},
		{100, "failed", "are over"},
	} {
		got := consentCheck(neo.Integration{ConnectedAt: connected}, connected.AddDate(0, 0, c.days))
		if got.State != c.state || !strings.Contains(got.Detail, c.says) || (c.state != "ok") != (len(got.Remedies) > 0) {
			t.Errorf("after %d days: %+v", c.days, got)
		}
	}
}

func TestWhetherWebhooksArrive(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	last := now.Add(-5 * time.Minute)
	since := func(minutes int, n int64) neo.Undelivered {
		return neo.Undelivered{Count: n, Since: now.Add(-time.Duration(minutes) * time.Minute)}
	}
	newest := func(webhook, missed int64) neo.Share { return neo.Share{Webhook: webhook, Missed: missed} }
	for name, c := range map[string]struct {
		d     neo.Deliveries
		u     neo.Undelivered
		state string
		says  string
	}{
		"never anything":          {neo.Deliveries{}, neo.Undelivered{}, "ok", "None has arrived yet"},
		"a quiet hour":            {neo.Deliveries{Last: last}, neo.Undelivered{}, "ok", "5m0s ago"},
		"all delivered":           {neo.Deliveries{Webhook: 40, Last: last, Newest: newest(40, 0)}, neo.Undelivered{}, "ok", "40 of the 40"},
		"one quiet update":        {neo.Deliveries{Webhook: 40, Sweep: 1, Missed: 1, Last: last, Newest: newest(40, 1)}, since(1, 1), "ok", "40 of the 41"},
		"too few to tell":         {neo.Deliveries{Sweep: 2, Missed: 2, Newest: newest(0, 2)}, since(1, 2), "ok", "0 of the 2"},
		"some are lost":           {neo.Deliveries{Webhook: 8, Sweep: 4, Missed: 4, Last: last, Newest: newest(8, 4)}, neo.Undelivered{}, "warning", "Of the last 12 changes, 4 were not delivered"},
		"none arrives":            {neo.Deliveries{Sweep: 3, Missed: 3, Newest: newest(0, 3)}, since(0, 3), "failed", "Connected but webhooks aren't arriving: none of the last 3"},
		"the key is of yesterday": {neo.Deliveries{Refused: 5, Sweep: 1}, neo.Undelivered{}, "failed", "5 deliveries of the last hour were refused"},
		"refused, others come":    {neo.Deliveries{Webhook: 40, Refused: 1, Last: last, Newest: newest(40, 0)}, neo.Undelivered{}, "ok", "40 of the 40"},

		// The newest changes count, not the share of an hour.
		"fault 34: the rule was deactivated in a busy hour":   {neo.Deliveries{Webhook: 400, Sweep: 12, Missed: 12, Last: last, Newest: newest(0, 12)}, since(4, 12), "failed", "none of the last 12 changes was delivered"},
		"fault 34: with few changes":                          {neo.Deliveries{Webhook: 400, Sweep: 3, Missed: 3, Last: last, Newest: newest(30, 3)}, since(3, 3), "failed", "none of the last 3 changes was delivered"},
		"fault 34: the key has changed in a busy hour":        {neo.Deliveries{Webhook: 400, Sweep: 4, Missed: 4, Refused: 4, Last: last, Newest: newest(30, 4)}, since(3, 4), "failed", "4 deliveries of the last hour were refused"},
		"fault 34: one look found some, which may still come": {neo.Deliveries{Webhook: 400, Sweep: 5, Missed: 5, Last: last, Newest: newest(100, 5)}, since(1, 5), "ok", "400 of the 405"},
		"fault 34: they came":                                 {neo.Deliveries{Webhook: 400, Sweep: 5, Missed: 5, Last: now, Newest: newest(100, 5)}, since(9, 5), "ok", "400 of the 405"},
		"fault 34: just started, after a night":               {neo.Deliveries{Sweep: 300, Last: now.Add(-9 * time.Hour)}, neo.Undelivered{}, "ok", "0 of the 300"},
		"fault 34: quiet since":                               {neo.Deliveries{Webhook: 2, Last: last, Newest: newest(2, 0)}, neo.Undelivered{}, "ok", "2 of the 2"},
	} {
		got := deliveryCheck(c.d, c.u, now, 2*time.Minute)
		if got.State != c.state || !strings.Contains(got.Detail, c.says) || (c.state != "ok") != (len(got.Remedies) > 0) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
