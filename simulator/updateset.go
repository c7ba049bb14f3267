package simulator

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
)

// An exported update set is an <unload> with one sys_remote_update_set and one sys_update_xml per change. The change is
// in its payload, itself XML, in CDATA or escaped: <record_update table="sys_script"><sys_script action="…">fields.
// The shape is that of published update sets (fact sheet 4.5, Mattermost).

// updateSet is an update set as loaded.
type updateSet struct {
	head    map[string]string // sys_remote_update_set
	changes []updateChange
}

// updateChange is one sys_update_xml and what its payload says.
type updateChange struct {
	row    map[string]string
	table  string
	delete bool
	fields map[string]string
}

// xmlElement is an element of any name; a field's value is its text.
type xmlElement struct {
	XMLName  xml.Name
	Attrs    []xml.Attr   `xml:",any,attr"`
	Children []xmlElement `xml:",any"`
	Text     string       `xml:",chardata"`
}

func (e xmlElement) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e xmlElement) values() map[string]string {
	out := map[string]string{}
	for _, c := range e.Children {
		if len(c.Children) == 0 {
			out[c.XMLName.Local] = c.Text
		}
	}
	return out
}

// parseUpdateSet loads the file; what it is not able to read it says in words for the administrator.
func parseUpdateSet(raw []byte) (*updateSet, error) {
	var unload xmlElement
	if err := xml.Unmarshal(raw, &unload); err != nil {
		return nil, fmt.Errorf("the file is not XML: %w", err)
	}
	if unload.XMLName.Local != "unload" {
		return nil, fmt.Errorf("the file begins with <%s>, not with <unload>", unload.XMLName.Local)
	}
	var set updateSet
	for _, e := range unload.Children {
		switch e.XMLName.Local {
		case "sys_remote_update_set":
			if set.head != nil {
				return nil, errors.New("the file holds more than one update set")
			}
			set.head = e.values()
		case "sys_update_xml":
			c, err := parseChange(e.values())
			if err != nil {
				return nil, err
			}
			set.changes = append(set.changes, c)
		}
	}
	if set.head == nil {
		return nil, errors.New("the file holds no sys_remote_update_set")
	}
	return &set, nil
}

func parseChange(row map[string]string) (updateChange, error) {
	var update xmlElement
	if err := xml.Unmarshal([]byte(row["payload"]), &update); err != nil {
		return updateChange{}, fmt.Errorf("the payload of %s is not XML: %w", row["name"], err)
	}
	if update.XMLName.Local != "record_update" || len(update.Children) == 0 {
		return updateChange{}, fmt.Errorf("the payload of %s is not a record_update with a record", row["name"])
	}
	e := update.Children[0]
	return updateChange{row: row, table: e.XMLName.Local, fields: e.values(),
		delete: e.attr("action") == "DELETE" || row["action"] == "DELETE"}, nil
}

// preview finds what stands against committing: all problems, so that they can be mended at once.
func (s *updateSet) preview() error {
	var problems []error
	for _, c := range s.changes {
		switch {
		case schema[c.table] == nil:
			problems = append(problems, fmt.Errorf("table %q of %s does not exist here", c.table, c.row["name"]))
		case !validSysID(c.fields["sys_id"]):
			problems = append(problems, fmt.Errorf("the record of %s has no sys_id", c.row["name"]))
		}
	}
	return errors.Join(problems...)
}

// ImportUpdateSet loads, previews and commits an update set as the named administrator. When the file cannot be read or
// the preview finds a problem, nothing is written.
func (in *Instance) ImportUpdateSet(ctx context.Context, raw []byte, asUser string) error {
	who, err := in.administrator(asUser)
	if err != nil {
		return err
	}
	if err := in.importUpdateSet(ctx, raw, who); err != nil {
		return fmt.Errorf("simulator: update set: %w", err)
	}
	return nil
}

func (in *Instance) importUpdateSet(ctx context.Context, raw []byte, who *actor) error {
	set, err := parseUpdateSet(raw)
	if err != nil {
		return err
	}
	if err := set.preview(); err != nil {
		return err
	}
	head, err := in.write(ctx, writeRequest{op: opInsert, table: schema["sys_remote_update_set"], actor: who, set: map[string]string{
		"name": set.head["name"], "description": set.head["description"], "application_name": set.head["application_name"],
		"remote_sys_id": set.head["remote_sys_id"], "state": "committed", "commit_date": in.now()}})
	if err != nil {
		return err
	}
	for _, c := range set.changes {
		if err := in.commitChange(ctx, c, who); err != nil {
			return fmt.Errorf("%s: %w", c.row["name"], err)
		}
		row := map[string]string{"remote_update_set": head.id()}
		for _, name := range []string{"name", "action", "type", "target_name", "payload"} {
			row[name] = c.row[name]
		}
		if _, err := in.write(ctx, writeRequest{op: opInsert, table: schema["sys_update_xml"], actor: who, set: row}); err != nil {
			return err
		}
	}
	return nil
}

// commitChange writes one record under the sys_id it has in the file. A property of that name is the same property
// whatever its sys_id, since names are unique there (our reading; collisions are not in the facts).
func (in *Instance) commitChange(ctx context.Context, c updateChange, who *actor) error {
	t := schema[c.table]
	w := writeRequest{op: opInsert, table: t, id: c.fields["sys_id"], actor: who, set: map[string]string{}}
	there := in.store.find(t, w.id)
	if there == nil && t.name == "sys_properties" {
		there = in.store.lookup(t, "name", c.fields["name"])
	}
	if there != nil {
		w.op, w.id = opUpdate, there.id()
	}
	if c.delete {
		if there == nil {
			return nil
		}
		w.op = opDelete
		_, err := in.write(ctx, w)
		return err
	}
	for name, v := range c.fields {
		if col := t.col(name); col >= 0 && !isSystem(col) && col != colSysID {
			w.set[name] = v
		}
	}
	_, err := in.write(ctx, w)
	return err
}
