package simulator

import (
	"context"
	"net/http"
	"sort"
	"strings"
)

// The pages about the instance itself. Only administrators see what the ACLs keep from others over the API too.

// listed is every readable record of a table, ordered by name.
func (in *Instance) listed(who *actor, table string, show func(viewer, *record)) {
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	t := schema[table]
	page, _ := compileQuery(parseQuery("ORDERBYname"), t, queryEnv{tables: in.store.tables}).run(0, maxOptions)
	for _, r := range page {
		if who.canRead(r) {
			show(viewer{in.store, who.zone}, r)
		}
	}
}

func (in *Instance) usersPage(v visit) {
	type row struct {
		Name, UserName, Email, Title, Company, Roles, Groups string
		Active                                               bool
	}
	rows := []row{}
	in.listed(v.who, "sys_user", func(view viewer, r *record) {
		u := row{r.get("name"), r.get("user_name"), r.get("email"), r.get("title"), view.display(r, r.table.col("company")), "", "",
			r.get("active") == "true"}
		var roles, groups []string
		for _, s := range in.store.tables.lookupAll(schema["sys_user_has_role"], "user", r.id()) {
			if v.who.canRead(s.rec) {
				roles = append(roles, view.nameOf(schema["sys_user_role"], s.rec.get("role")))
			}
		}
		for _, s := range in.store.tables.lookupAll(schema["sys_user_grmember"], "user", r.id()) {
			groups = append(groups, view.nameOf(schema["sys_user_group"], s.rec.get("group")))
		}
		sort.Strings(roles)
		sort.Strings(groups)
		u.Roles, u.Groups = strings.Join(roles, ", "), strings.Join(groups, ", ")
		rows = append(rows, u)
	})
	in.show(v, "users.html", map[string]any{"Rows": rows})
}

func (in *Instance) rulesPage(v visit) {
	type row struct {
		Name, Table, When, Order, On, Description, Condition, Script, Updated, By string
		Active                                                                    bool
	}
	rows := []row{}
	in.listed(v.who, "sys_script", func(view viewer, r *record) {
		var on []string
		for _, a := range []string{"insert", "update", "delete"} {
			if r.get("action_"+a) == "true" {
				on = append(on, a)
			}
		}
		rows = append(rows, row{r.get("name"), r.get("collection"), view.display(r, r.table.col("when")), r.get("order"),
			strings.Join(on, ", "), r.get("description"), r.get("condition"), r.get("script"), view.display(r, colUpdatedOn),
			view.personName(r.vals[colUpdatedBy]), r.get("active") == "true"})
	})
	in.show(v, "rules.html", map[string]any{"Rows": rows, "Admin": v.who.has()})
}

func (in *Instance) propertiesPage(v visit) {
	type row struct{ Name, Value, Description, Updated string }
	rows := []row{}
	in.listed(v.who, "sys_properties", func(view viewer, r *record) {
		value := r.get("value")
		if strings.Contains(value, "://") {
			value = maskURL(value)
		}
		rows = append(rows, row{r.get("name"), value, r.get("description"), view.display(r, colUpdatedOn)})
	})
	in.show(v, "properties.html", map[string]any{"Rows": rows, "Admin": v.who.has()})
}

func (in *Instance) oauthPage(v visit) {
	type row struct {
		ID, Name, ClientID, Secret, Redirects string
		Active, Public, PKCE                  bool
	}
	rows := []row{}
	in.listed(v.who, "oauth_entity", func(_ viewer, r *record) {
		rows = append(rows, row{r.id(), r.get("name"), r.get("client_id"), r.get("client_secret"),
			strings.ReplaceAll(r.get("redirect_url"), ",", "\n"), r.get("active") == "true", r.get("public_client") == "true",
			r.get("pkce_required") == "true"})
	})
	in.show(v, "oauth.html", map[string]any{"Rows": rows, "Admin": v.who.has("oauth_admin", "mi_admin"),
		"Saved": v.r.URL.Query().Get("saved") == "1"})
}

func (in *Instance) saveOAuthApp(v visit) {
	t := schema["oauth_entity"]
	if !v.who.canWrite(t) {
		in.message(v, http.StatusForbidden, "Not allowed", "Only an administrator may change OAuth applications.")
		return
	}
	form := v.r.PostForm
	yes := func(name string) string {
		if form.Has(name) {
			return "true"
		}
		return "false"
	}
	set := map[string]string{"active": yes("active"), "public_client": yes("public_client"), "pkce_required": yes("pkce_required"),
		"redirect_url": strings.Join(strings.Fields(strings.ReplaceAll(form.Get("redirect_url"), ",", " ")), ",")}
	if secret := strings.TrimSpace(form.Get("client_secret")); secret != "" {
		set["client_secret"] = secret
	}
	if _, err := in.write(context.WithoutCancel(v.r.Context()), writeRequest{op: opUpdate, table: t, id: v.r.PathValue("id"), set: set,
		actor: v.who}); err != nil {
		in.message(v, asAPIError(err).status, "Not saved", asAPIError(err).detail)
		return
	}
	http.Redirect(v.w, v.r, "/oauth?saved=1", http.StatusSeeOther)
}

func (in *Instance) logPage(v visit) {
	type row struct {
		At, Level, Source, Message, URL, Took string
		Status                                int
	}
	rows := []row{}
	if v.who.has() {
		for _, e := range in.syslog.newest() {
			r := row{e.At.In(v.who.zone).Format(stamp), e.Level, e.Source, e.Message, e.URL, "", e.Status}
			if e.URL != "" {
				r.Took = e.Took.Round(100_000).String()
			}
			rows = append(rows, r)
		}
	}
	in.show(v, "log.html", map[string]any{"Rows": rows, "Admin": v.who.has()})
}
