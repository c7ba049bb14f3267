package simulator

import (
	"cmp"
	"context"
	"time"
)

// followUp is what the platform's own rules do to other records after a write: approvals, and time worked.
func (in *Instance) followUp(ctx context.Context, w writeRequest, done *commitment) {
	if w.raw || done.op == opDelete {
		return
	}
	changed := func(name string) bool {
		return done.before == nil && done.after.get(name) != "" || done.before != nil && done.before.get(name) != done.after.get(name)
	}
	var err error
	switch r := done.after; {
	case r.table.name == "sysapproval_approver" && changed("state"):
		err = in.decided(ctx, w.actor, r)
	case r.table.name == "task_time_worked" && done.before == nil:
		err = in.addToTimer(ctx, w.actor, r)
	case r.table.root.name == "task" && changed("approval") && r.get("approval") == "requested":
		err = in.askApprover(ctx, w.actor, r)
	}
	if err != nil {
		in.syslog.write("error", done.after.table.label, "What follows from the write failed: "+err.Error())
	}
}

// askApprover asks one person to approve a task, unless somebody was asked: the manager of the person it is for, else
// of its group. Without one, approval stays as it is until somebody sets it.
func (in *Instance) askApprover(ctx context.Context, who *actor, task *record) error {
	approver := ""
	in.store.mu.RLock()
	asked := in.store.tables.lookupAll(schema["sysapproval_approver"], "sysapproval", task.id())
	if u := in.store.tables.find(schema["sys_user"], task.get(personField[task.table.name])); u != nil {
		approver = u.get("manager")
	}
	if g := in.store.tables.find(schema["sys_user_group"], task.get("assignment_group")); g != nil {
		approver = cmp.Or(approver, g.get("manager"))
	}
	in.store.mu.RUnlock()
	if approver == "" || len(asked) > 0 {
		return nil
	}
	_, err := in.write(ctx, writeRequest{op: opInsert, table: schema["sysapproval_approver"], actor: who,
		set: map[string]string{"sysapproval": task.id(), "approver": approver, "source_table": task.table.name}})
	return err
}

// decided hands an approver's decision on to the task: the first one counts, and whoever was asked beside is not needed
// any more.
func (in *Instance) decided(ctx context.Context, who *actor, approval *record) error {
	state, task := approval.get("state"), in.store.find(schema["task"], approval.get("sysapproval"))
	if task == nil || state != "approved" && state != "rejected" {
		return nil
	}
	in.store.mu.RLock()
	var others []string
	for _, s := range in.store.tables.lookupAll(schema["sysapproval_approver"], "sysapproval", task.id()) {
		if s.rec.id() != approval.id() && s.rec.get("state") == "requested" {
			others = append(others, s.rec.id())
		}
	}
	in.store.mu.RUnlock()
	for _, id := range others {
		if _, err := in.write(ctx, writeRequest{op: opUpdate, table: approval.table, id: id, actor: in.system(),
			set: map[string]string{"state": "not_required"}}); err != nil {
			return err
		}
	}
	set := map[string]string{"approval": state, "approval_set": in.now()}
	if task.table.name == "sc_req_item" && state == "approved" && task.get("stage") == "waiting_for_approval" {
		set["stage"] = "request_approved"
	}
	_, err := in.write(ctx, writeRequest{op: opUpdate, table: task.table, id: task.id(), actor: who, set: set})
	return err
}

// addToTimer adds time worked to the task's own timer, where the instance is set to.
func (in *Instance) addToTimer(ctx context.Context, who *actor, entry *record) error {
	if on, _ := in.store.property("com.snc.time_worked.update_task_timer"); on != "true" {
		return nil
	}
	task := in.store.find(schema["task"], entry.get("task"))
	worked, err := time.Parse(stamp, entry.get("time_worked"))
	if task == nil || err != nil {
		return nil //nolint:nilerr // an entry without a task or a time adds nothing
	}
	sum := worked
	if before, err := time.Parse(stamp, task.get("time_worked")); err == nil {
		sum = before.Add(time.Duration(worked.Unix()) * time.Second)
	}
	_, err = in.write(ctx, writeRequest{op: opUpdate, table: task.table, id: task.id(), actor: who, set: map[string]string{"time_worked": sum.Format(stamp)}})
	return err
}
