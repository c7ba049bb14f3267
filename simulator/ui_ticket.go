package simulator

import (
	"context"
	"net/http"
	"slices"
	"sort"
	"strings"
)

// activity is one entry of a ticket's stream.
type activity struct {
	At, By  string
	Kind    string // note, comment, change, created
	Text    string
	Changes []shownChange
	at      string // UTC, to sort by
	seq     int
}

type shownChange struct{ Label, Old, New string }

func (in *Instance) ticketPage(v visit) { in.showTicket(v, "", nil) }

// showTicket renders the ticket; after a refused save with the reason and what the person had typed.
func (in *Instance) showTicket(v visit, problem string, typed map[string]string) {
	r := in.visitedTicket(v)
	if r == nil {
		in.message(v, http.StatusNotFound, "Record not found", "It does not exist, or your roles do not let you see it.")
		return
	}
	in.store.mu.RLock()
	view := viewer{in.store, v.who.zone}
	sections := view.form(r)
	row := view.ticketRow(r)
	stream := view.activities(r, v.who)
	approvals := view.approvals(v.who, "sysapproval="+r.id())
	created := view.display(r, colCreatedOn)
	in.store.mu.RUnlock()
	for _, s := range sections {
		for i := range s.Fields {
			s.Fields[i].retype(typed)
		}
	}
	in.show(v, "ticket.html", map[string]any{"Row": row, "Sections": sections, "Stream": stream, "Problem": problem,
		"MayWrite": v.who.canWrite(r.table), "MayComment": v.who.owns(r), "Approvals": approvals, "Created": created, "ModCount": r.vals[colModCount], "SysID": r.id(),
		"Saved": v.r.URL.Query().Get("saved") == "1", "WorkNotes": typed["work_notes"], "Comments": typed["comments"],
		"Table": r.table.name})
}

// retype puts back what a person had typed before their save was refused.
func (f *formField) retype(typed map[string]string) {
	value, ok := typed[f.Name]
	if !ok {
		return
	}
	f.Value = value
	for i := range f.Options {
		f.Options[i].Selected = f.Options[i].Value == value
	}
}

func (in *Instance) visitedTicket(v visit) *record {
	t := schema[v.r.PathValue("table")]
	if t == nil || !t.is("task") {
		return nil
	}
	r := in.store.find(t, v.r.PathValue("id"))
	if r == nil || !v.who.canRead(r) {
		return nil
	}
	return r
}

// saveTicket writes the fields that differ from what the form was opened with, as one update.
func (in *Instance) saveTicket(v visit) {
	r := in.visitedTicket(v)
	if r == nil {
		in.ticketPage(v)
		return
	}
	names := append(slices.Clone(formOf(r.table)), "work_notes", "comments")
	switch {
	case v.who.canWrite(r.table):
	case v.who.owns(r):
		names = []string{"comments"} // all that the person does whom the ticket is for
	default:
		in.showTicket(v, errACL("Update").detail, nil)
		return
	}
	form, typed := v.r.PostForm, map[string]string{}
	for _, name := range names {
		if !form.Has(name) {
			continue
		}
		value := strings.ReplaceAll(form.Get(name), "\r\n", "\n")
		if was := strings.ReplaceAll(form.Get("was."+name), "\r\n", "\n"); value != was {
			typed[name] = value
		}
	}
	_, err := in.write(context.WithoutCancel(v.r.Context()), writeRequest{op: opUpdate, table: r.table, id: r.id(),
		set: in.checkedValues(v, r.table, typed), actor: v.who, checked: true})
	if err != nil {
		in.showTicket(v, asAPIError(err).detail, typed)
		return
	}
	http.Redirect(v.w, v.r, "/tickets/"+r.table.name+"/"+r.id()+"?saved=1", http.StatusSeeOther)
}

// activities is the stream, newest first. Field changes of one save are one entry; work notes are for those who work on
// tickets. The store's lock must be held.
func (v viewer) activities(r *record, who *actor) []activity {
	out := []activity{{at: r.vals[colCreatedOn], By: v.personName(r.vals[colCreatedBy]), Kind: "created",
		Text: r.table.label + " " + r.get("number") + " was opened"}}
	for _, e := range v.store.history[r.id()] {
		col := r.table.col(e.Field)
		if col < 0 {
			continue
		}
		c := shownChange{r.table.columns[col].label, v.displayOf(r.table, col, e.Old), v.displayOf(r.table, col, e.New)}
		last := &out[len(out)-1]
		if last.Kind == "change" && last.at == e.At && last.By == v.personName(e.By) {
			last.Changes = append(last.Changes, c)
			continue
		}
		out = append(out, activity{at: e.At, By: v.personName(e.By), Kind: "change", Changes: []shownChange{c}})
	}
	for _, e := range v.store.tables.entries(r.id(), "") {
		kind := "note"
		if e.get("element") == "comments" {
			kind = "comment"
		} else if !who.canReadAll(r.table) {
			continue
		}
		out = append(out, activity{at: e.vals[colCreatedOn], By: v.personName(e.vals[colCreatedBy]), Kind: kind, Text: e.get("value")})
	}
	for i := range out {
		out[i].seq, out[i].At = i, localTime(out[i].at, v.zone)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].at != out[j].at {
			return out[i].at > out[j].at
		}
		return out[i].seq > out[j].seq
	})
	return out
}
