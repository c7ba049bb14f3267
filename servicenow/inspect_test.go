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
	last := now.Add(-2 * time.Minute)
	for name, c := range map[string]struct {
		d     neo.Deliveries
		state string
		says  string
	}{
		"never anything":           {neo.Deliveries{}, "ok", "None has arrived yet"},
		"a quiet hour":             {neo.Deliveries{Last: last}, "ok", "2m0s ago"},
		"all delivered":            {neo.Deliveries{Webhook: 40, Last: last}, "ok", "40 of the 40"},
		"one quiet update":         {neo.Deliveries{Webhook: 40, Sweep: 1, Last: last}, "ok", "40 of the 41"},
		"too few to tell":          {neo.Deliveries{Sweep: 2}, "ok", "0 of the 2"},
		"some are lost":            {neo.Deliveries{Webhook: 8, Sweep: 4, Last: last}, "warning", "4 were not delivered"},
		"none arrives":             {neo.Deliveries{Sweep: 3}, "failed", "Connected but webhooks aren't arriving: all 3"},
		"the key is of yesterday":  {neo.Deliveries{Refused: 5, Sweep: 1}, "failed", "5 deliveries of the last hour were refused"},
		"refused, but others come": {neo.Deliveries{Webhook: 40, Refused: 1, Last: last}, "ok", "40 of the 40"},
	} {
		got := deliveryCheck(c.d, now)
		if got.State != c.state || !strings.Contains(got.Detail, c.says) || (c.state != "ok") != (len(got.Remedies) > 0) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
