package servicenow

import (
	"context"
	"fmt"
	"time"

	"github.com/neoagent/neo"
)

// deliveryRemedies are the seed page's, for "Connected but webhooks aren't arriving".
var deliveryRemedies = []string{
	"Check System Definition → Business Rules in ServiceNow for a rule named " + ruleName + " on the task table. It should exist and be Active.",
	"Verify System Definition → System Properties contains " + propertyName + " pointing at Neo's callback address, shown below.",
	"If either is missing, click Reconnect. That is safe to repeat: it plants again what is missing and changes nothing else.",
	"Confirm that the instance can reach Neo's address from its network over HTTPS: System Logs → Outbound HTTP Requests shows what became of its calls.",
}

const (
	// enoughChanges is how many changes there must have been before they say anything.
	enoughChanges = 3
	// wantedShare is what must have been delivered of the newest changes.
	wantedShare = 0.9
)

// foundBySweep counts a change that nobody had delivered. One that was made while no
// delivery could arrive, since Neo was not running or the instance was away, says nothing
// about deliveries.
func (w *Watcher) foundBySweep(e neo.Event) {
	id := e.Ticket.IntegrationID
	d := neo.Deliveries{Sweep: 1}
	if !e.ChangedAt.Before(w.listensSince(id)) {
		d.Missed = 1
		w.mu.Lock()
		w.missed[id]++
		w.mu.Unlock()
	}
	w.Delivered(id, d)
}

// listensSince is the time, by the instance's clock, since which its deliveries could
// have been taken.
func (w *Watcher) listensSince(integrationID string) time.Time {
	back, ahead := w.connections.backSince(integrationID)
	since := w.began
	if back.After(since) {
		since = back
	}
	return since.Add(ahead).Truncate(time.Second)
}

// sawUndelivered adds what the sweep under way has missed to what was missed since the
// last delivery, and tells people when that is too much.
func (w *Watcher) sawUndelivered(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	w.mu.Lock()
	missed := w.missed[in.ID]
	delete(w.missed, in.ID)
	w.mu.Unlock()
	had := watch.Undelivered.Count
	if missed == 0 && had == 0 {
		return
	}
	d, err := w.deliveries(ctx, in.ID)
	if err != nil {
		w.Log.Error("deliveries cannot be counted", "integration", in.ID, "err", err)
		return
	}
	watch.Undelivered = watch.Undelivered.After(d.Last)
	if missed > 0 {
		if watch.Undelivered.Count == 0 {
			watch.Undelivered.Since = w.now()
		}
		watch.Undelivered.Count += missed
	}
	if watch.Undelivered.Count >= enoughChanges || had >= enoughChanges {
		w.tell(ctx, in, alertWebhooks, webhooksTitle, w.deliveryCheck(d, watch.Undelivered))
	}
}

const webhooksTitle = "Webhooks are not arriving"

// tellDeliveries tells people how deliveries do.
func (w *Watcher) tellDeliveries(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	d, err := w.deliveries(ctx, in.ID)
	if err != nil {
		w.Log.Error("deliveries cannot be counted", "integration", in.ID, "err", err)
		return
	}
	w.tell(ctx, in, alertWebhooks, webhooksTitle, w.deliveryCheck(d, watch.Undelivered))
}

// deliveries returns how changes came in the last hour, with what is not stored yet.
func (w *Watcher) deliveries(ctx context.Context, integrationID string) (neo.Deliveries, error) {
	w.storeTally(ctx)
	return w.Store.Deliveries(ctx, integrationID, w.now().Add(-time.Hour))
}

func (w *Watcher) deliveryCheck(d neo.Deliveries, u neo.Undelivered) neo.Check {
	return deliveryCheck(d, u, w.now(), 2*w.SweepEvery)
}

// deliveryCheck judges how changes came. That none came says nothing: there may have
// been none. What had to be looked for does: the newest changes, not the share of an
// hour in which there were many others before. A delivery may be on its way for a while
// (patience), so that one look alone says nothing where others arrived.
func deliveryCheck(d neo.Deliveries, u neo.Undelivered, now time.Time, patience time.Duration) neo.Check {
	c := neo.Check{Name: "deliveries", Label: "Webhooks arrive", State: "ok"}
	u = u.After(d.Last)
	total := d.Webhook + d.Sweep
	last := "None has arrived yet."
	if !d.Last.IsZero() {
		last = fmt.Sprintf("The last one arrived %s ago.", now.Sub(d.Last).Round(time.Second))
	}
	newest := d.Newest.Webhook + d.Newest.Missed
	none := u.Count >= enoughChanges && (d.Webhook == 0 || now.Sub(u.Since) >= patience)
	switch {
	case d.Refused > 0 && (d.Webhook == 0 || none):
		c.State = "failed"
		c.Detail = fmt.Sprintf("Connected but webhooks aren't arriving: %d deliveries of the last hour were refused, since their key or time was wrong. %s", d.Refused, last)
		c.Remedies = []string{"Click Reconnect: that plants the address with its present key.", "Check the instance's clock: deliveries that are more than five minutes off are refused."}
	case none:
		c.State = "failed"
		c.Detail = fmt.Sprintf("Connected but webhooks aren't arriving: none of the last %d changes was delivered; Neo found them by looking. %s", u.Count, last)
		c.Remedies = deliveryRemedies
	case d.Newest.Missed >= enoughChanges && float64(d.Newest.Webhook) < wantedShare*float64(newest):
		c.State = "warning"
		c.Detail = fmt.Sprintf("Of the last %d changes, %d were not delivered; Neo found them by looking. %s", newest, d.Newest.Missed, last)
		c.Remedies = deliveryRemedies
	case total == 0:
		c.Detail = "No ticket has changed in the last hour. " + last
	default:
		c.Detail = fmt.Sprintf("%d of the %d changes of the last hour were delivered. %s", d.Webhook, total, last)
	}
	return c
}
