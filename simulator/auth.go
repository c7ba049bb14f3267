package simulator

import (
	"net/http"
	"strings"
)

// authenticate resolves who an API request comes from: Bearer, Basic, or ?access_token=. nil means 401.
func (in *Instance) authenticate(r *http.Request) *actor {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return in.bearer(strings.TrimSpace(rest))
	case strings.EqualFold(scheme, "Basic"):
		user, pass, ok := r.BasicAuth()
		if !ok || in.quirks.Load().BasicAuthBlocked {
			return nil
		}
		return in.signIn(user, pass)
	case scheme == "":
		if t := r.URL.Query().Get("access_token"); t != "" {
			return in.bearer(t)
		}
	}
	return nil
}

func (in *Instance) bearer(token string) *actor {
	entity, user, ok := in.grants.bearer(token, in.opts.Now())
	if !ok {
		return nil
	}
	if app := in.store.find(schema["oauth_entity"], entity); app == nil || app.get("active") != "true" {
		return nil
	}
	return in.actorOf(user)
}
