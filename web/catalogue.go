package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// TicketCatalogue says which fields tickets have, and which values those can have.
type TicketCatalogue interface {
	// Fields describes the fields of a class.
	Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error)
	// Choices returns values that a field of the class can have and that contain query,
	// at most limit: the choices of a choice field, the records of a reference field.
	Choices(ctx context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error)
}

const (
	catalogueAge    = 2 * time.Minute
	catalogueErrAge = 15 * time.Second
	catalogueTime   = 20 * time.Second // for one question to the ticket system
	learnFrom       = 500              // of the newest changes
)

// catalogue is what the editor knows of each connection's tickets.
type catalogue struct {
	fields  memory[[]neo.Field]
	choices memory[[]neo.Choice]
	learnt  memory[learnt]
}

func newCatalogue(now func() time.Time) *catalogue {
	return &catalogue{
		fields:  memory[[]neo.Field]{good: catalogueAge, bad: catalogueErrAge, now: now},
		choices: memory[[]neo.Choice]{good: catalogueAge, bad: catalogueErrAge, now: now},
		learnt:  memory[learnt]{good: time.Minute, bad: catalogueErrAge, now: now},
	}
}

// forget drops what is known of a connection.
func (c *catalogue) forget(integrationID string) {
	c.fields.forget(integrationID + "/")
	c.choices.forget(integrationID + "/")
	c.learnt.forget(integrationID + "/")
}

func (s *Server) registerCatalogue(api huma.API) {
	huma.Register(api, op("list-fields", http.MethodGet, "/catalogue/fields", "Catalogue",
		"The fields of tickets, those that all the classes have first. meta.warnings says when they are only those of recent changes"), s.listFields)
	huma.Register(api, op("list-choices", http.MethodGet, "/catalogue/choices", "Catalogue",
		"Values that a field can have. meta.warnings says when they are only those of recent changes"), s.listChoices)
}

// CatalogueQuery is the part of the input that says whose tickets are meant.
type CatalogueQuery struct {
	Classes     []neo.TicketClass `query:"class,explode" enum:"incident,sc_request,sc_req_item,sc_task,change_request,problem" doc:"Default: all"`
	Integration string            `query:"integration" maxLength:"64" doc:"Default: the first that is connected"`
}

func (in CatalogueQuery) classes() []neo.TicketClass {
	if len(in.Classes) == 0 {
		return neo.TicketClasses
	}
	return slices.DeleteFunc(slices.Clone(neo.TicketClasses), func(c neo.TicketClass) bool { return !slices.Contains(in.Classes, c) })
}

type fieldsInput struct {
	CatalogueQuery
}

func (s *Server) listFields(ctx context.Context, in *fieldsInput) (*out[[]neo.Field], error) {
	asked, err := s.ask(ctx, in.CatalogueQuery)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	classes := in.classes()
	beside := classes
	if len(classes) == 1 { // what all have in common shows beside another one
		beside = append(slices.Clone(classes), neo.TicketClasses[0])
		if classes[0] == neo.TicketClasses[0] {
			beside[1] = neo.ChangeRequest
		}
	}
	fields := ordered(asked.fields(ctx, beside, classes), beside, classes)
	return asked.answerFields(ctx, fields), nil
}

type choicesInput struct {
	CatalogueQuery
	Field string `query:"field" required:"true" minLength:"1" maxLength:"80"`
	Query string `query:"q" maxLength:"100" doc:"What the value or its label contains"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (s *Server) listChoices(ctx context.Context, in *choicesInput) (*out[[]neo.Choice], error) {
	asked, err := s.ask(ctx, in.CatalogueQuery)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	classes := in.classes()
	choices := asked.choices(ctx, asked.fields(ctx, classes, nil), classes, in.Field, strings.TrimSpace(in.Query), in.Limit)
	o := answer(ctx, choices)
	o.Body.Meta.Warnings = asked.warnings
	return o, nil
}

// question is one request for what a connection knows of its tickets.
type question struct {
	server      *Server
	integration neo.Integration // without an ID: nothing is connected
	learnt      learnt
	warnings    []string
}

// ask begins a question about the integration that is meant.
func (s *Server) ask(ctx context.Context, in CatalogueQuery) (*question, error) {
	q := &question{server: s}
	tenant := userOf(ctx).TenantID
	if in.Integration != "" {
		i, err := s.store.Integration(ctx, tenant, in.Integration)
		if err != nil {
			return nil, err
		}
		q.integration = i
	} else {
		list, err := s.store.Integrations(ctx, tenant)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			q.warn("Nothing is connected yet, so that Neo knows no fields. Connect a ticket system on the Integrations page.")
			return q, nil
		}
		q.integration = list[max(0, slices.IndexFunc(list, works))]
	}
	var err error
	q.learnt, err = s.catalogue.learnt.get(ctx, q.key(), func(ctx context.Context) (learnt, error) {
		events, err := s.store.RecentEvents(ctx, q.integration.TenantID, q.integration.ID, learnFrom)
		return learn(events), err
	})
	return q, err
}

// works reports whether a connection is up.
func works(i neo.Integration) bool { return i.State == neo.StateReady || i.State == neo.StateSetup }

func (q *question) key(parts ...string) string {
	return q.integration.ID + "/" + strings.Join(parts, "/")
}

func (q *question) warn(text string) {
	if !slices.Contains(q.warnings, text) {
		q.warnings = append(q.warnings, text)
	}
}

func (q *question) answerFields(ctx context.Context, fields []neo.Field) *out[[]neo.Field] {
	o := answer(ctx, fields)
	o.Body.Meta.Warnings = q.warnings
	return o
}

// fields returns the fields of each class. A class of that the ticket system does not tell,
// or nothing, has those of recent changes; for the classes of tell a warning says so.
func (q *question) fields(ctx context.Context, classes, tell []neo.TicketClass) map[neo.TicketClass][]neo.Field {
	if q.integration.ID == "" {
		return nil
	}
	found := make([][]neo.Field, len(classes))
	failed := make([]error, len(classes))
	var wg sync.WaitGroup
	for i, class := range classes {
		wg.Go(func() {
			found[i], failed[i] = q.server.catalogue.fields.get(ctx, q.key(string(class)), func(ctx context.Context) ([]neo.Field, error) {
				return asking(ctx, q, func(ctx context.Context, c TicketCatalogue) ([]neo.Field, error) { return c.Fields(ctx, class) })
			})
		})
	}
	wg.Wait()
	byClass := map[neo.TicketClass][]neo.Field{}
	for i, class := range classes {
		if len(found[i]) > 0 {
			byClass[class] = q.withCustom(class, found[i])
			continue
		}
		byClass[class] = q.learnt.fields(class)
		if !slices.Contains(tell, class) {
			continue
		}
		if failed[i] == nil {
			failed[i] = neo.Errorf(neo.CodeRefused, "Neo's account may not see the list of fields.")
		}
		q.warn("These are the fields that recent changes had; the ticket system did not tell those that there are. " + neo.MessageOf(failed[i]))
	}
	return byClass
}

// withCustom adds custom fields that tickets had and that the ticket system did not
// name: dictionaries are often closed to those who may read the tickets.
func (q *question) withCustom(class neo.TicketClass, fields []neo.Field) []neo.Field {
	all := slices.Clip(fields) // what is remembered stays as it is
	for _, f := range q.learnt.fields(class) {
		if f.Custom && !slices.ContainsFunc(fields, func(known neo.Field) bool { return known.Name == f.Name }) {
			all = append(all, f)
		}
	}
	return all
}

// asking asks the ticket system of a question.
func asking[T any](ctx context.Context, q *question, f func(context.Context, TicketCatalogue) (T, error)) (T, error) {
	var none T
	ctx, cancel := context.WithTimeout(ctx, catalogueTime)
	defer cancel()
	c, err := q.server.options.Catalogue(ctx, q.integration.ID)
	if err != nil {
		return none, err
	}
	answer, err := f(ctx, c)
	if err != nil && neo.CodeOf(err) != neo.CodeUnavailable {
		q.server.log.Warn("the ticket system does not tell its fields or choices", "integration", q.integration.ID, "err", err)
	}
	return answer, err
}

// ordered merges fields of several classes: a field that more than one has is one,
// with all of them. Only fields of the classes in wanted are in it. Those that all
// classes of beside have come first, custom ones last.
func ordered(byClass map[neo.TicketClass][]neo.Field, beside, wanted []neo.TicketClass) []neo.Field {
	having := map[string]int{}
	for _, class := range beside {
		for _, f := range byClass[class] {
			having[f.Name]++
		}
	}
	merged := map[string]*neo.Field{}
	for _, class := range wanted {
		for _, f := range byClass[class] {
			m := merged[f.Name]
			if m == nil {
				f.Classes = nil
				m = &f
				merged[f.Name] = m
			}
			if !slices.Contains(m.Classes, class) {
				m.Classes = append(m.Classes, class)
			}
			m.ReadOnly = m.ReadOnly && f.ReadOnly
			m.Custom = m.Custom || f.Custom
			m.Reference = cmp.Or(m.Reference, f.Reference)
		}
	}
	fields := make([]neo.Field, 0, len(merged))
	for _, f := range merged {
		fields = append(fields, *f)
	}
	place := func(f neo.Field) int {
		switch {
		case f.Custom:
			return 2
		case having[f.Name] < len(beside):
			return 1
		}
		return 0
	}
	slices.SortFunc(fields, func(a, b neo.Field) int {
		return cmp.Or(place(a)-place(b), cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), cmp.Compare(a.Name, b.Name))
	})
	return fields
}

// choices returns values of a field in those of the classes that have it.
func (q *question) choices(ctx context.Context, fields map[neo.TicketClass][]neo.Field, classes []neo.TicketClass, field, query string, limit int) []neo.Choice {
	byClass := map[neo.TicketClass][]neo.Choice{}
	for _, class := range classes {
		at := slices.IndexFunc(fields[class], func(f neo.Field) bool { return f.Name == field })
		if at < 0 {
			continue
		}
		switch fields[class][at].Type {
		case neo.ReferenceField, neo.BooleanField:
			// The same in whichever class.
			return q.ofClass(ctx, class, field, query, limit)
		case neo.ChoiceField:
			byClass[class] = q.ofClass(ctx, class, field, query, limit)
		}
	}
	all := mergedChoices(byClass, len(classes) == len(neo.TicketClasses))
	return all[:min(limit, len(all))]
}

// ofClass returns values of a field in one class: what the ticket system says, or,
// with a warning, what recent changes had.
func (q *question) ofClass(ctx context.Context, class neo.TicketClass, field, query string, limit int) []neo.Choice {
	key := q.key(string(class), field, strconv.Itoa(limit), strings.ToLower(query))
	choices, err := q.server.catalogue.choices.get(ctx, key, func(ctx context.Context) ([]neo.Choice, error) {
		return asking(ctx, q, func(ctx context.Context, c TicketCatalogue) ([]neo.Choice, error) {
			return c.Choices(ctx, class, field, query, limit)
		})
	})
	if err != nil {
		q.warn("These are the values that recent changes had; the ticket system did not tell those that there are. " + neo.MessageOf(err))
		choices = q.learnt.choices(class, field, query)
	}
	return append([]neo.Choice{}, choices[:min(limit, len(choices))]...)
}

// mergedChoices merges the values of several classes, in the order in which they come.
// A value that the ticket system gives a class keeps it: elsewhere it means something
// else. When all classes are there, only those values do that mean different things.
func mergedChoices(byClass map[neo.TicketClass][]neo.Choice, complete bool) []neo.Choice {
	labels := map[string]map[string]bool{} // value → its labels
	for _, choices := range byClass {
		for _, c := range choices {
			if labels[c.Value] == nil {
				labels[c.Value] = map[string]bool{}
			}
			labels[c.Value][c.Label] = true
		}
	}
	all := []neo.Choice{}
	for _, class := range neo.TicketClasses {
		for _, c := range byClass[class] {
			if len(labels[c.Value]) > 1 {
				c.Class = class
			} else if complete {
				c.Class = ""
			}
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}
