package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPagesNeedASession(t *testing.T) {
	rn := Start(t, func(o *Options) { o.SampleTickets = true })
	b := rn.browser(t)
	pages := []string{"/", "/tickets/new", "/users", "/rules", "/properties", "/oauth", "/log", "/?class=incident&q=vpn&show=all"}
	for _, p := range pages {
		if a := b.get(p); a.status != 302 || a.header.Get("Location") != "/login.do?sysparm_goto_url="+url.QueryEscape(p) {
			t.Errorf("%s: %d %q", p, a.status, a.header.Get("Location"))
		}
	}
	for _, user := range []string{"admin", "beth.anglin", "joe.employee"} {
		b := rn.browser(t)
		b.login(user)
		for _, p := range pages {
			a := b.get(p)
			if a.status != 200 || !strings.Contains(a.body, "Simulated ServiceNow instance") || !strings.HasSuffix(strings.TrimSpace(a.body), "</html>") {
				t.Errorf("%s as %s: %d %s", p, user, a.status, a.body)
			}
			if a.header.Get("X-Frame-Options") == "" || a.header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s: headers %v", p, a.header)
			}
		}
	}
	j := rn.browser(t)
	j.login("joe.employee")
	if a := j.get("/"); !strings.Contains(a.body, "no role that reads tickets") || strings.Contains(a.body, "INC0010001") {
		t.Errorf("joe sees %s", a.body)
	}
	if a := j.get("/oauth"); strings.Contains(a.body, rn.ClientSecret()) {
		t.Error("joe sees the client secret")
	}
}

// formOfPage reads the form fields of the ticket page as a browser would send them.
func formOfPage(a answer) url.Values {
	form := url.Values{}
	for _, part := range strings.Split(a.body, `<input type="hidden" name="was.`)[1:] {
		name, rest, _ := strings.Cut(part, `" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		form.Set("was."+name, value)
		form.Set(name, value)
	}
	return form
}

func TestTicketThroughForms(t *testing.T) {
	hook := make(chan string, 10)
	rn := Start(t, func(o *Options) {
		o.OnWrite = func(w Write) {
			if w.Table == "incident" {
				hook <- w.Operation + " by " + w.User + ": " + strings.Join(w.Changed, ",")
			}
		}
	})
	b := rn.browser(t)
	b.login("beth.anglin")
	page := b.get("/tickets/new")
	form := url.Values{"sysparm_ck": {csrf(t, page)}, "class": {"incident"}, "short_description": {"<b>Printer</b> jam"},
		"description": {"line one\r\nline two"}, "caller_id": {UserID("priya.nair")}, "assignment_group": {GroupID("Hardware")},
		"impact": {"2"}, "urgency": {"1"}, "category": {"hardware"}}
	a := b.post("/tickets/new", form)
	location := a.header.Get("Location")
	if a.status != 303 || !strings.HasPrefix(location, "/tickets/incident/") {
		t.Fatalf("create: %d %s", a.status, a.body)
	}
	<-hook
	id := strings.TrimPrefix(location, "/tickets/incident/")
	rec := rn.Get("incident", id)
	if rec["priority"] != "2" || rec["description"] != "line one\nline two" || rec["caller_id"] != UserID("priya.nair") || rec["sys_created_by"] != "beth.anglin" {
		t.Errorf("record %v", rec)
	}
	page = b.get(location)
	if strings.Contains(page.body, "<b>Printer</b>") || !strings.Contains(page.body, "&lt;b&gt;Printer&lt;/b&gt; jam") {
		t.Error("the short description is not escaped")
	}

	// Someone else changes the group while the form is open; the open form must not undo it.
	if err := rn.Update("neo.agent", "incident", id, map[string]string{"assignment_group": GroupID("Network")}); err != nil {
		t.Fatal(err)
	}
	<-hook
	form = formOfPage(page)
	form.Set("sysparm_ck", csrf(t, page))
	form.Set("state", "2")
	form.Set("was.state", "1")
	form.Set("work_notes", "Took it apart")
	form.Set("comments", "On it")
	if a := b.post(location, form); a.status != 303 {
		t.Fatalf("save: %d %s", a.status, a.body)
	}
	if got := <-hook; got != "update by beth.anglin: state,comments,work_notes,incident_state" {
		t.Errorf("write %q", got)
	}
	if rec := rn.Get("incident", id); rec["assignment_group"] != GroupID("Network") || rec["state"] != "2" {
		t.Errorf("record %v", rec)
	}
	page = b.get(location + "?saved=1")
	for _, want := range []string{"Took it apart", "On it", "<del>New</del>", "<ins>In Progress</ins>", "Neo Agent user", "Saved."} {
		if !strings.Contains(page.body, want) {
			t.Errorf("page lacks %q", want)
		}
	}

	// A refused save says why and keeps what was typed.
	form = formOfPage(page)
	form.Set("sysparm_ck", csrf(t, page))
	form.Set("state", "6")
	form.Set("work_notes", "do not lose me")
	a = b.post(location, form)
	if a.status != 200 || !strings.Contains(a.body, "Resolution code, Resolution notes") || !strings.Contains(a.body, "do not lose me") {
		t.Errorf("refused save: %d %s", a.status, a.body)
	}
}

func TestFormsRefuseOtherSites(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("beth.anglin")
	if a := b.post("/tickets/new", url.Values{"class": {"incident"}, "short_description": {"x"}}); a.status != 403 {
		t.Errorf("without the form token: %d", a.status)
	}
	req, _ := http.NewRequest("POST", rn.URL+"/login.do", strings.NewReader("user_name=admin&user_password=admin"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := testClient.Do(req)
	if a := read(t, resp, err); a.status != 403 {
		t.Errorf("login from another site: %d", a.status)
	}
	if n := len(rn.Find("incident", "")); n != 0 {
		t.Errorf("%d tickets", n)
	}
}

func TestOAuthApplicationForm(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("admin")
	page := b.get("/oauth")
	id := stableID("oauth_entity Neo Agent")
	a := b.post("/oauth/"+id, url.Values{"sysparm_ck": {csrf(t, page)}, "active": {"on"}, "client_secret": {"n3w"},
		"redirect_url": {"https://a.example/cb\r\nhttps://b.example/cb, https://c.example/cb"}})
	if a.status != 303 || rn.ClientSecret() != "n3w" || rn.app().get("redirect_url") != "https://a.example/cb,https://b.example/cb,https://c.example/cb" {
		t.Errorf("%d %q", a.status, rn.app().get("redirect_url"))
	}
	d := rn.browser(t)
	d.login("beth.anglin")
	if a := d.post("/oauth/"+id, url.Values{"sysparm_ck": {csrf(t, d.get("/tickets/new"))}, "client_secret": {"mine"}}); a.status != 403 || rn.ClientSecret() != "n3w" {
		t.Errorf("as itil: %d", a.status)
	}
}

func TestDeepLinks(t *testing.T) {
	rn := Start(t)
	id, _ := rn.Create("system", "incident", nil)
	b := rn.browser(t)
	b.login("beth.anglin")
	for path, want := range map[string]string{
		"/incident.do?sys_id=" + id:                                   "/tickets/incident/" + id,
		"/nav_to.do?uri=" + url.QueryEscape("incident.do?sys_id="+id): "/tickets/incident/" + id,
		"/incident.do?sys_id=//evil.example":                          "",
		"/nope.do":                                                    "",
	} {
		if a := b.get(path); a.header.Get("Location") != want {
			t.Errorf("%s: %d %q", path, a.status, a.header.Get("Location"))
		}
	}
}

func TestSampleTickets(t *testing.T) {
	rn := Start(t, func(o *Options) { o.SampleTickets = true })
	if n := len(rn.Find("task", "")); n != len(sampleTickets) {
		t.Errorf("%d tickets", n)
	}
}
