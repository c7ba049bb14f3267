package simulator

import (
	"context"
	"net/http"
	"strings"
)

// approvalRow is one approval as pages show it.
type approvalRow struct {
	SysID, Number, URL, Short, Approver, State, Comments string
	MayDecide                                            bool
}

// approvals are those that match; the store's lock must be held.
func (v viewer) approvals(who *actor, query string) []approvalRow {
	t := schema["sysapproval_approver"]
	page, _ := compileQuery(parseQuery(query+"^ORDERBYsys_created_on"), t, queryEnv{tables: v.store.tables, actor: who}).run(0, maxOptions)
	rows := []approvalRow{}
	for _, r := range page {
		task := v.store.tables.find(schema["task"], r.get("sysapproval"))
		if task == nil || !who.canRead(r) {
			continue
		}
		rows = append(rows, approvalRow{SysID: r.id(), Number: task.get("number"), URL: "/tickets/" + task.table.name + "/" + task.id(),
			Short: task.get("short_description"), Approver: v.display(r, t.col("approver")), State: v.display(r, t.col("state")),
			Comments: r.get("comments"), MayDecide: r.get("state") == "requested" && who.mayDecide(r)})
	}
	return rows
}

// mayDecide says whether the actor is the approver, or an administrator who decides for them.
func (a *actor) mayDecide(approval *record) bool { return approval.get("approver") == a.id || a.has() }

// approvalsPage serves /approvals: what the person was asked to approve; an administrator sees what everybody was asked.
func (in *Instance) approvalsPage(v visit) {
	query := "approver=" + v.who.id
	if v.who.has() {
		query = "stateISNOTEMPTY"
	}
	in.store.mu.RLock()
	rows := viewer{in.store, v.who.zone}.approvals(v.who, query)
	in.store.mu.RUnlock()
	in.show(v, "approvals.html", map[string]any{"Approvals": rows})
}

// decideApproval serves POST /approvals/{id}: decision is approved or rejected.
func (in *Instance) decideApproval(v visit) {
	r := in.store.find(schema["sysapproval_approver"], v.r.PathValue("id"))
	decision := v.r.PostForm.Get("decision")
	switch {
	case r == nil || !v.who.canRead(r):
		in.message(v, http.StatusNotFound, "Record not found", "It does not exist, or your roles do not let you see it.")
		return
	case decision != "approved" && decision != "rejected":
		in.message(v, http.StatusBadRequest, "No decision", "Press Approve or Reject.")
		return
	case !v.who.mayDecide(r) || r.get("state") != "requested":
		in.message(v, http.StatusForbidden, "This approval is not yours to give", "It was decided already, or somebody else was asked.")
		return
	}
	_, err := in.write(context.WithoutCancel(v.r.Context()), writeRequest{op: opUpdate, table: r.table, id: r.id(), actor: v.who,
		set: map[string]string{"state": decision, "comments": strings.TrimSpace(v.r.PostForm.Get("comments"))}})
	if err != nil {
		in.message(v, http.StatusForbidden, "Not saved", asAPIError(err).detail)
		return
	}
	back := "/approvals"
	if task := in.store.find(schema["task"], r.get("sysapproval")); task != nil && v.r.PostForm.Get("back") == "ticket" && v.who.canRead(task) {
		back = "/tickets/" + task.table.name + "/" + task.id() + "?saved=1"
	}
	http.Redirect(v.w, v.r, back, http.StatusSeeOther)
}
