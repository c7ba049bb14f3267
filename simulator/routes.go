package simulator

import "net/http"

// routes is every address of the instance. Pages a browser posts to are guarded against other sites; the APIs and the
// token endpoints authenticate each request themselves.
func (in *Instance) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", in.api)
	mux.HandleFunc("/oauth_token.do", in.token)
	mux.HandleFunc("/oauth_revoke_token.do", in.revoke)
	mux.HandleFunc("/oauth_revoke.do", in.revoke)

	pages := http.NewServeMux()
	pages.HandleFunc("GET /oauth_auth.do", in.authorize)
	pages.HandleFunc("POST /oauth_auth.do", in.answerConsent)
	pages.HandleFunc("GET /login.do", in.loginPage)
	pages.HandleFunc("POST /login.do", in.login)
	pages.HandleFunc("GET /oauth_login.do", in.loginPage)
	pages.HandleFunc("/logout.do", in.logout)
	in.uiRoutes(pages)
	in.faultRoutes(pages)
	mux.Handle("/", pageHeaders(http.NewCrossOriginProtection().Handler(pages)))
	return mux
}

// pageHeaders keep the instance's pages out of frames. There is no form-action: a consent form ends in a redirect to
// another site.
func pageHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", "snow_adc")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; frame-ancestors 'self'; base-uri 'none'")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
