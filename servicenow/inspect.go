package servicenow

import (
	"context"
	"fmt"
	"slices"
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
	alertSilent   = "servicenow/silent"
)

// repairTold is how long people are told of a repair after it.
const repairTold = 24 * time.Hour

// inspect looks whether what Neo planted is there, active and unedited, repairs it
// where it may, and looks at the consent and at what Neo may read. Runs that waited for
// the connection go on.
func (w *Watcher) inspect(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
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
	w.tellDeliveries(ctx, in, watch)
	if err == nil {
		w.ringRuns(ctx, in)
	}
	return err
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
	ctx = patiently(ctx)
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
		if c.unanswered != nil { // that says nothing about what is planted
			return checks, c.unanswered
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
		case c.changed && !c.cleanedUp && (c.editedBy == "" || c.editedBy != in.Identity.UserName):
			// What Neo's own account was the last to write differs because Neo has changed.
			repaired += c.Label + ": " + c.Detail + " "
		}
	}
	switch {
	case repaired != "" && !watch.PlantedAt.IsZero():
		watch.RepairedAt = w.now()
		w.alert(ctx, in, neo.Alert{Key: alertRepaired, Level: neo.AlertWarning, Occurrences: 1,
			Title:   "What Neo planted in ServiceNow had been changed, and is repaired",
			Message: repaired + "Neo found the changes in between by looking for them. Ask who edits it; edits are overwritten."})
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
	if h.Waiting, err = w.Store.CountAway(ctx, in.ID); err != nil {
		return neo.Health{}, err
	}
	if !in.State.Watched() {
		h.Checks = in.Checks
		return h, nil
	}
	sweep := neo.Check{Name: "sweep", Label: "Check for missed changes", State: "ok", Detail: "Neo looks for changes that were not delivered; none is missing as far as it has looked."}
	if watch.Sweep.Error != "" {
		sweep.State, sweep.Detail = "failed", watch.Sweep.Error
	}
	h.Checks = append([]neo.Check{w.deliveryCheck(h.Deliveries, watch.Undelivered), sweep}, h.Checks...)
	if status := h.Status(in, w.now()); status.State == neo.ConnectionNotAnswering && !slices.ContainsFunc(h.Checks, func(c neo.Check) bool { return c.Name == "instance" }) {
		h.Checks = append([]neo.Check{{Name: "instance", Label: "The instance answers", State: "failed", Detail: status.Message}}, h.Checks...)
	}
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
	for _, key := range []string{alertWebhooks, alertPlanted, alertRepaired, alertConsent, alertTickets, alertEmail, alertSilent, alertReconnect} {
		w.resolve(ctx, in, key)
	}
	return in, checks, w.Store.DropWatch(ctx, in.ID)
}
