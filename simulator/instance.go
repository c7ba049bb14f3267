package simulator

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // display values need zones even where the machine has none
)

// Instance is one simulated ServiceNow instance. It is safe for concurrent use.
type Instance struct {
	opts     Options
	zone     *time.Location
	store    *store
	rules    *ruleBook
	outbound *outbound
	async    *asyncRules
	syslog   *syslog
	sessions *sessions
	grants   *grants
	saver    *saver
	faults   atomic.Pointer[Faults]
	quirks   atomic.Pointer[Quirks]
	dice     *dice
	rates    rates
	handler  http.Handler
	requests atomic.Int64

	closeOnce sync.Once
	closeErr  error
}

var _ http.Handler = (*Instance)(nil)

// New builds an instance from its state file, or fresh with the sample people. Close it when done.
func New(opts Options) (*Instance, error) {
	opts = opts.withDefaults()
	zone, err := time.LoadLocation(opts.TimeZone)
	if err != nil {
		return nil, errors.New("simulator: unknown time zone " + opts.TimeZone + "; use a name like Europe/Berlin or UTC")
	}
	in := &Instance{zone: zone, store: newStore(), rules: newRuleBook(), grants: newGrants()}
	now := opts.Now
	opts.Now = func() time.Time { return now().Add(time.Duration(in.faults.Load().ClockSkewS) * time.Second) }
	in.opts, in.syslog, in.sessions = opts, newSyslog(opts.Now), newSessions(opts.Now)
	in.dice = newDice(in, opts.Faults.Seed)
	if err := in.SetFaults(opts.Faults); err != nil {
		return nil, errors.New("simulator: " + err.Error())
	}
	in.SetQuirks(opts.Quirks)
	in.saver = newSaver(in)
	loaded, err := in.loadState()
	if err != nil {
		return nil, err
	}
	if !loaded {
		in.seed()
	} else if len(in.store.tables.rows["sys_dictionary"].slots) == 0 {
		in.seedDictionary() // the state is older than the dictionary
	}
	in.store.mu.Lock()
	in.store.rebuildChoices()
	in.store.mu.Unlock()
	in.outbound = startOutbound(in)
	in.async = startAsyncRules(in)
	in.saver.start()
	in.handler = in.away(in.routes())
	return in, nil
}

// Handler serves everything: login, OAuth, the APIs and the UI.
func (in *Instance) Handler() http.Handler { return in.handler }

// ServeHTTP makes the instance itself the handler.
func (in *Instance) ServeHTTP(w http.ResponseWriter, r *http.Request) { in.handler.ServeHTTP(w, r) }

// Close waits for background rules and deliveries until ctx is done, cancels what is left, stops every goroutine and
// writes the state file. Requests that arrive later still read, but nothing they start in the background will run.
func (in *Instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() {
		in.async.close(ctx)
		in.outbound.close(ctx)
		in.closeErr = in.saver.close()
	})
	return in.closeErr
}

// Quiesce waits until no background rule and no delivery is waiting or running.
func (in *Instance) Quiesce(ctx context.Context) error {
	for {
		if err := in.async.idle.wait(ctx); err != nil {
			return err
		}
		if err := in.outbound.idle.wait(ctx); err != nil {
			return err
		}
		if in.async.idle.isIdle() && in.outbound.idle.isIdle() {
			return nil
		}
	}
}

// now is the present as the platform stores it.
func (in *Instance) now() string { return in.opts.Now().UTC().Format(stamp) }
