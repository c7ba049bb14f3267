package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Faults are what goes wrong with an instance. They can be changed while it runs (SetFaults, the page /simulator, its
// API, neo simulator --fault); the zero value is an instance on a good day. Shares are from 0 to 1.
type Faults struct {
	// What an instance that is away says, on every path, the token endpoint's too (measured).
	Hibernating bool `json:"hibernating" help:"Every path answers 200 with the hibernation page"`
	Reclaimed   bool `json:"reclaimed" help:"Every path answers 502, as a developer instance that was taken back"`
	Maintenance bool `json:"maintenance" help:"Every path answers 503 with a page"`

	// What stands between a caller and the API.
	LoginPage   bool    `json:"login_page" help:"The API answers 200 with the login page"`
	SSORedirect bool    `json:"sso_redirect" help:"The API answers 302 to an identity provider"`
	SlowMS      int     `json:"slow_ms" help:"Every answer of the API takes this many milliseconds longer"`
	Semaphore   float64 `json:"semaphore_429" help:"Share of API calls that are answered 429 without any header: no free semaphore"`

	RateLimitPerHour int `json:"rate_limit_per_hour" help:"Calls of one user per hour; above it 429 with X-RateLimit headers (0: no rule, as by default)"`
	RateLimitFlushMS int `json:"rate_limit_flush_ms" help:"How late the count of calls is noticed; an instance flushes every 30000"`
	RetryAfterS      int `json:"retry_after_s" help:"Retry-After of a 429 of that rule; 0: what is left of the hour"`

	// What goes wrong with calls that reach it.
	FailReads         float64 `json:"reads_failed" help:"Share of reads that are answered 500"`
	LimitReads        float64 `json:"reads_limited" help:"Share of reads that are answered 429, with retry_after_s as Retry-After"`
	MostRows          int     `json:"most_rows" help:"Most records of one answer, whatever the limit that is asked for (0: as asked)"`
	TruncatedJSON     float64 `json:"truncated_json" help:"Share of lists that end in the middle, with 200 and an error object (transaction quota)"`
	FailAfterCommit   float64 `json:"fail_after_commit" help:"Share of writes that are carried out and answered 500"`
	RefuseAfterCommit float64 `json:"refuse_after_commit" help:"Share of writes that are carried out and answered 403 (KB2697679)"`

	// What becomes of the deliveries of business rules. Nothing is ever tried again.
	Lost       float64 `json:"deliveries_lost" help:"Share of deliveries that never arrive"`
	Duplicated float64 `json:"deliveries_duplicated" help:"Share of deliveries that arrive twice"`
	Delayed    float64 `json:"deliveries_delayed" help:"Share of deliveries that come late"`
	DelayMS    int     `json:"delivery_delay_ms" help:"How late, in milliseconds"`
	Reordered  float64 `json:"deliveries_reordered" help:"Share of deliveries that the next one overtakes"`

	ClockSkewS      int    `json:"clock_skew_s" help:"How many seconds the instance's clock is ahead of ours"`
	WWWAuthenticate string `json:"www_authenticate" help:"The challenge of a 401: basic, bearer, both or none"`
	Seed            uint64 `json:"seed" help:"Of the dice that shares are thrown with; 0: another one each time, which is logged"`
}

func (f *Faults) check() error {
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		switch x := v.Field(i).Interface().(type) {
		case float64:
			if !(x >= 0 && x <= 1) {
				return fmt.Errorf("%s is a share: give a number from 0 to 1", name)
			}
		case int:
			if x < 0 && name != "clock_skew_s" || x > 1<<31 || x < -1<<31 {
				return fmt.Errorf("%s: give a whole number that is not negative", name)
			}
		}
	}
	if !slices.Contains([]string{"", "basic", "bearer", "both", "none"}, f.WWWAuthenticate) {
		return fmt.Errorf("www_authenticate: give basic, bearer, both or none")
	}
	return nil
}

// Faults returns what goes wrong now.
func (in *Instance) Faults() Faults { return *in.faults.Load() }

// SetFaults changes what goes wrong, at once. Deliveries that were held back go on as they were meant to.
func (in *Instance) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	before := in.faults.Swap(&f)
	if f.Seed != 0 && (before == nil || before.Seed != f.Seed) {
		in.dice.seed(f.Seed)
	}
	return nil
}

// Quirks returns how the instance differs from the likeliest one.
func (in *Instance) Quirks() Quirks { return *in.quirks.Load() }

// SetQuirks changes that, at once.
func (in *Instance) SetQuirks(q Quirks) { in.quirks.Store(&q) }

// SetByName sets one field of faults or quirks (pointers to Faults or Quirks) by its name, from text.
func SetByName(settings any, name, value string) error {
	v := reflect.ValueOf(settings).Elem()
	var names []string
	for i := range v.NumField() {
		known := settingName(v.Type().Field(i))
		names = append(names, known)
		if known != name {
			continue
		}
		var err error
		switch field := v.Field(i); field.Kind() {
		case reflect.Bool:
			var b bool
			b, err = strconv.ParseBool(value)
			field.SetBool(b)
		case reflect.Float64:
			var x float64
			x, err = strconv.ParseFloat(value, 64)
			field.SetFloat(x)
		case reflect.Int:
			var n int64
			n, err = strconv.ParseInt(value, 10, 64)
			field.SetInt(n)
		case reflect.Uint64:
			var n uint64
			n, err = strconv.ParseUint(value, 10, 64)
			field.SetUint(n)
		default:
			field.SetString(value)
		}
		if err != nil {
			return fmt.Errorf("%s=%q is not a %s", name, value, v.Field(i).Kind())
		}
		return nil
	}
	return fmt.Errorf("there is no %q; there are: %s", name, strings.Join(names, ", "))
}

// settingName is a field's name for the outside: its JSON name or, for quirks, the field's name in snake case.
func settingName(f reflect.StructField) string {
	if name := f.Tag.Get("json"); name != "" {
		return name
	}
	var b strings.Builder
	for i, c := range f.Name {
		if c >= 'A' && c <= 'Z' {
			if i > 0 && (f.Name[i-1] < 'A' || f.Name[i-1] > 'Z') {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// setting is one switch as the page and the API show it.
type setting struct {
	Name  string `json:"name"`
	Help  string `json:"help"`
	Kind  string `json:"kind"`
	Value any    `json:"value"`
}

func settingsOf(settings any) []setting {
	v := reflect.ValueOf(settings)
	list := make([]setting, v.NumField())
	for i := range list {
		f := v.Type().Field(i)
		list[i] = setting{settingName(f), f.Tag.Get("help"), f.Type.Kind().String(), v.Field(i).Interface()}
	}
	return list
}

// MarshalJSON writes quirks under their names for the outside.
func (q Quirks) MarshalJSON() ([]byte, error) {
	m := map[string]any{}
	for _, s := range settingsOf(q) {
		m[s.Name] = s.Value
	}
	return json.Marshal(m)
}

// dice decide about shares.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(in *Instance, seed uint64) *dice {
	if seed == 0 {
		seed = rand.Uint64()
		in.opts.Log.Debug("the simulator's dice", "seed", seed)
	}
	d := &dice{}
	d.seed(seed)
	return d
}

func (d *dice) seed(seed uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.r = rand.New(rand.NewPCG(seed, 0))
}

// hit reports whether something with that share happens now.
func (d *dice) hit(share float64) bool {
	if share <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < share
}

// RevokeTokens revokes every token, as an administrator does under Manage Tokens.
func (in *Instance) RevokeTokens() {
	g := in.grants
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all, g.token = map[[2]string]*grant{}, map[string]*grant{}
}

// ExpireAccessTokens makes every access token invalid; refresh tokens stay good.
func (in *Instance) ExpireAccessTokens() {
	g := in.grants
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, gr := range g.all {
		for t := range gr.Access {
			delete(g.token, t)
		}
		gr.Access, gr.Newest = map[string]int64{}, ""
	}
}

// rates counts the calls of each user for the rate limit rule.
type rates struct {
	mu    sync.Mutex
	users map[string]*rate
}

// rate is one user's hour. Calls are noticed late: seen is what the rule knew at the last flush (facts: every 30 s).
type rate struct {
	hour        int64
	calls, seen int
	flushed     time.Time
}

// call counts one and returns how many of the limit are known to be used, and when the hour ends.
func (r *rates) call(user string, now time.Time, flush time.Duration) (seen int, reset int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == nil {
		r.users = map[string]*rate{}
	}
	u := r.users[user]
	if hour := now.Unix() / 3600; u == nil || u.hour != hour {
		u = &rate{hour: hour, flushed: now}
		r.users[user] = u
	}
	if now.Sub(u.flushed) >= flush {
		u.seen, u.flushed = u.calls, now
	}
	u.calls++
	return u.seen, (u.hour + 1) * 3600
}

// IssuedTokens returns every access and refresh token that is good or was, for tests that look for them where they must
// not be.
func (in *Instance) IssuedTokens() []string {
	g := in.grants
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(maps.Keys(g.token))
}
