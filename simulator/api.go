package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

const (
	maxBody = 10 << 20
	maxURL  = 8192
	maxRows = 10000
)

// apiCall is one authenticated request to an API.
type apiCall struct {
	in      *Instance
	w       http.ResponseWriter
	r       *http.Request
	who     *actor
	base    string // scheme and host for links
	version string // "", "v1" or "v2"
	path    []string
}

// apis maps the first path element behind /api/now[/vN] to its API.
var apis = map[string]func(*apiCall) error{
	"table":      (*apiCall).table,
	"ui":         (*apiCall).ui,
	"attachment": (*apiCall).attachment,
	"import":     (*apiCall).importSet,
	"stats":      (*apiCall).stats,
	"batch":      (*apiCall).batch,
	"email":      (*apiCall).email,
}

var versionPart = regexp.MustCompile(`^v[0-9]+$`)

// api serves /api/. Checks come in the edge's and the platform's order: URL length, authorization, then the resource.
func (in *Instance) api(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RequestURI()) > maxURL {
		w.Header().Set("Server", "snow_adc")
		http.Error(w, "414 Request-URI Too Large", http.StatusRequestURITooLong)
		return
	}
	if len(r.Header.Values("Authorization")) > 1 {
		w.Header().Set("Server", "snow_adc")
		http.Error(w, "400 Bad Request", http.StatusBadRequest)
		return
	}
	if in.inTheWay(w, r) {
		return
	}
	c := &apiCall{in: in, w: w, r: r, base: in.baseURL(r)}
	c.who = in.authenticate(r)
	c.headers()
	if c.who == nil {
		in.challenge(w.Header())
		message := "User is not authenticated"
		if in.quirks.Load().OldUnauthenticatedText {
			message = "User Not Authenticated"
		}
		c.fail(&apiError{401, message, "Required to provide Auth information"})
		return
	}
	if r.ContentLength <= maxBody {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	err := c.withinRate()
	if err == nil {
		err = c.unlucky()
	}
	if err == nil {
		err = c.serve()
	}
	if err != nil {
		c.fail(asAPIError(err))
	}
}

func (c *apiCall) serve() error {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(c.r.URL.Path, "/api/"), "/"), "/")
	if len(parts) < 2 || parts[0] != "now" {
		return errNoSuchURI
	}
	parts = parts[1:]
	if versionPart.MatchString(parts[0]) {
		if c.version = parts[0]; c.version != "v1" && c.version != "v2" {
			return errNoSuchURI
		}
		parts = parts[1:]
	}
	if len(parts) == 0 || apis[parts[0]] == nil {
		return errNoSuchURI
	}
	c.path = parts[1:]
	return apis[parts[0]](c)
}

// headers are those of a real node. X-Transaction-ID is on every answer a node gives, and on no one else's.
func (c *apiCall) headers() {
	tx := randomHex(6)
	h := c.w.Header()
	h.Set("Server", "snow_adc")
	h.Set("Date", c.in.opts.Now().UTC().Format(http.TimeFormat))
	h.Set("X-Transaction-ID", tx)
	h.Set("Server-Timing", `t;desc="`+tx+`", sem_wait;dur=0, sesh_wait;dur=0`)
	h.Set("Pragma", "no-store,no-cache")
	h.Set("Cache-Control", "no-cache,no-store,must-revalidate,max-age=-1")
	h.Set("Expires", "0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	if c.who != nil {
		h.Set("X-Is-Logged-In", "true")
	} else {
		h.Set("X-Is-Logged-In", "false")
	}
	// A browser's own session must survive a call of the API beside it, so it gets no cookies.
	if _, err := c.r.Cookie(sessionCookie); err == nil {
		return
	}
	for _, cookie := range []string{
		sessionCookie + "=" + strings.ToUpper(randomHex(16)) + "; Path=/; HttpOnly",
		"glide_user=; Max-Age=0; Path=/; HttpOnly",
		"glide_user_session=; Max-Age=0; Path=/; HttpOnly",
		"glide_user_route=glide." + stableID("node") + "; Max-Age=2147483647; Path=/; HttpOnly",
		"glide_node_id_for_js=" + stableID("node for js") + "; Path=/",
		"glide_session_store=" + strings.ToUpper(randomHex(16)) + "; Max-Age=1800; Path=/; HttpOnly",
	} {
		h.Add("Set-Cookie", cookie)
	}
}

// fail writes the error envelope; an empty detail is null.
func (c *apiCall) fail(e *apiError) {
	c.reply(e.status, envelopeOf(e.message, e.detail))
}

func envelopeOf(message, detail string) []byte {
	var envelope struct {
		Error struct {
			Message string  `json:"message"`
			Detail  *string `json:"detail"`
		} `json:"error"`
		Status string `json:"status"`
	}
	envelope.Error.Message, envelope.Status = message, "failure"
	if detail != "" {
		envelope.Error.Detail = &detail
	}
	body, _ := json.Marshal(envelope) // strings only: cannot fail
	return body
}

// answer sends {"result": …}.
func (c *apiCall) answer(status int, result any) error {
	return c.answerBare(status, map[string]any{"result": result})
}

func (c *apiCall) answerBare(status int, envelope any) error {
	body, err := json.Marshal(envelope)
	if err != nil {
		return err
	}
	c.reply(status, body)
	return nil
}

func (c *apiCall) reply(status int, body []byte) {
	status, body = c.spoiled(status, body)
	c.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body)
	}
}

// method honours X-HTTP-Method-Override on POST.
func (c *apiCall) method() string {
	if o := c.r.Header.Get("X-HTTP-Method-Override"); o != "" && c.r.Method == http.MethodPost {
		return strings.ToUpper(o)
	}
	return c.r.Method
}

// baseURL is how this instance is reached: the configured URL, as the real one keeps to its instance URL, else the Host.
func (in *Instance) baseURL(r *http.Request) string {
	if in.opts.PublicURL != "" {
		return strings.TrimSuffix(in.opts.PublicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
