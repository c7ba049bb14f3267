package simulator

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

// oauthApp is an oauth_entity row as the endpoints need it.
type oauthApp struct {
	id, name, clientID, secret string
	redirects                  []string
	public, pkce               bool
	life                       lifespans
	codeLife                   int64
}

// appByClient finds an active application; nil when there is none.
func (in *Instance) appByClient(clientID string) *oauthApp {
	if clientID == "" {
		return nil
	}
	r := in.store.lookup(schema["oauth_entity"], "client_id", clientID)
	if r == nil || r.get("active") != "true" || r.get("client_id") != clientID {
		return nil
	}
	return readApp(r)
}

func readApp(r *record) *oauthApp {
	seconds := func(field string, normal int64) int64 {
		n, err := strconv.ParseInt(r.get(field), 10, 64)
		if err != nil || n <= 0 {
			return normal
		}
		return n
	}
	a := &oauthApp{id: r.id(), name: r.get("name"), clientID: r.get("client_id"), secret: r.get("client_secret"),
		public: r.get("public_client") == "true", pkce: r.get("pkce_required") == "true",
		life:     lifespans{seconds("access_token_lifespan", 1800), seconds("refresh_token_lifespan", 8_640_000)},
		codeLife: seconds("auth_code_lifespan", 60)}
	for _, u := range strings.FieldsFunc(r.get("redirect_url"), func(c rune) bool { return c == ',' || c == '\n' }) {
		if u = strings.TrimSpace(u); u != "" {
			a.redirects = append(a.redirects, u)
		}
	}
	return a
}

func (a *oauthApp) secretIs(given string) bool {
	return a.secret != "" && subtle.ConstantTimeCompare([]byte(a.secret), []byte(given)) == 1
}
