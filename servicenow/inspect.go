package servicenow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// The conditions that people are told about; an integration's id is added.
const (
	alertWebhooks = "servicenow/webhooks"
	alertPlanted  = "servicenow/planted"
	alertRepaired = "servicenow/repaired"
	alertConsent  = "servicenow/consent"
	alertTickets  = "servicenow/tickets"
	alertEmail    = "servicenow/email"
)

// deliveryRemedies are the seed page's, for "Connected but webhooks aren't arriving".
var deliveryRemedies = []string{
	"Check System Definition → Business Rules in ServiceNow for a rule named " + ruleName + " on the task table. It should exist and be Active.",
	"Verify System Definition → System Properties contains " + propertyName + " pointing at Neo's callback address, shown below.",
	"If either is missing, click Reconnect. That is safe to repeat: it plants again what is missing and changes nothing else.",
	"Confirm that the instance can reach Neo's address from its network over HTTPS: System Logs → Outbound HTTP Requests shows what became of its calls.",
}

// enoughChanges is how many changes there must have been before their share says
// anything; wantedShare is what must have been delivered of them.
const (
	enoughChanges = 3
	wantedShare   = 0.9
)

// repairTold is how long people are told of a repair after it.
const repairTold = 24 * time.Hour

// inspect looks whether what Neo planted is there, active and unedited, repairs it
// where it may, and looks at the consent and at what Neo may read.
func (w *Watcher) inspect(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	watch.InspectAsked, watch.BackfillDays = true, 0 // this is seen to, that is not
	checks, err := w.inspectAll(ctx, in, watch)
	if err == nil {
		w.learn(ctx, in, watch)
	}
	if err != nil {
		checks = append(checks, neo.Check{Name: "instance", Label: "The instance answers", State: "failed", Detail: neo.MessageOf(err)})
		watch.Inspection.DueAt = w.now().Add(w.retryIn(err))
	} else {
		watch.Inspection.DueAt = w.now().Add(w.InspectEvery)
	}
	watch.Inspection.At, watch.Inspection.Checks = w.now(), checks

	d, err := w.deliveries(ctx, in.ID)
	if err != nil {
		w.Log.Error("deliveries cannot be counted", "integration", in.ID, "err", err)
		return
	}
	w.tell(ctx, in, alertWebhooks, "Webhooks are not arriving", deliveryCheck(d, w.now()))
}

// learn reads the instance's fields and choices anew, when that is some time ago. What cannot be read stays as it is known.
func (w *Watcher) learn(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	if w.now().Sub(watch.LearntAt) < dictionaryAge {
		return
	}
	changed, err := w.connections.Learn(ctx, in.ID)
	if err != nil {
		w.Log.Warn("the instance's fields and choices could not be read", "integration", in.ID, "err", err)
		return
	}
	watch.LearntAt = w.now()
	if changed {
		w.Log.Info("the instance's fields or choices have changed", "integration", in.ID)
	}
}

func (w *Watcher) inspectAll(ctx context.Context, in neo.Integration, watch *neo.Watch) ([]neo.Check, error) {
	consent := consentCheck(in, w.now())
	checks := []neo.Check{consent}
	w.tell(ctx, in, alertConsent, "The consent for ServiceNow ends soon", consent)

	client, err := w.connections.client(ctx, in.ID)
	if err != nil {
		return checks, err
	}
	access, err := client.checkAccess(ctx)
	if err != nil {
		return checks, err
	}
	checks = append(checks, access)
	if access.State == "warning" { // some classes and not others: a team may want that
		access.State = "ok"
	}
	w.tell(ctx, in, alertTickets, "Neo cannot read tickets", access)

	url, err := w.Connector.callbackURL(ctx, in)
	if err != nil {
		return checks, err
	}
	d, err := w.deliveries(ctx, in.ID)
	if err != nil {
		return checks, err
	}
	planted := client.provision(ctx, url)
	for i := range planted {
		c := &planted[i]
		if c.unanswered { // that says nothing about what is planted
			return checks, neo.Errorf(neo.CodeUnavailable, "%s", c.Detail)
		}
		if c.unseen && d.Webhook > 0 {
			c.State, c.Remedies = "ok", nil
			c.Detail = "Neo's account may not look whether it is there, but deliveries arrive."
		}
		checks = append(checks, c.Check)
	}
	return checks, w.plantedFound(ctx, in, watch, planted)
}

// plantedFound draws the consequences of what was found planted: it tells people of
// repairs and of what they must repair, and moves the connection between ready and
// waiting for an administrator.
func (w *Watcher) plantedFound(ctx context.Context, in neo.Integration, watch *neo.Watch, planted []plantedCheck) error {
	var problem *neo.Error
	repaired := ""
	for _, c := range planted {
		switch {
		case c.State == "failed" && problem == nil:
			problem = neo.Errorf(neo.CodeRefused, "%s: %s", c.Label, withRemedies(c.Check))
		case c.changed:
			repaired += c.Label + ": " + c.Detail + " "
		}
	}
	switch {
	case repaired != "" && !watch.PlantedAt.IsZero():
		watch.RepairedAt = w.now()
		w.alert(ctx, in, neo.Alert{Key: alertRepaired, Level: neo.AlertWarning, Occurrences: 1,
			Title:   "What Neo planted in ServiceNow had been changed, and is repaired",
			Message: repaired + "Changes in between were found by the sweep. Ask who edits it; edits are overwritten."})
	case !watch.RepairedAt.IsZero() && w.now().Sub(watch.RepairedAt) > repairTold:
		watch.RepairedAt = time.Time{}
		w.resolve(ctx, in, alertRepaired)
	}
	if problem == nil {
		if watch.PlantedAt.IsZero() {
			watch.PlantedAt = w.now()
		}
		w.resolve(ctx, in, alertPlanted)
		return w.become(ctx, in, neo.StateReady, "Connected as "+in.Identity.UserName+".")
	}
	w.alert(ctx, in, neo.Alert{Key: alertPlanted, Level: neo.AlertProblem, Title: "ServiceNow does not report changes to Neo", Message: problem.Message})
	return w.become(ctx, in, neo.StateSetup, problem.Message)
}

// become moves a connection that is looked after to another such state.
func (w *Watcher) become(ctx context.Context, in neo.Integration, state neo.SyncState, message string) error {
	if in.State == state && in.Message == message {
		return nil
	}
	store := w.connections.store
	return store.WithIntegrationLock(ctx, in.ID, func(ctx context.Context) error {
		now, err := store.IntegrationByID(ctx, in.ID)
		if err != nil || !now.State.Watched() || !now.State.CanBecome(state) {
			return err // somebody else has decided meanwhile
		}
		now.State, now.Message, now.UpdatedAt = state, message, w.now()
		return store.InTx(ctx, func(tx neo.Tx) error { return store.SaveIntegration(ctx, tx, now) })
	})
}

// tell raises the alert of a check that is not ok, or resolves it.
func (w *Watcher) tell(ctx context.Context, in neo.Integration, key, title string, c neo.Check) {
	if c.State == "ok" {
		w.resolve(ctx, in, key)
		return
	}
	level := neo.AlertWarning
	if c.State == "failed" {
		level = neo.AlertProblem
	}
	w.alert(ctx, in, neo.Alert{Key: key, Level: level, Title: title, Message: withRemedies(c)})
}

// withRemedies is a check in one text.
func withRemedies(c neo.Check) string {
	return strings.Join(append([]string{c.Detail}, c.Remedies...), " ")
}

// consentCheck looks how long the consent still holds. Refreshing does not prolong
// it; only a new consent does.
func consentCheck(in neo.Integration, now time.Time) neo.Check {
	c := neo.Check{Name: "consent", Label: "Consent"}
	ends := in.ConsentEnds()
	days := int(ends.Sub(now).Hours() / 24)
	c.State, c.Detail = "ok", fmt.Sprintf("Holds until %s, another %d days.", ends.UTC().Format("2 January 2006"), days)
	switch left := ends.Sub(now); {
	case left <= 0:
		c.State, c.Detail = "failed", "The 100 days of the consent are over: ServiceNow will refuse the next access token."
	case left <= 3*24*time.Hour:
		c.State, c.Detail = "failed", fmt.Sprintf("Ends on %s, in %d days; then Neo stops.", ends.UTC().Format("2 January 2006"), days)
	case left <= 14*24*time.Hour:
		c.State, c.Detail = "warning", fmt.Sprintf("Ends on %s, in %d days.", ends.UTC().Format("2 January 2006"), days)
	}
	if c.State != "ok" {
		c.Remedies = []string{"Click Reconnect and allow Neo again as the service account: that begins another 100 days."}
	}
	return c
}

// deliveries returns how changes came in the last hour, with what is not stored yet.
func (w *Watcher) deliveries(ctx context.Context, integrationID string) (neo.Deliveries, error) {
	w.storeTally(ctx)
	return w.Store.Deliveries(ctx, integrationID, w.now().Add(-time.Hour))
}

// deliveryCheck judges how changes came. That none came says nothing: there may
// have been none. What the sweep had to find does.
func deliveryCheck(d neo.Deliveries, now time.Time) neo.Check {
	c := neo.Check{Name: "deliveries", Label: "Webhooks arrive", State: "ok"}
	total := d.Webhook + d.Sweep
	last := "None has arrived yet."
	if !d.Last.IsZero() {
		last = fmt.Sprintf("The last one arrived %s ago.", now.Sub(d.Last).Round(time.Second))
	}
	switch {
	case d.Refused > 0 && d.Webhook == 0:
		c.State = "failed"
		c.Detail = fmt.Sprintf("Connected but webhooks aren't arriving: %d deliveries of the last hour were refused, since their key or time was wrong.", d.Refused)
		c.Remedies = []string{"Click Reconnect: that plants the address with its present key.", "Check the instance's clock: deliveries that are more than five minutes off are refused."}
	case d.Sweep >= enoughChanges && d.Webhook == 0:
		c.State = "failed"
		c.Detail = fmt.Sprintf("Connected but webhooks aren't arriving: all %d changes of the last hour had to be found by the sweep. %s", d.Sweep, last)
		c.Remedies = deliveryRemedies
	case d.Sweep >= enoughChanges && float64(d.Webhook) < wantedShare*float64(total):
		c.State = "warning"
		c.Detail = fmt.Sprintf("Of the %d changes of the last hour, %d were not delivered; the sweep found them. %s", total, d.Sweep, last)
		c.Remedies = deliveryRemedies
	case total == 0:
		c.Detail = "No ticket has changed in the last hour. " + last
	default:
		c.Detail = fmt.Sprintf("%d of the %d changes of the last hour were delivered. %s", d.Webhook, total, last)
	}
	return c
}

// Health returns how an integration does: what the last inspection and the last
// sweep found, and how changes come.
func (w *Watcher) Health(ctx context.Context, in neo.Integration) (neo.Health, error) {
	watch, err := w.Store.Watch(ctx, in.ID)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return neo.Health{Checks: in.Checks}, nil
	}
	if err != nil {
		return neo.Health{}, err
	}
	h := neo.Health{Watch: watch, Checks: watch.Inspection.Checks}
	if h.Deliveries, err = w.deliveries(ctx, in.ID); err != nil {
		return neo.Health{}, err
	}
	if !in.State.Watched() {
		h.Checks = in.Checks
		return h, nil
	}
	sweep := neo.Check{Name: "sweep", Label: "Sweep", State: "ok", Detail: "Looks for changes that were not delivered; all found so far."}
	if watch.Sweep.Error != "" {
		sweep.State, sweep.Detail = "failed", watch.Sweep.Error
	}
	h.Checks = append([]neo.Check{deliveryCheck(h.Deliveries, w.now()), sweep}, h.Checks...)
	return h, nil
}

// inspectPatience is how long Inspect waits for its answer.
const inspectPatience = 20 * time.Second

// Inspect has the instance looked at now, by whoever looks after it, and returns
// what was found.
func (w *Watcher) Inspect(ctx context.Context, in neo.Integration) (neo.Health, error) {
	if !in.State.Watched() {
		return neo.Health{}, neo.Errorf(neo.CodeConflict, "%s is not connected. Click Reconnect first.", hostOf(in.InstanceURL))
	}
	if err := w.Store.AskWatch(ctx, in.ID, true, true); err != nil {
		return neo.Health{}, err
	}
	w.ring()
	ctx, cancel := context.WithTimeout(ctx, inspectPatience)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		watch, err := w.Store.Watch(ctx, in.ID)
		if err != nil {
			return neo.Health{}, err
		}
		if !watch.InspectAsked && !watch.SweepAsked {
			return w.Health(ctx, in)
		}
		select {
		case <-ctx.Done():
			return neo.Health{}, neo.Errorf(neo.CodeUnavailable, "%s has not answered yet. Neo goes on asking; look again in a minute.", hostOf(in.InstanceURL))
		case <-look.C:
			w.ring()
		}
	}
}

// Backfill asks for a backfill over days, or for the one there is to pause or go on.
func (w *Watcher) Backfill(ctx context.Context, in neo.Integration, days int, paused bool) (neo.Health, error) {
	err := w.Store.AskBackfill(ctx, in.ID, days, paused)
	if neo.CodeOf(err) == neo.CodeNotFound {
		err = neo.Errorf(neo.CodeConflict, "%s is not connected. Click Reconnect first.", hostOf(in.InstanceURL))
	}
	if err != nil {
		return neo.Health{}, err
	}
	w.ring()
	return w.Health(ctx, in)
}

// Disconnect removes what was planted, revokes the consent and forgets the secrets.
// The checks say what could not be removed, and how to remove it by hand.
func (w *Watcher) Disconnect(ctx context.Context, in neo.Integration) (neo.Integration, []neo.Check, error) {
	if !in.State.CanBecome(neo.StateDisconnected) {
		return in, nil, neo.Errorf(neo.CodeConflict, "%s is disconnected already.", hostOf(in.InstanceURL))
	}
	checks, err := w.connections.Disconnect(ctx, in.ID)
	if err != nil {
		return in, nil, err
	}
	store := w.connections.store
	err = store.WithIntegrationLock(ctx, in.ID, func(ctx context.Context) error {
		if in, err = store.IntegrationByID(ctx, in.ID); err != nil {
			return err
		}
		in.State, in.Message, in.UpdatedAt = neo.StateDisconnected, "Disconnected. Its history stays.", w.now()
		in.Sealed, in.CallbackHash, in.Checks, in.Identity = neo.SealedSecrets{}, nil, nil, neo.Identity{}
		return store.InTx(ctx, func(tx neo.Tx) error { return store.SaveIntegration(ctx, tx, in) })
	})
	if err != nil {
		return in, checks, err
	}
	for _, key := range []string{alertWebhooks, alertPlanted, alertRepaired, alertConsent, alertTickets, alertEmail, alertReconnect} {
		w.resolve(ctx, in, key)
	}
	return in, checks, w.Store.DropWatch(ctx, in.ID)
}
