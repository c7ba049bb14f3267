package visitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client speaks JSON with Neo's API (with the session of a browser) or with the
// simulator's Table API (as one of its users).
type Client struct {
	base string
	http *http.Client
	user string // basic auth; its password is the same. "" for Neo
}

// Instance returns a client of a simulator's Table API, for one of its sample users.
func Instance(url, user string) *Client {
	return &Client{base: url, user: user, http: &http.Client{Timeout: 30 * time.Second}}
}

// Call sends in as JSON and reads the answer into out; both may be nil. An answer
// that is not a success is an error with the message that came.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	var body string
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = string(text)
	}
	status, text, err := c.Raw(ctx, method, path, body)
	if err != nil {
		return err
	}
	if status >= 300 {
		var e struct {
			Error struct {
				Message string
				Detail  string
				Details struct {
					Mistakes []struct{ Path, Message string }
				}
			}
		}
		if json.Unmarshal([]byte(text), &e) == nil && e.Error.Message != "" {
			said := strings.TrimSpace(e.Error.Message + " " + e.Error.Detail)
			for _, m := range e.Error.Details.Mistakes {
				said += " " + strings.TrimSpace(m.Path+" "+m.Message) + ";"
			}
			return errors.New(strings.TrimSuffix(said, ";"))
		}
		return fmt.Errorf("%s %s answered %d", method, path, status)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal([]byte(text), out)
}

// Raw sends body as it is and returns the status and the text of the answer.
func (c *Client) Raw(ctx context.Context, method, path, body string) (status int, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if c.user != "" {
		req.SetBasicAuth(c.user, c.user)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	all, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	return resp.StatusCode, string(all), err
}

// Get returns the data of one of Neo's answers.
func Get[T any](ctx context.Context, c *Client, path string) (T, error) {
	var out struct{ Data T }
	err := c.Call(ctx, http.MethodGet, path, nil, &out)
	return out.Data, err
}

// Records returns the rows of a table for which the encoded query holds.
func (c *Client) Records(ctx context.Context, table, query, fields string) ([]map[string]string, error) {
	var out struct{ Result []map[string]string }
	q := url.Values{"sysparm_query": {query}, "sysparm_fields": {fields}, "sysparm_exclude_reference_link": {"true"}, "sysparm_limit": {"1000"}}
	err := c.Call(ctx, http.MethodGet, "/api/now/table/"+table+"?"+q.Encode(), nil, &out)
	return out.Result, err
}

// Until asks again and again until ok, or the context ends.
func Until(ctx context.Context, ok func() (bool, error)) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		done, err := ok()
		if done {
			return nil
		}
		if err != nil {
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if last != nil {
				return last
			}
			return errors.New("it did not happen in time")
		}
	}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }
