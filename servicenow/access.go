package servicenow

import (
	"context"
	"fmt"
	"strings"

	"github.com/neoagent/neo"
)

// checkAccess looks whether the account can read tickets of each class. An instance
// answers a reader without the role with an empty list, not with an error: "connected,
// no tickets" is what a missing role looks like. The total in the header counts what
// is there for anybody, and gives it away.
//
// Only when no class can be read, and one has tickets, has the check failed: to show
// Neo some classes and not others is a choice that a team may make.
func (c *Client) checkAccess(ctx context.Context) (neo.Check, error) {
	check := neo.Check{Name: "tickets", Label: "Read tickets"}
	var readable, empty, denied, missing []string
	for _, class := range neo.TicketClasses {
		page, err := c.List(ctx, string(class), ListOptions{Fields: []string{"sys_id"}, Limit: 1, Count: true})
		name := string(class)
		switch code := neo.CodeOf(err); {
		case code == neo.CodeInvalid:
			missing = append(missing, name)
		case code == neo.CodeRefused:
			denied = append(denied, name)
		case err != nil:
			return neo.Check{}, err
		case len(page.Records) > 0:
			readable = append(readable, name)
		case page.Total > 0:
			denied = append(denied, name)
		default:
			empty = append(empty, name)
		}
	}

	var found []string
	for _, f := range []struct {
		what  string
		names []string
	}{{"readable", readable}, {"without any record yet", empty}, {"not on this instance", missing}} {
		if len(f.names) > 0 {
			found = append(found, fmt.Sprintf("%s: %s", f.what, strings.Join(f.names, ", ")))
		}
	}
	check.State, check.Detail = "ok", strings.Join(found, "; ")
	if len(denied) > 0 {
		check.State = "warning"
		if len(readable) == 0 {
			check.State = "failed"
		}
		check.Detail = "Insufficient privileges: the account cannot read " + strings.Join(denied, ", ") +
			". Give it the role itil (or one with Table API read and write on these tables), then click Reconnect."
		if len(found) > 0 {
			check.Detail += " " + strings.ToUpper(found[0][:1]) + strings.Join(found, "; ")[1:] + "."
		}
	} else if len(readable)+len(empty) == 0 {
		check.State, check.Detail = "failed", "This instance has none of the ticket tables ("+classList+"). Neo needs the ITSM application."
	}
	return check, nil
}
