package simulator

import "net/http"

// revoke serves GET and POST /oauth_revoke_token.do?token=…. It needs no authentication. What it answers was never
// captured; an empty 200 is assumed, whether or not the token existed.
func (in *Instance) revoke(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	in.grants.revoke(r.FormValue("token"))
	in.saver.touch()
	w.WriteHeader(http.StatusOK)
}
