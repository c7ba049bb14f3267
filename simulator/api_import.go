package simulator

import "net/http"

// ImportSet declares a staging table of the Import Set API and how its rows become records. There is no transform script
// and no row is kept: what the API answers is all that is left of a staged row.
type ImportSet struct {
	Staging  string            // u_import_incident, imp_user …
	Map      string            // name of the transform map; empty: Staging
	Target   string            // table the rows go to
	Fields   map[string]string // staged field -> field of Target; nil: fields of the same name
	Coalesce string            // field of Target whose value finds the record to update; empty: every row is inserted
}

// importSet serves POST /api/now[/vN]/import/{staging} (fact sheet 2.10). The transform runs at once and without ACLs, as
// the platform's does; loading needs the role import_set_loader (our reading: the facts do not name the role). The
// asynchronous insertMultiple is not here.
func (c *apiCall) importSet() error {
	if len(c.path) != 1 {
		return errNoSuchURI
	}
	var set *ImportSet
	for i := range c.in.opts.ImportSets {
		if c.in.opts.ImportSets[i].Staging == c.path[0] {
			set = &c.in.opts.ImportSets[i]
		}
	}
	if set == nil || schema[set.Target] == nil {
		return errInvalidTable(c.path[0])
	}
	if c.method() != http.MethodPost {
		return errMethod
	}
	if !c.who.has("import_set_loader") {
		return errACL("Insert")
	}
	raw, err := c.rawBody()
	if err != nil {
		return err
	}
	staged, err := bodyValues(raw)
	if err != nil {
		return errUnreadableBody("The payload is not valid JSON: " + err.Error())
	}
	return c.transform(set, staged)
}

// transform writes one staged row to its target and says what became of it: inserted, updated, ignored or error.
func (c *apiCall) transform(set *ImportSet, staged map[string]string) error {
	t := schema[set.Target]
	values := c.staged(set, staged)
	line := map[string]string{"transform_map": set.Map, "table": t.name}
	if set.Map == "" {
		line["transform_map"] = set.Staging
	}
	w := writeRequest{op: opInsert, table: t, set: values, actor: c.who, checked: true}
	status := "inserted"
	var before *record
	if found := c.coalesced(set, values); found != nil {
		before, w.op, w.id, status = found, opUpdate, found.id(), "updated"
	}
	r, err := c.in.write(c.transaction(), w)
	switch {
	case err != nil:
		line["status"], line["error_message"] = "error", asAPIError(err).detail
	case r == before:
		line["status"] = "ignored"
	default:
		line["status"] = status
	}
	if err == nil {
		line["sys_id"], line["record_link"] = r.id(), c.tableURL(r.table.name)+"/"+r.id()
		if r.table.displayCol >= 0 {
			line["display_name"], line["display_value"] = r.table.columns[r.table.displayCol].name, r.vals[r.table.displayCol]
		}
	}
	return c.reportImport(set, line)
}

func (c *apiCall) reportImport(set *ImportSet, line map[string]string) error {
	iset, err := c.in.write(c.transaction(), writeRequest{op: opInsert, table: schema["sys_import_set"], actor: c.who,
		set: map[string]string{"table_name": set.Staging, "state": "processed"}})
	if err != nil {
		return err
	}
	return c.answerBare(http.StatusCreated, map[string]any{"import_set": iset.get("number"), "staging_table": set.Staging,
		"result": []map[string]string{line}})
}

// staged gives the target's values: what a client sends is read as display values or stored ones, as transforms do.
func (c *apiCall) staged(set *ImportSet, sent map[string]string) map[string]string {
	mapped := map[string]string{}
	for name, v := range sent {
		if set.Fields == nil {
			mapped[name] = v
		} else if to, ok := set.Fields[name]; ok {
			mapped[to] = v
		}
	}
	s := c.in.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	return input{tables: s.tables, choices: s.choices, zone: c.who.zone, anyValue: c.in.quirks.Load().AnyChoiceValue,
		display: true}.values(schema[set.Target], mapped)
}

// coalesced is the record a staged row updates.
func (c *apiCall) coalesced(set *ImportSet, values map[string]string) *record {
	t := schema[set.Target]
	col := t.col(set.Coalesce)
	if col < 0 || values[set.Coalesce] == "" {
		return nil
	}
	s := c.in.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	page, _ := compileQuery(encodedQuery{groups: [][]clause{{{{set.Coalesce, "=", values[set.Coalesce]}}}}}, t,
		queryEnv{tables: s.tables, actor: c.who, now: c.in.opts.Now()}).run(0, 1)
	if len(page) == 0 {
		return nil
	}
	return page[0]
}
