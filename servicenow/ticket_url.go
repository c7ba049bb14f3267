package servicenow

import (
	"net/url"

	"github.com/neoagent/neo"
)

// TicketURL is where a person sees the ticket in the instance's own pages: the
// navigation page that every instance has, with the record's form inside it.
func TicketURL(in neo.Integration, ref neo.TicketRef) string {
	form := string(ref.Class) + ".do?sys_id=" + url.QueryEscape(ref.RemoteID)
	return in.InstanceURL + "/nav_to.do?uri=" + url.QueryEscape(form)
}
