package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

const tablePath = "/api/now/table/"

// Record is one record of a table: field name → value. Fields that the account may
// not read are missing; empty ones are there, as "".
type Record map[string]neo.Value

// UnmarshalJSON reads a record in any of the shapes in which the Table API writes
// values: a string, {link, value} of a reference, or {value, display_value} with
// sysparm_display_value=all, where the display of an empty field can be null.
func (r *Record) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*r = make(Record, len(raw))
	for name, text := range raw {
		v := neo.Value{}
		if text[0] == '{' {
			var both struct {
				Value   json.RawMessage `json:"value"`
				Display json.RawMessage `json:"display_value"`
			}
			if err := json.Unmarshal(text, &both); err != nil {
				return err
			}
			v = neo.Value{Value: scalar(both.Value), Display: scalar(both.Display)}
		} else {
			v.Value = scalar(text)
		}
		if v.Display == v.Value {
			v.Display = ""
		}
		(*r)[name] = v
	}
	return nil
}

// scalar returns the text of a string; "" for null and nothing. Numbers and booleans
// are not sent as such, but cost nothing to take.
func scalar(text json.RawMessage) string {
	if len(text) == 0 || string(text) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return string(text)
	}
	return s
}

// ListOptions selects records. Limit is required: the platform's default is 10,000.
type ListOptions struct {
	Query   string   // encoded query; order must be part of it, there is none by default
	Fields  []string // nil: all that the account may read
	Limit   int
	Offset  int
	Display bool // display values too
	Count   bool // ask for the total, which costs the instance a query
}

// Page is what List found. Total counts what matches whether or not the account may
// read it; it is -1 unless asked for. Fewer records than the limit do not mean that
// there are no more: the limit is applied before access rules are.
type Page struct {
	Records  []Record
	Total    int
	ServedAt time.Time // by the instance's clock; ours when it does not say
}

// Get reads one record. neo.CodeNotFound means that the instance said so.
func (c *Client) Get(ctx context.Context, table, id string, fields []string, display bool) (Record, error) {
	path, err := recordPath(table, id)
	if err != nil {
		return nil, err
	}
	return c.record(ctx, call{method: http.MethodGet, path: path, query: readQuery(fields, display)})
}

// List makes one call for records of a table that match: the first Limit of them, in
// the order of o.Query. Who wants all of them uses All or Each.
func (c *Client) List(ctx context.Context, table string, o ListOptions) (Page, error) {
	if !fieldName(table) || o.Limit <= 0 {
		return Page{}, fmt.Errorf("servicenow: list %q with limit %d", table, o.Limit)
	}
	q := readQuery(o.Fields, o.Display)
	q.Set("sysparm_query", o.Query)
	q.Set("sysparm_limit", strconv.Itoa(o.Limit))
	q.Set("sysparm_offset", strconv.Itoa(o.Offset))
	if !o.Count {
		q.Set("sysparm_no_count", "true")
		q.Set("sysparm_suppress_pagination_header", "true")
	}
	k := call{method: http.MethodGet, path: tablePath + table, query: q}
	result, header, err := c.do(ctx, k)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: -1, ServedAt: c.now()}
	if t, err := http.ParseTime(header.Get("Date")); err == nil {
		page.ServedAt = t
	}
	if err := json.Unmarshal(result, &page.Records); err != nil {
		return Page{}, unavailable(c.instanceURL, fmt.Errorf("%s %s: %w", k.method, k.path, err))
	}
	if total, err := strconv.Atoi(header.Get("X-Total-Count")); err == nil && o.Count {
		page.Total = total
	}
	return page, nil
}

// Insert creates a record and returns it as the instance made it, with display values. Fields that the
// table does not have, and values that a choice list does not have, are dropped by
// the instance without a word; compare the answer.
func (c *Client) Insert(ctx context.Context, table string, values map[string]string) (Record, error) {
	if !fieldName(table) {
		return nil, fmt.Errorf("servicenow: insert into %q", table)
	}
	return c.record(ctx, call{method: http.MethodPost, path: tablePath + table, query: readQuery(nil, true), body: values})
}

// Patch changes fields of a record and returns it as it is now, with display values:
// the given fields of it, or all when there are none.
// The remark on Insert holds.
func (c *Client) Patch(ctx context.Context, table, id string, values map[string]string, fields []string) (Record, error) {
	path, err := recordPath(table, id)
	if err != nil {
		return nil, err
	}
	return c.record(ctx, call{method: http.MethodPatch, path: path, query: readQuery(fields, true), body: values})
}

// Delete deletes a record. neo.CodeNotFound means that it was not there.
func (c *Client) Delete(ctx context.Context, table, id string) error {
	path, err := recordPath(table, id)
	if err != nil {
		return err
	}
	_, _, err = c.do(ctx, call{method: http.MethodDelete, path: path})
	return err
}

func (c *Client) record(ctx context.Context, k call) (Record, error) {
	result, _, err := c.do(ctx, k)
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(result, &r); err != nil {
		return nil, unavailable(c.instanceURL, fmt.Errorf("%s %s: %w", k.method, k.path, err))
	}
	if r["sys_id"].Value == "" && k.method != http.MethodGet {
		return nil, unavailable(c.instanceURL, fmt.Errorf("%s %s: the answer has no sys_id", k.method, k.path))
	}
	return r, nil
}

func readQuery(fields []string, display bool) url.Values {
	q := url.Values{"sysparm_exclude_reference_link": {"true"}, "sysparm_display_value": {"false"}}
	if display {
		q.Set("sysparm_display_value", "all")
	}
	if len(fields) > 0 {
		q.Set("sysparm_fields", strings.Join(fields, ","))
	}
	return q
}

func recordPath(table, id string) (string, error) {
	if !fieldName(table) || strings.Contains(table, ".") || !recordID(id) {
		return "", neo.Errorf(neo.CodeInvalid, "%q in %q is not a ServiceNow record.", oneLine(id, 64), oneLine(table, 80))
	}
	return tablePath + table + "/" + id, nil
}
