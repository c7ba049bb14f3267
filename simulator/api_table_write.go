package simulator

import (
	"context"
	"net/http"
)

func (c *apiCall) insert(t *table) error {
	values, err := c.body(t)
	if err != nil {
		return err
	}
	if !c.who.canWrite(t) {
		return errACL("Insert")
	}
	id := values["sys_id"]
	delete(values, "sys_id")
	r, err := c.in.write(c.transaction(), writeRequest{op: opInsert, table: t, id: id, set: values, actor: c.who, checked: true})
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.tableURL(t.name)+"/"+r.id())
	return c.result(http.StatusCreated, t, r)
}

// update is PUT and PATCH alike: fields that are not sent stay.
func (c *apiCall) update(t *table, id string) error {
	values, err := c.body(t)
	if err != nil {
		return err
	}
	delete(values, "sys_id")
	r := c.readable(t, id)
	if r == nil {
		return errNotFound
	}
	if !c.who.canUpdate(r) {
		return errACL("Update")
	}
	r, err = c.in.write(c.transaction(), writeRequest{op: opUpdate, table: t, id: id, set: values, actor: c.who, checked: true})
	if err != nil {
		return err
	}
	return c.result(http.StatusOK, t, r)
}

func (c *apiCall) remove(t *table, id string) error {
	r := c.readable(t, id)
	if r == nil {
		return errNotFound
	}
	if !c.who.canDelete(r.table) {
		return errACL("Delete")
	}
	if _, err := c.in.write(c.transaction(), writeRequest{op: opDelete, table: t, id: id, actor: c.who}); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// transaction outlives the client: a save goes on when the caller hangs up.
func (c *apiCall) transaction() context.Context { return context.WithoutCancel(c.r.Context()) }

// tableURL keeps the API version of the request.
func (c *apiCall) tableURL(table string) string {
	if c.version == "" {
		return c.base + "/api/now/table/" + table
	}
	return c.base + "/api/now/" + c.version + "/table/" + table
}
