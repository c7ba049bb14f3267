package simulator

import (
	"strings"
	"testing"
)

func TestImportSetAPI(t *testing.T) {
	rn := Start(t, func(o *Options) {
		o.ImportSets = []ImportSet{{Staging: "u_import_incident", Map: "Incidents", Target: "incident", Coalesce: "correlation_id",
			Fields: map[string]string{"u_id": "correlation_id", "u_title": "short_description", "u_caller": "caller_id", "u_state": "state"}}}
	})
	for _, tt := range []struct {
		name, user, staging, body string
		status                    int
		want                      string
	}{
		{"inserted", "admin", "u_import_incident", `{"u_id":"7","u_title":"one","u_caller":"Priya Nair","other":"x"}`, 201, `"status":"inserted"`},
		{"updated", "admin", "u_import_incident", `{"u_id":"7","u_title":"two"}`, 201, `"status":"updated"`},
		{"ignored", "admin", "u_import_incident", `{"u_id":"7","u_title":"two"}`, 201, `"status":"ignored"`},
		{"error", "admin", "u_import_incident", `{"u_id":"7","u_state":"Resolved"}`, 201, `Data Policy Exception`},
		{"without the role", "beth.anglin", "u_import_incident", `{}`, 403, "ACL Exception Insert"},
		{"no such staging table", "admin", "u_import_nothing", `{}`, 400, "Invalid table u_import_nothing"},
		{"broken", "admin", "u_import_incident", `{`, 400, "Exception while reading request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := rn.api(t, tt.user, "POST", "/api/now/import/"+tt.staging, tt.body); a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s, want %d and %s", a.status, a.body, tt.status, tt.want)
			}
		})
	}
	ids := rn.Find("incident", "")
	if len(ids) != 1 {
		t.Fatalf("%d incidents", len(ids))
	}
	if r := rn.Get("incident", ids[0]); r["short_description"] != "two" || r["caller_id"] != UserID("priya.nair") {
		t.Errorf("record: %v", r)
	}
	a := rn.api(t, "admin", "POST", "/api/now/import/u_import_incident", `{"u_id":"8"}`)
	for _, want := range []string{`"import_set":"ISET001000`, `"staging_table":"u_import_incident"`, `"transform_map":"Incidents"`, `"display_name":"number"`,
		`"display_value":"INC`, `"record_link":"` + rn.URL + `/api/now/table/incident/`, `"table":"incident"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("answer lacks %s: %s", want, a.body)
		}
	}
}
