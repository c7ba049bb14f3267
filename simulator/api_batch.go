package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// maxBatch is how many requests one batch may hold here; the platform is bounded by its sizes and its quota.
const maxBatch = 1000

// batchRequest is the body of POST /api/now/v1/batch.
type batchRequest struct {
	ID       string      `json:"batch_request_id"`
	Requests []batchPart `json:"rest_requests"`
}

type batchPart struct {
	ID                     string        `json:"id"`
	Method                 string        `json:"method"`
	URL                    string        `json:"url"`
	Headers                []batchHeader `json:"headers"`
	Body                   string        `json:"body"` // base64
	ExcludeResponseHeaders bool          `json:"exclude_response_headers"`
}

type batchHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// batchAnswer is one entry of serviced_requests.
type batchAnswer struct {
	ID            string        `json:"id"`
	Body          string        `json:"body"` // base64
	StatusCode    int           `json:"status_code"`
	StatusText    string        `json:"status_text"`
	Headers       []batchHeader `json:"headers"`
	ExecutionTime int64         `json:"execution_time"` // milliseconds
	ErrorMessage  string        `json:"error_message"`
	RedirectURL   string        `json:"redirect_url"`
}

// batch serves POST /api/now[/v1]/batch (fact sheet 2.10). The parts run in their order, as the caller, through the same
// door as any request; a part that fails leaves the batch at 200. Parts for which Options.BatchQuota left no time are
// named in unserviced_requests.
func (c *apiCall) batch() error {
	if len(c.path) > 0 || c.version == "v2" {
		return errNoSuchURI
	}
	if c.method() != http.MethodPost {
		return errMethod
	}
	raw, err := c.rawBody()
	if err != nil {
		return err
	}
	var b batchRequest
	if err := json.Unmarshal(raw, &b); err != nil {
		return errUnreadableBody("The payload is not valid JSON: " + err.Error())
	}
	if len(b.Requests) > maxBatch {
		return errUnreadableBody("The batch holds too many requests")
	}
	serviced, unserviced := []batchAnswer{}, []string{}
	started := c.in.opts.Now()
	for _, p := range b.Requests {
		if c.in.opts.Now().Sub(started) > c.in.opts.BatchQuota {
			unserviced = append(unserviced, p.ID)
			continue
		}
		serviced = append(serviced, c.part(p))
	}
	return c.answerBare(http.StatusOK, map[string]any{"batch_request_id": b.ID, "serviced_requests": serviced,
		"unserviced_requests": unserviced})
}

// part runs one request of a batch.
func (c *apiCall) part(p batchPart) batchAnswer {
	started := c.in.opts.Now()
	out := batchAnswer{ID: p.ID, Headers: []batchHeader{}}
	r, problem := c.partRequest(p)
	if problem != "" {
		out.StatusCode, out.StatusText, out.ErrorMessage = http.StatusBadRequest, http.StatusText(http.StatusBadRequest), problem
		return out
	}
	w := &captured{header: http.Header{}, status: http.StatusOK}
	c.in.ServeHTTP(w, r)
	out.StatusCode, out.StatusText = w.status, http.StatusText(w.status)
	out.Body = base64.StdEncoding.EncodeToString(w.body.Bytes())
	out.RedirectURL = w.header.Get("Location")
	if !p.ExcludeResponseHeaders {
		for name := range w.header {
			if name != "Set-Cookie" {
				out.Headers = append(out.Headers, batchHeader{name, w.header.Get(name)})
			}
		}
	}
	out.ExecutionTime = c.in.opts.Now().Sub(started).Milliseconds()
	return out
}

// partRequest says what is wrong with a part, or makes its request. A batch in a batch is refused.
func (c *apiCall) partRequest(p batchPart) (*http.Request, string) {
	body, err := base64.StdEncoding.DecodeString(p.Body)
	if err != nil {
		return nil, "body is not base64"
	}
	path, _, _ := strings.Cut(p.URL, "?")
	if !strings.HasPrefix(path, "/api/") || strings.HasSuffix(strings.TrimSuffix(path, "/"), "/batch") {
		return nil, "url does not represent a resource a batch can reach"
	}
	r, err := http.NewRequestWithContext(c.r.Context(), p.Method, p.URL, bytes.NewReader(body))
	if err != nil {
		return nil, "method or url is not valid"
	}
	r.RequestURI, r.Host, r.RemoteAddr, r.TLS = p.URL, c.r.Host, c.r.RemoteAddr, c.r.TLS
	for _, h := range p.Headers {
		r.Header.Add(h.Name, h.Value)
	}
	for _, name := range []string{"Authorization", "Cookie"} {
		r.Header.Del(name)
		for _, v := range c.r.Header.Values(name) {
			r.Header.Add(name, v)
		}
	}
	if token := c.r.URL.Query().Get("access_token"); token != "" && r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, ""
}

// captured keeps an answer instead of sending it.
type captured struct {
	header http.Header
	status int
	body   bytes.Buffer
}

var _ http.ResponseWriter = (*captured)(nil)

func (w *captured) Header() http.Header         { return w.header }
func (w *captured) WriteHeader(status int)      { w.status = status }
func (w *captured) Write(b []byte) (int, error) { return w.body.Write(b) }
