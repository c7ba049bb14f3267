package simulator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const ticketsPerPage = 25

// ticketClasses are the classes the list can be narrowed to and new tickets can be made of.
var ticketClasses = []string{"incident", "change_request", "problem", "sc_request", "sc_req_item", "sc_task"}

type ticketRow struct {
	URL, Number, Class, Short, State, Priority, PriorityValue, Group, Assigned, Person, Updated string
	Active                                                                                      bool
}

// ticketsPage serves /: the tickets the person may read, newest change first.
func (in *Instance) ticketsPage(v visit) {
	q := v.r.URL.Query()
	class, search, all := q.Get("class"), strings.TrimSpace(q.Get("q")), q.Get("show") == "all"
	t := schema[class]
	if t == nil || !t.is("task") {
		t, class = schema["task"], ""
	}
	encoded := encodedQuery{groups: [][]clause{nil}, order: []orderTerm{{"sys_updated_on", true}, {"number", true}}}
	if !all {
		encoded.groups[0] = append(encoded.groups[0], clause{{"active", "=", "true"}})
	}
	if search != "" {
		encoded.groups[0] = append(encoded.groups[0], clause{{"number", "LIKE", search}, {"short_description", "LIKE", search},
			{"description", "LIKE", search}})
	}
	from := max(0, min(intParam(q, "from", 0), 1<<20))

	in.store.mu.RLock()
	view := viewer{in.store, v.who.zone}
	page, total := compileQuery(encoded, t, queryEnv{tables: in.store.tables, actor: v.who, now: in.opts.Now()}).run(from, ticketsPerPage)
	rows := []ticketRow{}
	for _, r := range page {
		if v.who.canRead(r) {
			rows = append(rows, view.ticketRow(r))
		}
	}
	in.store.mu.RUnlock()

	link := func(at int) string {
		c := url.Values{"from": {strconv.Itoa(at)}}
		for _, k := range []string{"class", "q", "show"} {
			if q.Get(k) != "" {
				c.Set(k, q.Get(k))
			}
		}
		return "/?" + c.Encode()
	}
	data := map[string]any{"Rows": rows, "Classes": ticketClasses, "Class": class, "Search": search, "All": all,
		"First": from + 1, "Last": min(from+ticketsPerPage, total), "Total": total, "MayWrite": v.who.canWrite(schema["incident"]),
		"NoRole": !v.who.has("itil"), "Narrowed": class != "" || search != ""}
	if from > 0 {
		data["Previous"] = link(max(0, from-ticketsPerPage))
	}
	if from+ticketsPerPage < total {
		data["Next"] = link(from + ticketsPerPage)
	}
	in.show(v, "tickets.html", data)
}

func (v viewer) ticketRow(r *record) ticketRow {
	show := func(name string) string {
		if c := r.table.col(name); c >= 0 {
			return v.display(r, c)
		}
		return ""
	}
	person := ""
	for _, f := range []string{"caller_id", "requested_for", "requested_by", "opened_by"} {
		if person = show(f); person != "" {
			break
		}
	}
	return ticketRow{URL: "/tickets/" + r.table.name + "/" + r.id(), Number: r.get("number"), Class: r.table.label,
		Short: r.get("short_description"), State: show("state"), Priority: show("priority"), PriorityValue: r.get("priority"),
		Group: show("assignment_group"), Assigned: show("assigned_to"), Person: person, Updated: show("sys_updated_on"),
		Active: r.get("active") == "true"}
}

// newTicketFields are what the create form asks for; a field the chosen class lacks is left out.
var newTicketFields = []string{"short_description", "description", "caller_id", "assignment_group", "assigned_to", "impact",
	"urgency", "category"}

// personField is where a class keeps the person a ticket is for.
var personField = map[string]string{"incident": "caller_id", "change_request": "requested_by", "sc_request": "requested_for",
	"sc_req_item": "requested_for"}

func (in *Instance) newTicketPage(v visit) {
	in.newTicketForm(v, map[string]string{"impact": "3", "urgency": "3", "class": "incident"}, "")
}

func (in *Instance) newTicketForm(v visit, given map[string]string, problem string) {
	t := schema["incident"]
	r := &record{t, make([]string, len(t.columns))}
	for name, value := range given {
		if c := t.col(name); c >= 0 {
			r.vals[c] = value
		}
	}
	var fields []formField
	in.store.mu.RLock()
	view := viewer{in.store, v.who.zone}
	for _, name := range newTicketFields {
		f := view.formField(r, t.col(name))
		if name == "caller_id" {
			f.Label = "Caller / requested for"
		}
		fields = append(fields, f)
	}
	in.store.mu.RUnlock()
	in.show(v, "new_ticket.html", map[string]any{"Fields": fields, "Classes": ticketClasses, "Class": given["class"],
		"Problem": problem, "MayWrite": v.who.canWrite(schema["incident"])})
}

func (in *Instance) createTicket(v visit) {
	form := v.r.PostForm
	given := map[string]string{"class": form.Get("class")}
	for _, name := range newTicketFields {
		given[name] = strings.ReplaceAll(form.Get(name), "\r\n", "\n")
	}
	t := schema[given["class"]]
	switch {
	case t == nil || !t.is("task"):
		in.newTicketForm(v, given, "Choose a class.")
		return
	case strings.TrimSpace(given["short_description"]) == "":
		in.newTicketForm(v, given, "Write a short description.")
		return
	case !v.who.canWrite(t):
		in.newTicketForm(v, given, errACL("Insert").detail)
		return
	}
	values := map[string]string{}
	for _, name := range newTicketFields {
		target := name
		if name == "caller_id" {
			if target = personField[t.name]; target == "" {
				continue
			}
		}
		if given[name] != "" {
			values[target] = given[name]
		}
	}
	r, err := in.write(context.WithoutCancel(v.r.Context()), writeRequest{op: opInsert, table: t, set: in.checkedValues(v, t, values), actor: v.who, checked: true})
	if err != nil {
		in.newTicketForm(v, given, asAPIError(err).detail)
		return
	}
	http.Redirect(v.w, v.r, "/tickets/"+t.name+"/"+r.id(), http.StatusSeeOther)
}

// checkedValues reads form values the way the API reads a body.
func (in *Instance) checkedValues(v visit, t *table, values map[string]string) map[string]string {
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	return input{tables: in.store.tables, choices: in.store.choices, zone: v.who.zone}.values(t, values)
}
