package servicenow

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // a stable 32-hex sys_id, not a secret
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/neoagent/neo"
)

// SetupFiles returns what an administrator of the instance plants by hand, where
// Neo's account may not: the same two records that provision plants, as an update set
// and as a background script. Both hold the callback secret.
func (w *Watcher) SetupFiles(ctx context.Context, in neo.Integration) (neo.SetupFiles, error) {
	if !in.State.Watched() && in.State != neo.StateFailed {
		return neo.SetupFiles{}, neo.Errorf(neo.CodeConflict, "%s is not connected. Click Reconnect first.", hostOf(in.InstanceURL))
	}
	callbackURL, err := w.Connector.callbackURL(ctx, in)
	if err != nil {
		return neo.SetupFiles{}, err
	}
	script, err := backgroundScript(callbackURL)
	if err != nil {
		return neo.SetupFiles{}, err
	}
	return neo.SetupFiles{FileName: "neo-agent-setup.xml", UpdateSet: updateSet(callbackURL, w.now()), BackgroundScript: script}, nil
}

// byHand are the records to plant, in the order in which they are planted.
func byHand(callbackURL string) []planted {
	return []planted{plantedProperty(callbackURL), plantedRule()}
}

// setupID returns a sys_id that is the same in every update set: an import again
// updates the records of the one before.
func setupID(name string) string {
	sum := md5.Sum([]byte("neo agent/" + name)) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// updateSet returns an update set as ServiceNow exports them: unload, one
// sys_remote_update_set, and a sys_update_xml for each record with the record itself
// as text.
func updateSet(callbackURL string, now time.Time) string {
	const name = "Neo Agent setup"
	set := setupID("update set")
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<unload unload_date=\"%s\">\n", now.UTC().Format(timeLayout))
	writeRecord(&b, "sys_remote_update_set", map[string]string{
		"sys_id": set, "name": name, "state": "loaded", "application": "global", "application_name": "Global", "application_scope": "global",
		"description": "Plants what makes this instance report ticket changes to Neo Agent.", "remote_sys_id": set,
	})
	for _, p := range byHand(callbackURL) {
		id := setupID(p.table)
		fields := map[string]string{"sys_id": id, "sys_class_name": p.table, "sys_scope": "global", "sys_update_name": p.table + "_" + id}
		for k, v := range p.values {
			fields[k] = v
		}
		var payload bytes.Buffer
		fmt.Fprintf(&payload, `<?xml version="1.0" encoding="UTF-8"?><record_update table="%s">`, p.table)
		writeRecord(&payload, p.table, fields)
		payload.WriteString("</record_update>")
		writeRecord(&b, "sys_update_xml", map[string]string{
			"sys_id": setupID("update " + p.table), "action": "INSERT_OR_UPDATE", "application": "global", "category": "customer",
			"name": p.table + "_" + id, "payload": payload.String(), "remote_update_set": set, "table": p.table,
			"target_name": p.values["name"], "type": map[string]string{"sys_script": "Business Rule", "sys_properties": "System Property"}[p.table],
			"update_domain": "global", "replace_on_upgrade": "false",
		})
	}
	b.WriteString("</unload>\n")
	return b.String()
}

func writeRecord(b *bytes.Buffer, table string, fields map[string]string) {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(b, "<%s action=\"INSERT_OR_UPDATE\">", table)
	for _, name := range names {
		fmt.Fprintf(b, "<%s>", name)
		_ = xml.EscapeText(b, []byte(fields[name])) // a buffer takes everything
		fmt.Fprintf(b, "</%s>", name)
	}
	fmt.Fprintf(b, "</%s>\n", table)
}

// scriptText is ES5, as background scripts in the global scope are run.
var scriptText = template.Must(template.New("").Parse(`// Neo Agent: plants what makes this instance report ticket changes.
// Run it in System Definition > Scripts - Background, in scope global. It may be run again.
// It holds a secret: do not keep it.
(function () {
    function plant(table, query, values) {
        var found = new GlideRecord(table);
        found.addEncodedQuery(query);
        found.query();
        var isNew = !found.next();
        if (isNew) {
            found.initialize();
        }
        for (var name in values) {
            found.setValue(name, values[name]);
        }
        if (isNew) {
            found.insert();
        } else {
            found.update();
        }
        gs.info('Neo Agent: ' + table + ' "' + values.name + '" ' + (isNew ? 'created' : 'updated'));
    }
{{range .}}    plant({{.Table}}, {{.Query}}, {{.Values}});
{{end}}    var legacy = new GlideRecord('sys_script');
    legacy.addQuery('collection', '` + legacyTable + `');
    legacy.addQuery('name', '` + legacyRuleName + `');
    legacy.query();
    while (legacy.next()) {
        legacy.deleteRecord();
    }
})();
`))

func backgroundScript(callbackURL string) (string, error) {
	type record struct{ Table, Query, Values string }
	var records []record
	for _, p := range byHand(callbackURL) {
		query := "name=" + p.values["name"]
		if on := p.values["collection"]; on != "" {
			query = "collection=" + on + "^" + query
		}
		r := record{}
		for _, part := range []struct {
			to *string
			v  any
		}{{&r.Table, p.table}, {&r.Query, query}, {&r.Values, p.values}} {
			text, err := scriptLiteral(part.v)
			if err != nil {
				return "", err
			}
			*part.to = text
		}
		records = append(records, r)
	}
	var b strings.Builder
	if err := scriptText.Execute(&b, records); err != nil {
		return "", err
	}
	return b.String(), nil
}

// scriptLiteral returns v as an ES5 literal in plain ASCII.
func scriptLiteral(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range string(text) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r) // what Neo plants has nothing beyond the basic plane
		}
	}
	return b.String(), nil
}
