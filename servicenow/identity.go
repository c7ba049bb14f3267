package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/neoagent/neo"
)

// identity asks the instance as whom Neo calls. The consent page reuses whatever
// session the browser has, so it is often not whom the person meant.
func (c *Client) identity(ctx context.Context) (account, error) {
	result, _, err := c.do(ctx, call{method: http.MethodGet, path: "/api/now/ui/user/current_user"})
	if err == nil {
		var u struct {
			ID   string `json:"user_sys_id"`
			Name string `json:"user_name"`
			Full string `json:"user_display_name"`
		}
		if json.Unmarshal(result, &u) == nil && recordID(u.ID) && u.Name != "" {
			who := account{Identity: neo.Identity{RemoteID: u.ID, UserName: u.Name, Name: u.Full}}
			if r, err := c.Get(ctx, "sys_user", u.ID, []string{"sys_id", "email"}, false); err == nil {
				who.Email = r["email"].Value
			}
			return who, nil
		}
	}
	return c.identityFromTable(ctx)
}

// identityFromTable is for instances without the endpoint above. An instance that
// dropped the query's term would answer with all users, so exactly one must come.
func (c *Client) identityFromTable(ctx context.Context) (account, error) {
	page, err := c.List(ctx, "sys_user", ListOptions{
		Query:  "sys_id=javascript:gs.getUserID()",
		Fields: []string{"sys_id", "user_name", "name", "email"},
		Limit:  2,
	})
	if err != nil {
		return account{}, err
	}
	if len(page.Records) != 1 || !recordID(page.Records[0]["sys_id"].Value) {
		return account{}, &neo.Error{Code: neo.CodeRefused,
			Message: "Neo could not read as which account it acts. Give the account the role itil, so that it may read its own user record, then click Reconnect.",
			Cause:   fmt.Errorf("sys_user by gs.getUserID(): %d records", len(page.Records))}
	}
	r := page.Records[0]
	return account{neo.Identity{RemoteID: r["sys_id"].Value, UserName: r["user_name"].Value, Name: r["name"].Value}, r["email"].Value}, nil
}
