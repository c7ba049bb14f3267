package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Integration is a connection as the dashboard shows it. It has no secrets.
type Integration struct {
	ID          string        `json:"id"`
	Kind        string        `json:"kind" enum:"servicenow"`
	InstanceURL string        `json:"instance_url"`
	Simulated   bool          `json:"simulated" doc:"true when the address is not a vendor's and only a setting allows it"`
	State       neo.SyncState `json:"state" enum:"CONNECTING,READY_TO_SYNC,SETUP_REQUIRED,FAILED,RECONNECT_REQUIRED,DISCONNECTED"`
	Message     string        `json:"message"`
	ClientID    string        `json:"client_id"`
	Identity    neo.Identity  `json:"identity" doc:"The account as which Neo acts"`
	Checks      []neo.Check   `json:"checks" nullable:"false"`
	ConnectedAt *time.Time    `json:"connected_at"`
	Status      Status        `json:"status" doc:"How the connection really does: state says only how far it has been set up"`
	KeepsSecret bool          `json:"keeps_secret" doc:"true when Neo has the Client Secret, so that it may be left out on a reconnect"`
	// BackfillDays is 0 when nothing is left to begin.
	BackfillDays int `json:"backfill_days" doc:"Days of older tickets that were chosen at a connect that failed; the next one reads them"`
}

// Status is how a connection does, computed from the last checks.
type Status struct {
	State    neo.ConnectionState `json:"state" enum:"CONNECTING,WORKING,DEGRADED,NOT_ANSWERING,ACTION_NEEDED,DISCONNECTED"`
	Message  string              `json:"message" doc:"What is wrong and what to do; empty when it is working"`
	Since    *time.Time          `json:"since" doc:"Since when it has been so; null when that is not known"`
	Waiting  int64               `json:"waiting" doc:"Runs that wait until the instance answers"`
	ReadFrom *time.Time          `json:"read_from" doc:"From when on changes are read again when the instance answers"`
}

func shownStatus(s neo.ConnectionStatus) Status {
	return Status{State: s.State, Message: s.Message, Since: timeOrNull(s.Since), Waiting: s.Waiting, ReadFrom: timeOrNull(s.ReadFrom)}
}

// ConnectForm is what the connect form needs to know before anything is typed.
type ConnectForm struct {
	RedirectURL     string   `json:"redirect_url" doc:"To be registered in ServiceNow, byte for byte"`
	SimulatedHosts  []string `json:"simulated_hosts" nullable:"false" doc:"Addresses that a setting allows besides ServiceNow's own"`
	SuggestedURL    string   `json:"suggested_url,omitempty" doc:"The simulator's address, in a demo"`
	InstanceURLRule string   `json:"instance_url_rule" doc:"The error text for any other address"`
	BackfillDays    int      `json:"backfill_days" doc:"How many days of older tickets to read, unless somebody chooses otherwise"`
}

// Attempt is one try to connect, from the button to the end of consent.
type Attempt struct {
	ID            string      `json:"id"`
	IntegrationID string      `json:"integration_id"`
	AuthorizeURL  string      `json:"authorize_url,omitempty" doc:"Where to send the popup; only in the answer that began the attempt"`
	Outcome       neo.Outcome `json:"outcome" enum:"PENDING,RUNNING,SUCCESS,FAILURE"`
	Message       string      `json:"message"`
	Checks        []neo.Check `json:"checks" nullable:"false" doc:"What Neo has verified so far; grows while outcome is RUNNING"`
	ExpiresAt     time.Time   `json:"expires_at"`
}

func (s *Server) registerIntegrations(api huma.API) {
	huma.Register(api, op("list-integrations", http.MethodGet, "/integrations", "Integrations", "All connections"), s.listIntegrations)
	huma.Register(api, op("get-integration", http.MethodGet, "/integrations/{id}", "Integrations", "One connection"), s.getIntegration)
	huma.Register(api, op("get-connect-form", http.MethodGet, "/integrations/servicenow/form", "Integrations", "What the connect form shows"), s.getConnectForm)
	connect := op("connect-servicenow", http.MethodPost, "/integrations/servicenow/connect", "Integrations", "Begin to connect or reconnect: answers where to ask for consent")
	connect.DefaultStatus = http.StatusCreated
	huma.Register(api, connect, s.connect)
	huma.Register(api, op("get-connect-attempt", http.MethodGet, "/integrations/servicenow/attempts/{id}", "Integrations", "How a try to connect went"), s.getAttempt)
}

type idInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) listIntegrations(ctx context.Context, _ *empty) (*out[[]Integration], error) {
	list, err := s.store.Integrations(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]Integration, 0, len(list))
	for _, i := range list {
		one, err := s.integration(ctx, i)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		shown = append(shown, one)
	}
	return answer(ctx, shown), nil
}

func (s *Server) getIntegration(ctx context.Context, in *idInput) (*out[Integration], error) {
	i, err := s.store.Integration(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown, err := s.integration(ctx, i)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, shown), nil
}

func (s *Server) getConnectForm(ctx context.Context, _ *empty) (*out[ConnectForm], error) {
	form := ConnectForm{
		RedirectURL:     s.options.PublicURL + OAuthCallbackPath,
		SimulatedHosts:  append([]string{}, s.options.AllowHosts...),
		InstanceURLRule: "instance_url must be a service-now.com or servicenowservices.com domain",
		BackfillDays:    90,
	}
	if len(s.options.AllowHosts) > 0 {
		form.SuggestedURL = "http://" + s.options.AllowHosts[0]
	}
	return answer(ctx, form), nil
}

type connectInput struct {
	Body struct {
		IntegrationID string `json:"integration_id,omitempty" maxLength:"64" doc:"To reconnect this one"`
		InstanceURL   string `json:"instance_url" maxLength:"300"`
		ClientID      string `json:"client_id" maxLength:"300"`
		ClientSecret  string `json:"client_secret,omitempty" maxLength:"300" doc:"Left out or empty on a reconnect with the same client_id: the one that Neo has"`
		BackfillDays  *int   `json:"backfill_days,omitempty" minimum:"0" maximum:"3650" doc:"On a first connect: how many days of older tickets to read; 0 for none; left out: as chosen at a connect that failed"`
	}
}

func (s *Server) connect(ctx context.Context, in *connectInput) (*out[Attempt], error) {
	attempt, authorizeURL, err := s.options.Connector.Begin(ctx, userOf(ctx).TenantID,
		s.sessions.GetString(ctx, sessionBinding), neo.ConnectInput(in.Body))
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := shownAttempt(attempt)
	shown.AuthorizeURL = authorizeURL
	return answer(ctx, shown), nil
}

func (s *Server) getAttempt(ctx context.Context, in *idInput) (*out[Attempt], error) {
	attempt, err := s.store.Attempt(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, shownAttempt(attempt)), nil
}

func shownAttempt(a neo.ConnectAttempt) Attempt {
	return Attempt{ID: a.ID, IntegrationID: a.IntegrationID, Outcome: a.Outcome, Message: a.Message,
		Checks: append([]neo.Check{}, a.Checks...), ExpiresAt: a.ExpiresAt}
}

// integration is a connection with how it does.
func (s *Server) integration(ctx context.Context, i neo.Integration) (Integration, error) {
	health, err := s.options.Watch.Health(ctx, i)
	if err != nil {
		return Integration{}, err
	}
	return Integration{
		Status: shownStatus(health.Status(i, s.now())), KeepsSecret: len(i.Sealed.ClientSecret) > 0, BackfillDays: i.BackfillDays,
		ID: i.ID, Kind: i.Kind, InstanceURL: i.InstanceURL, Simulated: i.Simulated, State: i.State, Message: i.Message,
		ClientID: i.ClientID, Identity: i.Identity, Checks: append([]neo.Check{}, i.Checks...), ConnectedAt: timeOrNull(i.ConnectedAt),
	}, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
