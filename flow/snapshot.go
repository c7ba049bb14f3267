package flow

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// snapshot is the configuration of one epoch, compiled.
type snapshot struct {
	epoch        int64
	integrations map[string]neo.Integration
	index        map[string]*rules.Index               // by tenant
	scheduled    map[string]*rules.Compiled            // by the workflow's id
	dictionaries map[string]map[string]*neo.Dictionary // by tenant, by integration
	config       *neo.Config
}

// settings returns a tenant's settings.
func (s *snapshot) settings(tenant string) neo.Settings { return s.config.SettingsOf(tenant) }

// context returns what a tenant's workflows are judged by.
func (s *snapshot) context(tenant string) rules.Context {
	return rules.Context{Settings: s.settings(tenant), Dictionaries: s.dictionaries[tenant]}
}

// match returns the workflows that an event starts.
func (s *snapshot) match(e *neo.Event) []*rules.Compiled {
	if e.Source == neo.SourceBackfill {
		return nil
	}
	return s.index[e.TenantID].Match(e)
}

// Matcher knows what each event starts. It holds the newest configuration that it
// has seen; whether that is still the newest is checked where it counts, inside
// the transaction that stores the event.
type Matcher struct {
	store   Store
	log     *slog.Logger
	current atomic.Pointer[snapshot]
	loading singleflight.Group
}

// NewMatcher loads the configuration as it is now.
func NewMatcher(ctx context.Context, store Store, log *slog.Logger) (*Matcher, error) {
	m := &Matcher{store: store, log: log}
	config, err := store.LoadConfig(ctx, nil)
	if err != nil {
		return nil, err
	}
	m.install(config)
	return m, nil
}

// install compiles config and makes it current, unless a newer one is already.
func (m *Matcher) install(config neo.Config) *snapshot {
	s := &snapshot{epoch: config.Epoch, integrations: map[string]neo.Integration{}, index: map[string]*rules.Index{},
		scheduled: map[string]*rules.Compiled{}, dictionaries: map[string]map[string]*neo.Dictionary{}, config: &config}
	for _, i := range config.Integrations {
		s.integrations[i.ID] = i
		if s.dictionaries[i.TenantID] == nil {
			s.dictionaries[i.TenantID] = config.DictionariesOf(i.TenantID)
		}
	}
	compiled := map[string][]*rules.Compiled{}
	for i := range config.Workflows {
		w := &config.Workflows[i]
		c, err := rules.Compile(w, s.context(w.TenantID))
		if err != nil {
			// It was checked when it was saved: only a binary older than the one that
			// saved it comes here.
			m.log.Error("this workflow is not understood and does not run", "workflow", w.ID, "name", w.Name, "err", err)
			continue
		}
		if w.TriggerType == neo.Scheduled {
			s.scheduled[w.ID] = c
		}
		compiled[w.TenantID] = append(compiled[w.TenantID], c)
	}
	for tenant, list := range compiled {
		s.index[tenant] = rules.NewIndex(list)
	}
	for {
		was := m.current.Load()
		if was != nil && was.epoch > s.epoch {
			return s
		}
		if m.current.CompareAndSwap(was, s) {
			return s
		}
	}
}

// at returns the configuration of exactly the epoch that tx sees. While tx is
// open nobody can change it.
func (m *Matcher) at(ctx context.Context, tx neo.Tx) (*snapshot, error) {
	epoch, err := m.store.ConfigEpoch(ctx, tx)
	if err != nil {
		return nil, err
	}
	if s := m.current.Load(); s.epoch == epoch {
		return s, nil
	}
	config, err := m.store.LoadConfig(ctx, tx)
	if err != nil {
		return nil, err
	}
	return m.install(config), nil
}

// Context returns what a tenant's workflows are judged by, as this process knows it.
func (m *Matcher) Context(tenant string) rules.Context { return m.current.Load().context(tenant) }

// Dictionaries returns what the instances of a tenant say about their fields, by
// integration, as this process knows it.
func (m *Matcher) Dictionaries(tenant string) map[string]*neo.Dictionary {
	return m.current.Load().dictionaries[tenant]
}

// Integration returns an integration by its id, as this process knows it or, with
// fresh, as the store has it now. One that is not known is looked up in the store.
func (m *Matcher) Integration(ctx context.Context, id string, fresh bool) (neo.Integration, error) {
	if i, ok := m.current.Load().integrations[id]; ok && !fresh {
		return i, nil
	}
	s, err := m.newest(ctx)
	if err != nil {
		return neo.Integration{}, err
	}
	if i, ok := s.integrations[id]; ok {
		return i, nil
	}
	return neo.Integration{}, errKey
}

// Authorize returns the integration to which key opens the callback. An id or a
// key that is not known is looked up once more in the store, in case another
// replica has just connected it.
func (m *Matcher) Authorize(ctx context.Context, integrationID, key string) (neo.Integration, error) {
	hash := sha256.Sum256([]byte(key))
	if i, ok := m.current.Load().authorize(integrationID, hash[:]); ok {
		return i, nil
	}
	fresh, err := m.newest(ctx)
	if err != nil {
		return neo.Integration{}, err
	}
	if i, ok := fresh.authorize(integrationID, hash[:]); ok {
		return i, nil
	}
	return neo.Integration{}, errKey
}

// Refresh makes the configuration that the store has now the one that this process goes
// by. Events are matched against the newest in any case; this is for those who look
// without an event.
func (m *Matcher) Refresh(ctx context.Context) error {
	_, err := m.newest(ctx)
	return err
}

// newest returns the configuration as the store has it now.
func (m *Matcher) newest(ctx context.Context) (*snapshot, error) {
	fresh, err, _ := m.loading.Do("", func() (any, error) {
		var s *snapshot
		err := m.store.InTx(ctx, func(tx neo.Tx) (err error) {
			s, err = m.at(ctx, tx)
			return err
		})
		return s, err
	})
	if err != nil {
		return nil, err
	}
	return fresh.(*snapshot), nil
}

var errKey = neo.Errorf(neo.CodeForbidden,
	"This callback address is not valid (any more). Reconnect the integration in the dashboard: that plants the right one.")

func (s *snapshot) authorize(integrationID string, hash []byte) (neo.Integration, bool) {
	i, known := s.integrations[integrationID]
	want := i.CallbackHash
	if !known || len(want) != sha256.Size {
		want = make([]byte, sha256.Size) // compare all the same: time tells nothing
		known = false
	}
	return i, subtle.ConstantTimeCompare(hash, want) == 1 && known
}
