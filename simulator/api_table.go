package simulator

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// table serves /api/now[/vN]/table/{table}[/{sys_id}].
func (c *apiCall) table() error {
	if len(c.path) < 1 || len(c.path) > 2 || c.path[0] == "" {
		return errNoSuchURI
	}
	t := schema[c.path[0]]
	if t == nil {
		return errInvalidTable(c.path[0])
	}
	id := ""
	if len(c.path) == 2 {
		id = c.path[1]
	}
	switch m := c.method(); {
	case (m == http.MethodGet || m == http.MethodHead) && id == "":
		return c.list(t)
	case m == http.MethodGet || m == http.MethodHead:
		return c.one(t, id)
	case m == http.MethodPost && id == "":
		return c.insert(t)
	case (m == http.MethodPut || m == http.MethodPatch) && id != "":
		return c.update(t, id)
	case m == http.MethodDelete && id != "":
		return c.remove(t, id)
	}
	return errMethod
}

// list answers the records that match and that the user may read. Limit and total know nothing of what they may read.
func (c *apiCall) list(t *table) error {
	q := c.r.URL.Query()
	encoded := c.query(q)
	for _, name := range encoded.fields() {
		if t.col(name) >= 0 && !c.who.canReadField(t, name) {
			return errQueryRights
		}
	}
	if c.in.quirks.Load().AdminTablesForbidden && t.access == adminOnly && !c.who.has() {
		return errQueryRights
	}
	limit := intParam(q, "sysparm_limit", maxRows)
	if most := c.in.faults.Load().MostRows; most > 0 {
		limit = min(limit, most)
	}
	offset := intParam(q, "sysparm_offset", 0)
	rd := c.renderer(t, q)

	s := c.in.store
	s.mu.RLock()
	env := queryEnv{tables: s.tables, actor: c.who, now: c.in.opts.Now(), strict: c.in.quirks.Load().InvalidQueryReturnsNone}
	page, total := compileQuery(encoded, t, env).run(offset, limit)
	rd.raw(`{"result":[`)
	rows := 0
	for _, r := range page {
		if !c.who.canRead(r) {
			continue
		}
		if rows++; rows > 1 {
			rd.raw(",")
		}
		rd.record(r)
		if rows == 1 {
			rd.expect(len(page) - 1)
		}
	}
	s.mu.RUnlock()
	rd.raw(`]}`)

	if q.Get("sysparm_no_count") != "true" {
		c.w.Header().Set("X-Total-Count", strconv.Itoa(total))
	}
	if q.Get("sysparm_suppress_pagination_header") != "true" {
		if link := pageLinks(c.base+c.r.URL.Path, c.r.URL.RawQuery, limit, offset, total); link != "" {
			c.w.Header().Set("Link", link)
		}
	}
	if rows == 0 && c.version == "v1" {
		return &apiError{404, "No Record found", errNotFound.detail}
	}
	c.reply(http.StatusOK, rd.buf)
	return nil
}

// query is sysparm_query, or else the bare field=value pairs.
func (c *apiCall) query(q url.Values) encodedQuery {
	if q.Has("sysparm_query") {
		return parseQuery(q.Get("sysparm_query"))
	}
	var terms []clause
	for name := range q {
		if !strings.HasPrefix(name, "sysparm_") && name != "access_token" {
			terms = append(terms, clause{{name, "=", q.Get(name)}})
		}
	}
	return encodedQuery{groups: [][]clause{terms}}
}

func (c *apiCall) one(t *table, id string) error {
	r := c.readable(t, id)
	if r == nil {
		return errNotFound
	}
	return c.result(http.StatusOK, t, r)
}

func (c *apiCall) readable(t *table, id string) *record {
	r := c.in.store.find(t, id)
	if r == nil || !c.who.canRead(r) {
		return nil
	}
	return r
}

// result answers one record the way the request's parameters ask for.
func (c *apiCall) result(status int, t *table, r *record) error {
	if c.r.Header.Get("X-no-response-body") == "true" && c.r.Method != http.MethodGet {
		c.w.WriteHeader(status)
		return nil
	}
	rd := c.renderer(t, c.r.URL.Query())
	rd.raw(`{"result":`)
	c.in.store.mu.RLock()
	rd.record(r)
	c.in.store.mu.RUnlock()
	rd.raw(`}`)
	c.reply(status, rd.buf)
	return nil
}

// body reads the request's JSON into stored values.
func (c *apiCall) body(t *table) (map[string]string, error) {
	raw, err := c.rawBody()
	if err != nil {
		return nil, err
	}
	sent, err := bodyValues(raw)
	if err != nil {
		return nil, errUnreadableBody("The payload is not valid JSON: " + err.Error())
	}
	s := c.in.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	values := input{tables: s.tables, choices: s.choices, zone: c.who.zone, anyValue: c.in.quirks.Load().AnyChoiceValue,
		display: c.r.URL.Query().Get("sysparm_input_display_value") == "true"}.values(t, sent)
	if id := sent["sys_id"]; validSysID(id) {
		values["sys_id"] = id
	}
	if t.name == "task_time_worked" && c.in.quirks.Load().TimeWorkedWithoutComments {
		delete(values, "comments")
	}
	if t.name == "oauth_entity" {
		if secret, ok := sent["client_secret"]; ok {
			values["client_secret"] = secret
		}
	}
	return values, nil
}

// rawBody reads the request to its end, within the size the platform takes.
func (c *apiCall) rawBody() ([]byte, error) {
	if c.r.ContentLength > maxBody {
		// Reading on a little lets the client get to the answer instead of a reset connection.
		_, _ = io.CopyN(io.Discard, c.r.Body, min(c.r.ContentLength, 2*maxBody))
		return nil, errBodyTooLarge(c.r.ContentLength)
	}
	raw, err := io.ReadAll(c.r.Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, errBodyTooLarge(tooLarge.Limit + 1)
		}
		return nil, errUnreadableBody("The request body could not be read")
	}
	return raw, nil
}

// intParam reads a number that is not negative; nonsense gives the normal value.
func intParam(q url.Values, name string, normal int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return normal
	}
	return min(n, 1<<30)
}
