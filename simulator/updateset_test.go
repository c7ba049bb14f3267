package simulator

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
)

const (
	ruleOfSet     = "6a2e9d14c0ffee00c0ffee00c0ffee01"
	propertyOfSet = "6a2e9d14c0ffee00c0ffee00c0ffee02"
)

// exportedSet has the shape of a published update set: one payload in CDATA, one escaped.
const exportedSet = `<?xml version="1.0" encoding="UTF-8"?><unload unload_date="2026-03-01 12:00:00">
<sys_remote_update_set action="INSERT_OR_UPDATE">
<application display_value="Global">global</application>
<description/>
<name>Doorbell</name>
<remote_sys_id>6fb17d09472211103675690cd36d4385</remote_sys_id>
<state>loaded</state>
<sys_id>ddfbd850476311103675690cd36d43fa</sys_id>
</sys_remote_update_set>
<sys_update_xml action="INSERT_OR_UPDATE">
<action>INSERT_OR_UPDATE</action>
<category>customer</category>
<name>sys_script_` + ruleOfSet + `</name>
<payload><![CDATA[<?xml version="1.0" encoding="UTF-8"?><record_update table="sys_script"><sys_script action="INSERT_OR_UPDATE"><action_insert>true</action_insert><action_update>true</action_update><active>true</active><advanced>true</advanced><collection>task</collection><condition/><name>Doorbell</name><order>100</order><script>if (1 &lt; 2 &amp;&amp; true) { current.description = gs.getProperty('doorbell.text'); }</script><sys_created_by>someone</sys_created_by><sys_id>` + ruleOfSet + `</sys_id><sys_mod_count>9</sys_mod_count><sys_scope display_value="Global">global</sys_scope><when>before</when></sys_script></record_update>]]></payload>
<remote_update_set display_value="Doorbell">ddfbd850476311103675690cd36d43fa</remote_update_set>
<type>Business Rule</type>
</sys_update_xml>
<sys_update_xml action="INSERT_OR_UPDATE">
<action>INSERT_OR_UPDATE</action>
<name>sys_properties_` + propertyOfSet + `</name>
<payload>&lt;?xml version="1.0" encoding="UTF-8"?&gt;&lt;record_update table="sys_properties"&gt;&lt;sys_properties action="INSERT_OR_UPDATE"&gt;&lt;name&gt;doorbell.text&lt;/name&gt;&lt;sys_id&gt;` + propertyOfSet + `&lt;/sys_id&gt;&lt;value&gt;&lt;![CDATA[ring &amp; ring]]&gt;&lt;/value&gt;&lt;/sys_properties&gt;&lt;/record_update&gt;</payload>
<type>System Property</type>
</sys_update_xml>
</unload>`

func TestUpdateSetIsCommitted(t *testing.T) {
	rn := Start(t)
	for range 2 { // once more changes nothing
		if err := rn.ImportUpdateSet(t.Context(), []byte(exportedSet), "admin"); err != nil {
			t.Fatal(err)
		}
	}
	id, err := rn.Create("beth.anglin", "incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := rn.Get("incident", id)["description"]; got != "ring & ring" {
		t.Errorf("the rule set the description to %q", got)
	}
	rule := rn.Get("sys_script", ruleOfSet)
	for name, want := range map[string]string{"sys_created_by": "admin", "sys_mod_count": "0", "order": "100", "collection": "task"} {
		if rule[name] != want {
			t.Errorf("rule: %s = %q, want %q", name, rule[name], want)
		}
	}
	if n := len(rn.Find("sys_update_xml", "type=Business Rule")); n != 2 {
		t.Errorf("%d customer updates", n)
	}

	deletion := strings.ReplaceAll(exportedSet, `<sys_script action="INSERT_OR_UPDATE">`, `<sys_script action="DELETE">`)
	if err := rn.ImportUpdateSet(t.Context(), []byte(deletion), "admin"); err != nil {
		t.Fatal(err)
	}
	if rn.Get("sys_script", ruleOfSet) != nil {
		t.Error("the rule is still there")
	}
}

func TestUpdateSetFindsAPropertyByItsName(t *testing.T) {
	rn := Start(t)
	id, err := rn.Create("admin", "sys_properties", map[string]string{"name": "doorbell.text", "value": "old"})
	if err != nil {
		t.Fatal(err)
	}
	if err := rn.ImportUpdateSet(t.Context(), []byte(exportedSet), "admin"); err != nil {
		t.Fatal(err)
	}
	if got := rn.Get("sys_properties", id)["value"]; got != "ring & ring" || len(rn.Find("sys_properties", "name=doorbell.text")) != 1 {
		t.Errorf("value %q", got)
	}
}

func TestUpdateSetsThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, user, xml, want string }{
		{"not an administrator", "beth.anglin", exportedSet, "not an administrator"},
		{"nobody", "no.one", exportedSet, "no active user"},
		{"no XML", "admin", "<unload>", "not XML"},
		{"another document", "admin", "<html></html>", "begins with <html>"},
		{"no update set", "admin", "<unload></unload>", "holds no sys_remote_update_set"},
		{"unknown table", "admin", strings.ReplaceAll(exportedSet, "sys_properties", "sys_nothing"), `table "sys_nothing"`},
		{"no sys_id", "admin", strings.ReplaceAll(exportedSet, propertyOfSet, ""), "has no sys_id"},
		{"payload is no XML", "admin", strings.ReplaceAll(exportedSet, "record_update&gt;", "record_update"), "is not XML"},
		{"payload without record", "admin", strings.ReplaceAll(exportedSet, "record_update", "record"), "is not a record_update"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t)
			if err := rn.ImportUpdateSet(t.Context(), []byte(tt.xml), tt.user); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if len(rn.Find("sys_script", "")) != 0 || len(rn.Find("sys_remote_update_set", "")) != 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestUpdateSetPage(t *testing.T) {
	rn := Start(t)
	upload := func(user, xml string) answer {
		b := rn.browser(t)
		b.login(user)
		token := csrf(t, b.get("/tickets/new"))
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		_ = w.WriteField("sysparm_ck", token)
		part, _ := w.CreateFormFile("attachment", "set.xml")
		_, _ = part.Write([]byte(xml))
		_ = w.Close()
		resp, err := b.http.Post(rn.URL+"/update_sets", w.FormDataContentType(), &form)
		a := read(t, resp, err)
		if a.status == 303 {
			return b.get(a.header.Get("Location"))
		}
		return a
	}
	for _, tt := range []struct {
		name, user, xml string
		status          int
		want            string
	}{
		{"others are refused", "beth.anglin", exportedSet, 403, "Only an administrator may import"},
		{"broken file", "admin", "x", 400, "was not committed"},
		{"administrator", "admin", exportedSet, 200, "was loaded, previewed and committed"},
	} {
		if a := upload(tt.user, tt.xml); a.status != tt.status || !strings.Contains(a.body, tt.want) {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	if rn.Get("sys_script", ruleOfSet) == nil {
		t.Error("the rule is missing")
	}
	b := rn.browser(t)
	b.login("beth.anglin")
	if page := b.get("/update_sets").body; !strings.Contains(page, "Only administrators") {
		t.Errorf("page: %s", page)
	}
}
