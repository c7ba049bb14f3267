package storetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func endpoint(name string) neo.Endpoint {
	return neo.Endpoint{ID: newID(), TenantID: ours, Name: name, Kind: neo.EndpointSlack, Host: "hooks.slack.com", Sealed: []byte{0, 1, 0xff}}
}

func createEndpoint(t testing.TB, db *store.DB, name string) neo.Endpoint {
	t.Helper()
	e := endpoint(name)
	noError(t, db.CreateEndpoint(t.Context(), &e))
	return e
}

// sending saves an enabled workflow that sends to the endpoint of that name or id.
func sending(t testing.TB, db *store.DB, name, endpoint string) neo.Workflow {
	t.Helper()
	w := workflow(name)
	w.Actions = append(w.Actions, neo.ActionSpec{Type: neo.ActionSendMessage, Config: json.RawMessage(`{"endpoint":"` + endpoint + `","text":"Hello"}`)})
	save(t, db, &w)
	return w
}

// used checks that err is a conflict that names the workflow.
func used(t testing.TB, err error, workflow string) {
	t.Helper()
	fails(t, err, neo.CodeConflict)
	if !strings.Contains(neo.MessageOf(err), workflow) {
		t.Errorf("%q does not name %q", neo.MessageOf(err), workflow)
	}
}

var endpointTests = []test{
	{"are read as they were saved, by id and by name", func(t *testing.T, db *store.DB) {
		b, a := createEndpoint(t, db, "Beta"), createEndpoint(t, db, "alpha")
		foreign := endpoint("alpha")
		foreign.TenantID = theirs
		noError(t, db.CreateEndpoint(t.Context(), &foreign))
		equal(t, "endpoints", must[[]neo.Endpoint](t)(db.Endpoints(t.Context(), ours)), []neo.Endpoint{a, b})
		equal(t, "by id", must[neo.Endpoint](t)(db.Endpoint(t.Context(), ours, b.ID)), b)
		equal(t, "by name", must[neo.Endpoint](t)(db.Endpoint(t.Context(), ours, "Beta")), b)

		b.Name, b.Kind, b.Host, b.Sealed = "Gamma", neo.EndpointHTTPS, "example.com", []byte("other")
		noError(t, db.SaveEndpoint(t.Context(), &b))
		equal(t, "by id", must[neo.Endpoint](t)(db.Endpoint(t.Context(), ours, b.ID)), b)
		_, err := db.Endpoint(t.Context(), ours, "Beta")
		fails(t, err, neo.CodeNotFound)

		noError(t, db.DeleteEndpoint(t.Context(), ours, b.ID))
		equal(t, "endpoints", must[[]neo.Endpoint](t)(db.Endpoints(t.Context(), ours)), []neo.Endpoint{a})
		fails(t, db.DeleteEndpoint(t.Context(), ours, b.ID), neo.CodeNotFound)
		fails(t, db.SaveEndpoint(t.Context(), &b), neo.CodeNotFound)
	}},
	{"are found by id before a name that looks like it", func(t *testing.T, db *store.DB) {
		a := createEndpoint(t, db, "A")
		createEndpoint(t, db, a.ID)
		equal(t, "endpoint", must[neo.Endpoint](t)(db.Endpoint(t.Context(), ours, a.ID)), a)
	}},
	{"have names of their own", func(t *testing.T, db *store.DB) {
		createEndpoint(t, db, "A")
		again, b := endpoint("A"), createEndpoint(t, db, "B")
		fails(t, db.CreateEndpoint(t.Context(), &again), neo.CodeConflict)
		b.Name = "A"
		fails(t, db.SaveEndpoint(t.Context(), &b), neo.CodeConflict)
	}},
	{"are kept while workflows that are on use them", func(t *testing.T, db *store.DB) {
		a := createEndpoint(t, db, "A")
		byName := sending(t, db, "By its name", "A")
		used(t, db.DeleteEndpoint(t.Context(), ours, a.ID), "By its name")
		renamed := a
		renamed.Name = "B"
		used(t, db.SaveEndpoint(t.Context(), &renamed), "By its name")
		noError(t, db.SaveEndpoint(t.Context(), &a)) // the name stays

		noError(t, db.SetWorkflowEnabled(t.Context(), ours, byName.ID, false))
		byID := sending(t, db, "By its id", a.ID)
		noError(t, db.SaveEndpoint(t.Context(), &renamed))
		used(t, db.DeleteEndpoint(t.Context(), ours, a.ID), "By its id")
		equal(t, "endpoints", len(must[[]neo.Endpoint](t)(db.Endpoints(t.Context(), ours))), 1)

		noError(t, db.DeleteWorkflow(t.Context(), ours, byID.ID))
		noError(t, db.DeleteEndpoint(t.Context(), ours, a.ID))
	}},
}
