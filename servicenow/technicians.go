package servicenow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

const (
	statsPath = "/api/now/stats/"
	// rowsPage is how many short rows one question asks for.
	rowsPage = 1000
)

// Members returns the active technicians of a group, by name: the members whose user is
// active, without Neo's own account. When there are none, the error says whether the
// group is gone or not active, as Lookup does; a group without members is no error.
func (s *Tickets) Members(ctx context.Context, groupID string) ([]neo.Value, error) {
	if !recordID(groupID) {
		return nil, neo.Errorf(neo.CodeInvalid, "%q is not a group.", oneLine(groupID, 64))
	}
	members := []neo.Value{}
	page, err := s.client.All(ctx, "sys_user_grmember", ListOptions{
		Query:  "group=" + groupID + "^user.active=true^ORDERBYuser.name",
		Fields: []string{"group", "user", "user.name", "user.active"},
		Limit:  rowsPage,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Records {
		member := neo.Value{Value: r["user"].Value, Display: r["user.name"].Value}
		if r["group"].Value != groupID || !recordID(member.Value) || member.Value == s.account.RemoteID || r["user.active"].Value == "false" ||
			slices.ContainsFunc(members, func(m neo.Value) bool { return m.Value == member.Value }) {
			continue
		}
		members = append(members, member)
	}
	if page.Total > 0 && len(page.Records) == 0 {
		return nil, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("sys_user_grmember: none of %d records could be read", page.Total),
			Message: "Neo's account may not see who is in a group (the table sys_user_grmember). Give it the role itil. No reconnect is needed."}
	}
	if len(members) == 0 {
		if _, err := s.Lookup(ctx, "group", groupID); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(members, func(a, b neo.Value) int {
		return strings.Compare(strings.ToLower(a.String()), strings.ToLower(b.String()))
	})
	return members, nil
}

// OpenTickets counts the active tickets, of the classes that Neo handles, that are
// assigned to each of the users. Every user is in the answer.
func (s *Tickets) OpenTickets(ctx context.Context, userIDs []string) (map[string]int, error) {
	counts := make(map[string]int, len(userIDs))
	for _, id := range userIDs {
		if !recordID(id) {
			return nil, neo.Errorf(neo.CodeInvalid, "%q is not a user.", oneLine(id, 64))
		}
		counts[id] = 0
	}
	for some := range slices.Chunk(userIDs, idsPerQuestion) {
		query := inClasses + "^active=true^assigned_toIN" + strings.Join(some, ",")
		groups, err := s.client.countBy(ctx, "task", query, "assigned_to")
		if _, later := neo.Retryable(err); later {
			return nil, err
		}
		if err != nil { // an instance without the Aggregate API, or one that does not let Neo use it
			groups, err = s.countByPages(ctx, query)
		}
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if _, asked := counts[g.Value.Value]; asked && slices.Contains(some, g.Value.Value) {
				counts[g.Value.Value] = g.Count
			}
		}
	}
	return counts, nil
}

// countByPages counts by reading the records that match.
func (s *Tickets) countByPages(ctx context.Context, query string) ([]counted, error) {
	counts := map[string]int{}
	err := s.client.Each(ctx, "task", ListOptions{Query: query, Fields: []string{"sys_id", "assigned_to", "active"}, Limit: rowsPage}, func(page Page) (bool, error) {
		for _, r := range page.Records {
			if r["active"].Value != "false" {
				counts[r["assigned_to"].Value]++
			}
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	groups := make([]counted, 0, len(counts))
	for id, n := range counts {
		groups = append(groups, counted{neo.Value{Value: id}, n})
	}
	return groups, nil
}

// counted is how many records have a value.
type counted struct {
	Value neo.Value
	Count int
}

// countBy counts the records that match, by the values of a field. An answer that is
// not what the Aggregate API's documentation says is neo.CodeRefused: to ask again
// would not help.
func (c *Client) countBy(ctx context.Context, table, query, field string) ([]counted, error) {
	k := call{method: http.MethodGet, path: statsPath + table, query: url.Values{
		"sysparm_query": {query}, "sysparm_count": {"true"}, "sysparm_group_by": {field}, "sysparm_display_value": {"all"},
	}}
	result, _, err := c.do(ctx, k)
	if err != nil {
		return nil, err
	}
	var groups []struct {
		Stats struct {
			Count json.RawMessage `json:"count"`
		} `json:"stats"`
		By []struct {
			Field   string          `json:"field"`
			Value   json.RawMessage `json:"value"`
			Display json.RawMessage `json:"display_value"`
		} `json:"groupby_fields"`
	}
	if err := json.Unmarshal(result, &groups); err != nil {
		return nil, notStats(k, err)
	}
	all := make([]counted, 0, len(groups))
	for _, g := range groups {
		n, err := strconv.Atoi(scalar(g.Stats.Count))
		if err != nil || len(g.By) != 1 || g.By[0].Field != field {
			return nil, notStats(k, errors.New("a group without its field or count"))
		}
		all = append(all, counted{neo.Value{Value: scalar(g.By[0].Value), Display: scalar(g.By[0].Display)}, n})
	}
	return all, nil
}

func notStats(k call, err error) *neo.Error {
	return &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s %s: %w", k.method, k.path, err),
		Message: "ServiceNow counted in a way that Neo does not understand. Ask an administrator whether something stands between Neo and the Aggregate API."}
}
