package simulator

import (
	"log/slog"
	"net/http"
	"time"
)

// Options say how one instance is. The zero value is a fresh in-memory instance with the sample people.
type Options struct {
	PublicURL     string   // how browsers reach it; links use it. Empty: taken from each request's Host.
	RedirectURLs  []string // redirect URLs of the OAuth application "Neo Agent" a fresh instance has
	ClientID      string   // of that application; empty: a fixed sample value
	ClientSecret  string
	SampleTickets bool   // a fresh instance also gets a handful of tickets
	StateFile     string // where the state is kept between runs; empty: nowhere
	TimeZone      string // of the instance, for display values; empty: America/Los_Angeles

	Log       *slog.Logger
	Now       func() time.Time
	Transport http.RoundTripper // for what business rules send; empty: an own http.Transport
	OnWrite   func(Write)       // called after each committed write, before the after-rules, on the writer's goroutine

	RuleTimeout     time.Duration // longest one script may run; empty: 5 s
	NoRules         bool          // business rules do not run, as if every write said setWorkflow(false)
	DeliveryWorkers int           // outbound requests in flight at once; empty: 8, as a node's scheduler has
	DeliveryQueue   int           // outbound requests waiting; what comes on top is lost and logged; empty: 10,000

	Faults     Faults        // what goes wrong from the start
	ImportSets []ImportSet   // staging tables of the Import Set API
	BatchQuota time.Duration // longest one batch may run; what is left then is not serviced; empty: 30 s

	Quirks Quirks
}

// Quirks are behaviours that differ between releases or that our facts leave open. The zero value is the likeliest.
type Quirks struct {
	OldUnauthenticatedText    bool `help:"401 says 'User Not Authenticated' (until 2025) instead of 'User is not authenticated'"`
	BasicAuthBlocked          bool `help:"Basic is refused exactly like a wrong password (instances born since mid 2026)"`
	RedirectMismatchGoesOn    bool `help:"a redirect_uri that is not registered is replaced by the first registered one"`
	RefreshTokenOmitted       bool `help:"a refresh answers without refresh_token"`
	EmptyScope                bool `help:"token answers carry scope '' instead of 'useraccount'"`
	InvalidQueryReturnsNone   bool `help:"glide.invalid_query.returns_no_rows: an unknown field gives no rows instead of all"`
	AnyChoiceValue            bool `help:"glide.rest.choice.allow_non_existing_value"`
	TokenParametersInURL      bool `help:"glide.oauth.allow.parameters.in.post.body.only is off"`
	StateParameterOptional    bool `help:"glide.oauth.state.parameter.required is off (upgraded instances)"`
	TokenErrorsFollowTheSpec  bool `help:"invalid_client / invalid_grant instead of server_error, as some proxies and fakes do"`
	StatsHideUnreadable       bool `help:"the Aggregate API counts only what the caller may read; unclear, the Table API's count is blind"`
	AdminTablesForbidden      bool `help:"reading sys_script, sys_properties and the like without the role is a 403, not an empty list; unclear"`
	TimeWorkedWithoutComments bool `help:"task_time_worked has no column comments: what is sent for it is dropped"`
	NoCertificateEncryption   bool `help:"scripts have no GlideCertificateEncryption: naming it is a ReferenceError"`
}

// Write is one committed change of one record.
type Write struct {
	Table     string // real class
	SysID     string
	Operation string // insert, update, delete
	ModCount  int    // sys_mod_count after the write
	Changed   []string
	User      string // user_name
	At        time.Time
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TimeZone == "" {
		o.TimeZone = "America/Los_Angeles"
	}
	if o.RuleTimeout <= 0 {
		o.RuleTimeout = 5 * time.Second
	}
	if o.DeliveryWorkers <= 0 {
		o.DeliveryWorkers = 8
	}
	if o.DeliveryQueue <= 0 {
		o.DeliveryQueue = 10_000
	}
	if o.BatchQuota <= 0 {
		o.BatchQuota = 30 * time.Second
	}
	if o.ClientID == "" {
		o.ClientID = stableID("oauth client of Neo Agent")
	}
	if o.ClientSecret == "" {
		o.ClientSecret = "simulated-client-secret"
	}
	return o
}
