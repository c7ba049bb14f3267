package simulator

import (
	"mime"
	"net/http"
	"strconv"
)

// errAttachmentAccess refuses a file on a record the caller may not change. Texts are those of the Table API; the
// documentation gives statuses only.
var errAttachmentAccess = errACL("Insert")

// attachment serves /api/now[/vN]/attachment (fact sheet 2.10): the list, one entry, its bytes, two ways to add a file,
// and removing it. Who may read or change the record may read or add its files.
func (c *apiCall) attachment() error {
	m, at := c.method(), ""
	if len(c.path) > 0 {
		at = c.path[0]
	}
	reads := m == http.MethodGet || m == http.MethodHead
	switch {
	case len(c.path) == 0 && reads:
		return c.listAttachments()
	case len(c.path) == 1 && m == http.MethodPost && at == "file":
		return c.attachBody()
	case len(c.path) == 1 && m == http.MethodPost && at == "upload":
		return c.attachForm()
	case len(c.path) == 1 && reads:
		return c.oneAttachment(at)
	case len(c.path) == 1 && m == http.MethodDelete:
		return c.removeAttachment(at)
	case len(c.path) == 2 && c.path[1] == "file" && reads:
		return c.attachmentBytes(at)
	case len(c.path) > 2 || len(c.path) == 2 && c.path[1] != "file":
		return errNoSuchURI
	}
	return errMethod
}

// listAttachments has limit and offset as the Table API: both come before what the caller may read.
func (c *apiCall) listAttachments() error {
	q := c.r.URL.Query()
	t, s := schema["sys_attachment"], c.in.store
	s.mu.RLock()
	page, total := compileQuery(c.query(q), t, queryEnv{tables: s.tables, actor: c.who, now: c.in.opts.Now(),
		strict: c.in.quirks.Load().InvalidQueryReturnsNone}).run(intParam(q, "sysparm_offset", 0), intParam(q, "sysparm_limit", maxRows))
	out := []map[string]string{}
	for _, r := range page {
		if c.attachedTo(r) != nil {
			out = append(out, c.attachmentEntry(r))
		}
	}
	s.mu.RUnlock()
	c.w.Header().Set("X-Total-Count", strconv.Itoa(total))
	return c.answer(http.StatusOK, out)
}

// attachedTo is the record a file hangs on, nil when the caller may not read it. The store's lock must be held.
func (c *apiCall) attachedTo(r *record) *record {
	t := schema[r.get("table_name")]
	if t == nil {
		return nil
	}
	on := c.in.store.tables.find(t, r.get("table_sys_id"))
	if on == nil || !c.who.canRead(on) {
		return nil
	}
	return on
}

// attachmentEntry is a file's metadata: every column as a string, and where its bytes are.
func (c *apiCall) attachmentEntry(r *record) map[string]string {
	out := map[string]string{"download_link": c.attachmentURL(r.id()) + "/file"}
	for i, v := range r.vals {
		out[r.table.columns[i].name] = v
	}
	return out
}

func (c *apiCall) attachmentURL(id string) string {
	if c.version == "" {
		return c.base + "/api/now/attachment/" + id
	}
	return c.base + "/api/now/" + c.version + "/attachment/" + id
}

// readableAttachment is the entry and the record it hangs on.
func (c *apiCall) readableAttachment(id string) (file, on *record) {
	s := c.in.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	if file = s.tables.find(schema["sys_attachment"], id); file == nil {
		return nil, nil
	}
	if on = c.attachedTo(file); on == nil {
		return nil, nil
	}
	return file, on
}

func (c *apiCall) oneAttachment(id string) error {
	r, _ := c.readableAttachment(id)
	if r == nil {
		return errNotFound
	}
	return c.answer(http.StatusOK, c.attachmentEntry(r))
}

// attachmentBytes is always a download: what users upload must not run as a page of this instance.
func (c *apiCall) attachmentBytes(id string) error {
	r, _ := c.readableAttachment(id)
	if r == nil {
		return errNotFound
	}
	data, err := c.in.fileOf(id)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", r.get("content_type"))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": r.get("file_name")}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(data)
	}
	return nil
}

func (c *apiCall) removeAttachment(id string) error {
	r, on := c.readableAttachment(id)
	if r == nil {
		return errNotFound
	}
	if !c.who.canWrite(on.table) {
		return errACL("Delete")
	}
	if err := c.in.detach(c.transaction(), c.who, id); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
