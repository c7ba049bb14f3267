package simulator

import "slices"

// access is who may do what with a table's records. admin may do everything. A nil role list means every signed-in user.
// Reading without the role gives an empty list, not an error: that is the platform's habit and a trap worth keeping.
type access struct {
	read  []string
	write []string // insert and update; deleting task records is for admins
	own   []string // reference fields that make a record readable for the user they name
	// ownWrite: whoever may read a record as own may change it too.
	ownWrite bool
	fields   []string // when set: the only fields, besides sys_id, that users without admin can read
}

var (
	everyoneReads = &access{write: []string{"admin"}}
	adminOnly     = &access{read: []string{"admin"}, write: []string{"admin"}}
	taskAccess    = &access{read: []string{"itil"}, write: []string{"itil"}}
)

// classAccess is the access of a task class: itil, or the granular role of that class.
func classAccess(readRole, writeRole string, own ...string) *access {
	return &access{read: []string{"itil", readRole, writeRole}, write: []string{"itil", writeRole}, own: own}
}

func (a *actor) has(roles ...string) bool {
	if a.roles["admin"] {
		return true
	}
	return slices.ContainsFunc(roles, func(r string) bool { return a.roles[r] })
}

// canRead judges one record by its own class: a list of task shows an incident reader the incidents only.
func (a *actor) canRead(r *record) bool {
	acl := r.table.access
	return acl.read == nil || a.has(acl.read...) || a.owns(r)
}

// owns says whether a reference field that counts for it names the actor.
func (a *actor) owns(r *record) bool {
	return slices.ContainsFunc(r.table.access.own, func(f string) bool { return r.get(f) == a.id })
}

// canUpdate judges one record, where canWrite judges a table.
func (a *actor) canUpdate(r *record) bool {
	return a.canWrite(r.table) || r.table.access.ownWrite && a.owns(r)
}

func (a *actor) canWrite(t *table) bool { return a.has(t.access.write...) }

func (a *actor) canDelete(t *table) bool {
	if t.root.name == "task" {
		return a.has()
	}
	return a.canWrite(t)
}

// canReadField is the field-level ACL.
func (a *actor) canReadField(t *table, name string) bool {
	allowed := t.access.fields
	return allowed == nil || name == "sys_id" || a.has() || slices.Contains(allowed, name)
}
