package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// Shifts returns the comparisons of a definition that do not say what they said when
// it was saved: in its trigger, its conditions, and the rules of its steps. saved is the
// meaning by which it was (neo.Workflow.Meaning).
func Shifts(d neo.Definition, saved int64, x rules.Context) []rules.Shift {
	all := rules.Shifts(d, saved, x)
	for i, spec := range d.Actions {
		if i == maxActions {
			break
		}
		var config struct {
			Conditions *neo.Rule `json:"conditions"`
			UntilRule  *neo.Rule `json:"until_rule"`
		}
		if spec.Type != neo.ActionContinueIf && spec.Type != neo.ActionWait || json.Unmarshal(spec.Config, &config) != nil {
			continue
		}
		at := fmt.Sprintf("actions[%d].config.", i)
		if config.Conditions != nil {
			all = append(all, rules.RuleShifts(config.Conditions, at+"conditions", saved, x)...)
		}
		if config.UntilRule != nil {
			all = append(all, rules.RuleShifts(config.UntilRule, at+"until_rule", saved, x)...)
		}
	}
	return all
}

// ReviewStore is where a Review keeps what it found.
type ReviewStore interface {
	Alerts(ctx context.Context, tenant string) ([]neo.Alert, error)
	RaiseAlert(ctx context.Context, a neo.Alert) error
	ResolveAlert(ctx context.Context, tenant, key string, now time.Time) (bool, error)
}

// Review looks through the enabled workflows for comparisons that do not say what they
// said when they were saved, or that cannot hold by what the instances say now. Each
// workflow with some has one alert, until it is saved again.
type Review struct {
	matcher *Matcher
	store   ReviewStore
	now     func() time.Time
	log     *slog.Logger
	of      int64 // epoch of the configuration that was looked through
}

// NewReview returns one; nothing is looked through before Run or Look.
func NewReview(m *Matcher, store ReviewStore, now func() time.Time, log *slog.Logger) *Review {
	return &Review{matcher: m, store: store, now: now, log: log, of: -1}
}

// reviewEvery is how often a Review asks whether the configuration has changed.
const reviewEvery = 5 * time.Second

// Run looks through every configuration, until ctx ends.
func (r *Review) Run(ctx context.Context) {
	every := time.NewTicker(reviewEvery)
	defer every.Stop()
	for {
		if err := r.Look(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("the workflows could not be looked through", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// Look looks through the configuration that the process has, unless it did already.
func (r *Review) Look(ctx context.Context) error {
	s := r.matcher.current.Load()
	if s.epoch == r.of {
		return nil
	}
	tenants, found := map[string]bool{}, map[string]bool{}
	for _, i := range s.config.Integrations {
		tenants[i.TenantID] = true
	}
	for i := range s.config.Workflows {
		w := &s.config.Workflows[i]
		tenants[w.TenantID] = true
		shifts := Shifts(w.Definition, w.Meaning, s.context(w.TenantID))
		if len(shifts) == 0 {
			continue
		}
		a := meaningAlert(w, shifts, r.now())
		found[a.Key] = true
		if err := r.store.RaiseAlert(ctx, a); err != nil {
			return err
		}
	}
	for tenant := range tenants {
		alerts, err := r.store.Alerts(ctx, tenant)
		if err != nil {
			return err
		}
		for _, a := range alerts {
			if !a.ResolvedAt.IsZero() || found[a.Key] || !strings.HasPrefix(a.Key, neo.MeaningAlert("")) {
				continue
			}
			if _, err := r.store.ResolveAlert(ctx, tenant, a.Key, r.now()); err != nil {
				return err
			}
		}
	}
	r.of = s.epoch
	return nil
}

// shiftsTold is how many comparisons one alert names.
const shiftsTold = 8

func meaningAlert(w *neo.Workflow, shifts []rules.Shift, now time.Time) neo.Alert {
	a := neo.Alert{
		TenantID: w.TenantID, Key: neo.MeaningAlert(w.ID), Level: neo.AlertWarning, LastAt: now,
		Title: fmt.Sprintf("“%s” compares otherwise than when it was saved", w.Name),
	}
	var told []string
	for i, s := range shifts {
		if s.Futile {
			a.Level, a.Title = neo.AlertProblem, fmt.Sprintf("“%s” has a condition that cannot hold", w.Name)
		}
		if i < shiftsTold {
			told = append(told, s.Sentence())
		}
	}
	if more := len(shifts) - shiftsTold; more > 0 {
		told = append(told, fmt.Sprintf("And %d more.", more))
	}
	a.Message = strings.Join(told, " ") + " Open the workflow, see whether these comparisons say what you want, and save it."
	return a
}
