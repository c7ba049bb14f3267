package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Watch looks after connections: it sweeps, inspects, repairs and disconnects.
type Watch interface {
	// Delivered adds to the counts of an integration.
	Delivered(integrationID string, d neo.Deliveries)
	// Health returns how an integration does.
	Health(ctx context.Context, in neo.Integration) (neo.Health, error)
	// Inspect looks at the instance now, repairs what it can, and returns what it found.
	Inspect(ctx context.Context, in neo.Integration) (neo.Health, error)
	// Backfill starts one over days when that is positive; otherwise it pauses the
	// one there is, or goes on with it.
	Backfill(ctx context.Context, in neo.Integration, days int, paused bool) (neo.Health, error)
	// SetupFiles returns what an administrator of the instance plants by hand.
	SetupFiles(ctx context.Context, in neo.Integration) (neo.SetupFiles, error)
	// Disconnect removes what was planted, revokes the consent and forgets the
	// secrets. The checks say what could not be removed.
	Disconnect(ctx context.Context, in neo.Integration) (neo.Integration, []neo.Check, error)
}

// Health is how a connection does.
type Health struct {
	State         string      `json:"state" enum:"ok,warning,failed" doc:"The worst of the checks"`
	Status        Status      `json:"status"`
	CheckedAt     *time.Time  `json:"checked_at" doc:"Of the last look at the instance; they are five minutes apart"`
	Checks        []neo.Check `json:"checks" nullable:"false"`
	Deliveries    Deliveries  `json:"deliveries"`
	Sweep         Sweep       `json:"sweep"`
	Backfill      Backfill    `json:"backfill"`
	ConsentEndsAt *time.Time  `json:"consent_ends_at" doc:"100 days after consent; an instance may be set to less"`
	CallbackURL   string      `json:"callback_url" doc:"Where the instance delivers; without its secret"`
	Outgoing      []string    `json:"outgoing_addresses" nullable:"false" doc:"From which Neo calls the instance: to be allowed there"`
}

// Deliveries says how the changes of the last hour came.
type Deliveries struct {
	LastAt  *time.Time `json:"last_at" doc:"Of the last delivery ever"`
	Webhook int64      `json:"webhook" doc:"Delivered by the instance, in the last hour"`
	Sweep   int64      `json:"sweep" doc:"Found by the sweep because nobody had delivered them, in the last hour"`
	Refused int64      `json:"refused" doc:"Deliveries with a wrong or outdated key, in the last hour"`
	Share   *float64   `json:"share" doc:"Of the changes of the last hour, those that were delivered: 0 to 1; null when there were none"`
}

// Sweep is how far Neo has looked for what was not delivered.
type Sweep struct {
	At        *time.Time `json:"at" doc:"When the last one ended well"`
	NextAt    *time.Time `json:"next_at"`
	Watermark *time.Time `json:"watermark" doc:"The instance's clock: up to here, less two minutes, nothing is missing"`
	Found     int64      `json:"found" doc:"Changes that it ever found"`
	Error     string     `json:"error,omitempty"`
}

// Backfill is how far the reading of older tickets has come.
type Backfill struct {
	State       string     `json:"state" enum:"NONE,RUNNING,PAUSED,DONE"`
	Days        int        `json:"days"`
	Done        int64      `json:"done"`
	Total       int64      `json:"total" doc:"As the instance counted them at the start; tickets that Neo's account may not read are among them"`
	PerSecond   float64    `json:"per_second"`
	SecondsLeft *float64   `json:"seconds_left" doc:"null while not known"`
	StartedAt   *time.Time `json:"started_at"`
	FinishedAt  *time.Time `json:"finished_at"`
	Error       string     `json:"error,omitempty" doc:"Why the last page did not come; Neo tries again"`
}

// SetupFiles are for an administrator of the instance. They hold the secret of the
// callback address: this is the only answer that does.
type SetupFiles struct {
	FileName         string `json:"file_name"`
	UpdateSet        string `json:"update_set" doc:"XML, for Retrieved Update Sets, Import Update Set from XML"`
	BackgroundScript string `json:"background_script" doc:"For System Definition, Scripts - Background"`
}

// Disconnected is what was removed from an instance, and what could not be.
type Disconnected struct {
	Integration Integration `json:"integration"`
	Checks      []neo.Check `json:"checks" nullable:"false"`
}

func (s *Server) registerWatch(api huma.API) {
	huma.Register(api, op("get-health", http.MethodGet, "/integrations/{id}/health", "Integrations", "How a connection does"), s.getHealth)
	huma.Register(api, op("inspect-integration", http.MethodPost, "/integrations/{id}/inspect", "Integrations", "Look at the instance now, and repair what can be repaired"), s.inspect)
	huma.Register(api, op("control-backfill", http.MethodPost, "/integrations/{id}/backfill", "Integrations", "Start, pause or go on with the reading of older tickets"), s.backfill)
	huma.Register(api, op("get-setup-files", http.MethodPost, "/integrations/{id}/setup-files", "Integrations", "What an administrator of the instance plants by hand; holds a secret"), s.setupFiles)
	huma.Register(api, op("disconnect-integration", http.MethodPost, "/integrations/{id}/disconnect", "Integrations", "Remove what was planted, revoke the consent, forget the secrets; the history stays"), s.disconnect)
}

func (s *Server) integrationOf(ctx context.Context, id string) (neo.Integration, error) {
	return s.store.Integration(ctx, userOf(ctx).TenantID, id)
}

func (s *Server) getHealth(ctx context.Context, in *idInput) (*out[Health], error) {
	return s.health(ctx, in.ID, s.options.Watch.Health)
}

func (s *Server) inspect(ctx context.Context, in *idInput) (*out[Health], error) {
	return s.health(ctx, in.ID, s.options.Watch.Inspect)
}

type backfillInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action string `json:"action" enum:"start,pause,resume"`
		Days   int    `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"With start: how far back"`
	}
}

func (s *Server) backfill(ctx context.Context, in *backfillInput) (*out[Health], error) {
	days := 0
	if in.Body.Action == "start" {
		if days = in.Body.Days; days == 0 {
			return nil, s.fail(ctx, neo.Errorf(neo.CodeInvalid, "days: say how many days back to read, 1 to 3650."))
		}
	}
	return s.health(ctx, in.ID, func(ctx context.Context, i neo.Integration) (neo.Health, error) {
		return s.options.Watch.Backfill(ctx, i, days, in.Body.Action == "pause")
	})
}

// health answers with what f says about an integration.
func (s *Server) health(ctx context.Context, id string, f func(context.Context, neo.Integration) (neo.Health, error)) (*out[Health], error) {
	i, err := s.integrationOf(ctx, id)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	h, err := f(ctx, i)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, s.shownHealth(i, h)), nil
}

func (s *Server) setupFiles(ctx context.Context, in *idInput) (*out[SetupFiles], error) {
	i, err := s.integrationOf(ctx, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	files, err := s.options.Watch.SetupFiles(ctx, i)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	s.log.Info("the files for a setup by hand were handed out", "integration", i.ID, "user", userOf(ctx).Email)
	return answer(ctx, SetupFiles(files)), nil
}

func (s *Server) disconnect(ctx context.Context, in *idInput) (*out[Disconnected], error) {
	i, err := s.integrationOf(ctx, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	i, checks, err := s.options.Watch.Disconnect(ctx, i)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	s.options.Live.Changed()
	s.log.Info("disconnected", "integration", i.ID, "instance", i.InstanceURL, "user", userOf(ctx).Email)
	shown, err := s.integration(ctx, i)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Disconnected{Integration: shown, Checks: append([]neo.Check{}, checks...)}), nil
}

func (s *Server) shownHealth(in neo.Integration, h neo.Health) Health {
	d, w := h.Deliveries, h.Watch
	shown := Health{
		State: "ok", Status: shownStatus(h.Status(in, s.now())), CheckedAt: timeOrNull(w.Inspection.At), Checks: append([]neo.Check{}, h.Checks...),
		Deliveries: Deliveries{LastAt: timeOrNull(d.Last), Webhook: d.Webhook, Sweep: d.Sweep, Refused: d.Refused},
		Sweep: Sweep{
			At: timeOrNull(w.Sweep.At), NextAt: timeOrNull(w.Sweep.DueAt), Watermark: timeOrNull(w.Sweep.Watermark),
			Found: w.Sweep.Found, Error: w.Sweep.Error,
		},
		Backfill:    shownBackfill(w.Backfill),
		CallbackURL: s.options.PublicURL + "/callback/servicenow",
		Outgoing:    append([]string{}, s.options.Outgoing...),
	}
	for _, c := range h.Checks {
		if c.State == "failed" || c.State == "warning" && shown.State == "ok" {
			shown.State = c.State
		}
	}
	if total := d.Webhook + d.Sweep; total > 0 {
		share := float64(d.Webhook) / float64(total)
		shown.Deliveries.Share = &share
	}
	shown.ConsentEndsAt = timeOrNull(in.ConsentEnds())
	return shown
}

func shownBackfill(b neo.Backfill) Backfill {
	shown := Backfill{
		State: string(b.State), Days: b.Days, Done: b.Done, Total: b.Total,
		StartedAt: timeOrNull(b.StartedAt), FinishedAt: timeOrNull(b.FinishedAt), Error: b.Error,
	}
	if shown.State == "" {
		shown.State = "NONE"
	}
	if seconds := b.Worked.Seconds(); seconds > 0 {
		shown.PerSecond = float64(b.Done) / seconds
	}
	if left := b.Total - b.Done; b.State == neo.BackfillRunning && left >= 0 && shown.PerSecond > 0 {
		seconds := float64(left) / shown.PerSecond
		shown.SecondsLeft = &seconds
	}
	return shown
}
