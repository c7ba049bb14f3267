package simulator

import (
	"net/http"
	"net/url"
	"strings"
)

// loginPage serves /login.do and /oauth_login.do. The latter keeps the query of the consent request to come back to.
func (in *Instance) loginPage(w http.ResponseWriter, r *http.Request) {
	next := localTarget(r.URL.Query().Get("sysparm_goto_url"))
	if r.URL.Path == "/oauth_login.do" {
		next = "/oauth_auth.do?" + r.URL.RawQuery
	}
	in.showLogin(w, next, "", "")
}

func (in *Instance) showLogin(w http.ResponseWriter, next, userName, problem string) {
	in.page(w, "login.html", map[string]any{"Next": next, "UserName": userName, "Problem": problem, "Sample": signInSuggestions})
}

// signInSuggestions are the sample users the login page offers.
var signInSuggestions = []struct{ UserName, What string }{
	{"neo.agent", "connects Neo: itil, admin, e-mail API"},
	{"itil.only", "connects Neo without admin"},
	{"beth.anglin", "service desk technician: itil"},
	{"david.loo", "network technician: itil"},
	{"admin", "administrator"},
	{"joe.employee", "no role: sees no tickets"},
}

func (in *Instance) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form could not be read.", http.StatusBadRequest)
		return
	}
	next := localTarget(r.PostForm.Get("sysparm_goto_url"))
	userName, password := r.PostForm.Get("user_name"), r.PostForm.Get("user_password")
	if sample := r.PostForm.Get("sample_user"); sample != "" { // their password is their name, and the page says so
		userName, password = sample, sample
	}
	who := in.signIn(userName, password)
	if who == nil {
		in.showLogin(w, next, userName, "User name or password invalid")
		return
	}
	in.sessions.begin(w, r, who.id)
	http.Redirect(w, r, next, http.StatusFound)
}

func (in *Instance) logout(w http.ResponseWriter, r *http.Request) {
	in.sessions.end(w, r)
	target := "/login.do"
	if next := localTarget(r.URL.Query().Get("sysparm_goto_url")); next != "/" {
		target = next
	}
	http.Redirect(w, r, target, http.StatusFound)
}

// localTarget keeps a redirect on this instance; anything else becomes the home page.
func localTarget(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") ||
		strings.ContainsAny(raw, "\\\r\n\t") {
		return "/"
	}
	return raw
}
