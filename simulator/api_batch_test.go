package simulator

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestBatchAPI(t *testing.T) {
	rn := Start(t)
	body := base64.StdEncoding.EncodeToString([]byte(`{"short_description":"from a batch"}`))
	a := rn.api(t, "beth.anglin", "POST", "/api/now/v1/batch", mustJSON(t, map[string]any{"batch_request_id": "1", "rest_requests": []any{
		map[string]any{"id": "11", "method": "POST", "url": "/api/now/table/incident", "body": body,
			"headers": []any{map[string]string{"name": "Content-Type", "value": "application/json"}}},
		map[string]any{"id": "12", "method": "GET", "url": "/api/now/table/incident?sysparm_fields=short_description", "exclude_response_headers": true},
		map[string]any{"id": "13", "method": "GET", "url": "/api/now/table/nothing",
			"headers": []any{map[string]string{"name": "Authorization", "value": "Basic bm9ib2R5Og=="}}},
		map[string]any{"id": "14", "method": "POST", "url": "/api/now/v1/batch"},
		map[string]any{"id": "15", "method": "GET", "url": "/login.do"},
	}}))
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var got struct {
		ID         string        `json:"batch_request_id"`
		Serviced   []batchAnswer `json:"serviced_requests"`
		Unserviced []string      `json:"unserviced_requests"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "1" || len(got.Serviced) != 5 || got.Unserviced == nil || len(got.Unserviced) != 0 {
		t.Fatalf("%s", a.body)
	}
	for i, want := range []struct {
		status int
		body   string
	}{{201, "from a batch"}, {200, `{"result":[{"short_description":"from a batch"}]}`}, {400, "Invalid table nothing"}, {400, ""}, {400, ""}} {
		s := got.Serviced[i]
		text, _ := base64.StdEncoding.DecodeString(s.Body)
		if s.StatusCode != want.status || !strings.Contains(string(text), want.body) {
			t.Errorf("part %s: %d %s %s", s.ID, s.StatusCode, text, s.ErrorMessage)
		}
	}
	if len(got.Serviced[0].Headers) == 0 || len(got.Serviced[1].Headers) != 0 || got.Serviced[4].ErrorMessage == "" {
		t.Errorf("headers and errors: %s", a.body)
	}
	if a := rn.api(t, "admin", "POST", "/api/now/batch", `{`); a.status != 400 {
		t.Errorf("broken JSON: %d", a.status)
	}
}

func TestBatchQuotaLeavesTheRest(t *testing.T) {
	var minutes atomic.Int64
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	rn := Start(t, func(o *Options) {
		o.Now = func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
		o.OnWrite = func(Write) { minutes.Add(1) } // a slow part
	})
	a := rn.api(t, "admin", "POST", "/api/now/v1/batch", `{"batch_request_id":"1","rest_requests":[
		{"id":"1","method":"POST","url":"/api/now/table/incident"},{"id":"2","method":"POST","url":"/api/now/table/incident"}]}`)
	if a.status != 200 || !strings.Contains(a.body, `"unserviced_requests":["2"]`) || len(rn.Find("incident", "")) != 1 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
