package simulator

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

var pageFuncs = template.FuncMap{"classLabel": func(name string) string {
	if t := schema[name]; t != nil {
		return t.label
	}
	return name
}}

// uiRoutes are the pages of a signed-in person.
func (in *Instance) uiRoutes(mux *http.ServeMux) {
	mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	mux.HandleFunc("GET /{$}", in.signedIn(in.ticketsPage))
	mux.HandleFunc("GET /tickets/new", in.signedIn(in.newTicketPage))
	mux.HandleFunc("POST /tickets/new", in.signedIn(in.createTicket))
	mux.HandleFunc("GET /tickets/{table}/{id}", in.signedIn(in.ticketPage))
	mux.HandleFunc("POST /tickets/{table}/{id}", in.signedIn(in.saveTicket))
	mux.HandleFunc("GET /approvals", in.signedIn(in.approvalsPage))
	mux.HandleFunc("POST /approvals/{id}", in.signedIn(in.decideApproval))
	mux.HandleFunc("GET /users", in.signedIn(in.usersPage))
	mux.HandleFunc("GET /rules", in.signedIn(in.rulesPage))
	mux.HandleFunc("GET /properties", in.signedIn(in.propertiesPage))
	mux.HandleFunc("GET /oauth", in.signedIn(in.oauthPage))
	mux.HandleFunc("POST /oauth/{id}", in.signedIn(in.saveOAuthApp))
	mux.HandleFunc("GET /update_sets", in.signedIn(in.updateSetsPage))
	mux.HandleFunc("POST /update_sets", in.signedIn(in.importUpdateSetForm))
	mux.HandleFunc("GET /scripts_background", in.signedIn(in.backgroundPage))
	mux.HandleFunc("POST /scripts_background", in.signedIn(in.runBackgroundForm))
	mux.HandleFunc("GET /outbox", in.signedIn(in.outboxPage))
	mux.HandleFunc("GET /log", in.signedIn(in.logPage))
	mux.HandleFunc("/", in.signedIn(in.otherPage))
}

// maxForm is the largest form a page takes, an update set included.
const maxForm = 4 << 20

// visit is one request of a signed-in person.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	who  *actor
	csrf string
}

// signedIn sends everyone else to the login page and back. Posted forms must carry the session's token.
func (in *Instance) signedIn(page func(visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ses := in.browserUser(r)
		if who == nil {
			next := "/"
			if r.Method == http.MethodGet {
				next = r.URL.RequestURI()
			}
			http.Redirect(w, r, "/login.do?sysparm_goto_url="+url.QueryEscape(next), http.StatusFound)
			return
		}
		v := visit{w, r, who, ses.csrf}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
				in.message(v, http.StatusBadRequest, "The form could not be read", "It may be too large. Go back and try again.")
				return
			}
			if r.PostForm.Get("sysparm_ck") != ses.csrf {
				in.message(v, http.StatusForbidden, "This form is no longer valid",
					"You signed in again since it was opened. Open the page again and repeat the change.")
				return
			}
		}
		page(v)
	}
}

// shownUser is what templates see of an actor.
type shownUser struct{ Name, UserName string }

func (a *actor) shown() shownUser { return shownUser{a.name, a.userName} }

// show renders a page with what every page needs.
func (in *Instance) show(v visit, name string, data map[string]any) {
	data["User"], data["CSRF"], data["Path"] = v.who.shown(), v.csrf, v.r.URL.Path
	in.page(v.w, name, data)
}

// message is a page that only says something.
func (in *Instance) message(v visit, status int, title, text string) {
	v.w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	v.w.WriteHeader(status)
	in.show(v, "message.html", map[string]any{"Title": title, "Text": text})
}

// otherPage follows the real platform's deep links, /incident.do?sys_id=… and /nav_to.do?uri=…; the rest is not found.
func (in *Instance) otherPage(v visit) {
	path, query := v.r.URL.Path, v.r.URL.Query()
	if path == "/nav_to.do" || path == "/now/nav/ui/classic/params/target" {
		if u, err := url.Parse(query.Get("uri")); err == nil {
			path, query = "/"+strings.TrimPrefix(u.Path, "/"), u.Query()
		}
	}
	if table, ok := strings.CutSuffix(strings.TrimPrefix(path, "/"), ".do"); ok && schema[table] != nil && schema[table].is("task") {
		if id := query.Get("sys_id"); validSysID(id) {
			http.Redirect(v.w, v.r, "/tickets/"+table+"/"+id, http.StatusFound)
			return
		}
	}
	in.message(v, http.StatusNotFound, "Page not found", "This simulated instance has no page here. Use the menu above.")
}
