package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// ticket is one that exists in the sink.
type ticket struct {
	sysID, number string
	version       int64 // of the last delivery about it
}

// deliveries makes bodies as the planted rule sends them: the whole record of an
// incident, 2 to 3 KB. Each connection has tickets of its own, so that the versions
// of a ticket come in their order.
type deliveries struct {
	random  *rand.Rand
	tickets []*ticket
	turn    int
	before  []byte // the body in parts, around what differs
	after   []byte
	buffer  []byte
	current *ticket
}

func newDeliveries(seed uint64, worker int, perWorker [][]*ticket) *deliveries {
	d := &deliveries{random: rand.New(rand.NewPCG(seed, uint64(worker))), tickets: perWorker[worker]}
	d.before, d.after = bodyParts()
	return d
}

// next returns the next delivery about the next ticket. It is valid until the call
// after it.
func (d *deliveries) next() []byte {
	d.current = d.tickets[d.turn%len(d.tickets)]
	d.turn++
	d.current.version++
	return d.again()
}

// again returns the same delivery once more.
func (d *deliveries) again() []byte {
	t := d.current
	d.buffer = fmt.Appendf(d.buffer[:0], `{"sys_id":%q,"number":%q,"sys_mod_count":"%d"`, t.sysID, t.number, t.version)
	d.buffer = append(d.buffer, d.before...)
	d.buffer = fmt.Appendf(d.buffer, `{"field":"urgency","from":{"value":"%d"},"to":{"value":"2"}}`, t.version%2*2+1)
	if t.version%matchEvery == 0 {
		d.buffer = append(d.buffer, `,{"field":"escalation","from":{"value":"1","display":"Moderate"},"to":{"value":"0","display":"Normal"}}`...)
	}
	return append(d.buffer, d.after...)
}

// matchEvery is how many versions of a ticket there are to one that starts the
// workflow that acts.
const matchEvery = 50

// bodyParts returns a body without its first keys and without its changes.
func bodyParts() (before, after []byte) {
	type value struct {
		Value   string `json:"value"`
		Display string `json:"display,omitempty"`
	}
	fields := map[string]value{
		"short_description": {"VPN drops every few minutes when working from home", ""},
		"description": {"Since the weekend the VPN connection ends after some minutes. Restarting the router and the laptop " +
			"did not help; on the phone's hotspot it is the same. Colleagues in the same town report it as well.", ""},
		"state": {"2", "In Progress"}, "incident_state": {"2", "In Progress"}, "priority": {"3", "3 - Moderate"},
		"impact": {"2", "2 - Medium"}, "urgency": {"2", "2 - Medium"}, "category": {"network", "Network"}, "subcategory": {"vpn", "VPN"},
		"assignment_group": {"287ebd7da9fe198100f92cc8d1d2154e", "Network"}, "assigned_to": {"46d44a23a9fe19810012d100cca80666", "Beth Anglin"},
		"caller_id": {"5137153cc611227c000bbd1bd8cd2005", "Fred Luddy"}, "opened_by": {"681ccaf9c0a8016400b98a06818d57c7", "David Loo"},
		"company": {"31bea3d53790200044e0bfc8bcbe5dec", "ACME North America"}, "cmdb_ci": {"26da329f0a0a0bb400f69d8159bc753d", "VPN gateway 2"},
		"contact_type": {"phone", "Phone"}, "active": {"true", ""}, "approval": {"not requested", "Not Yet Requested"}, "escalation": {"0", "Normal"},
		"made_sla": {"true", ""}, "knowledge": {"false", ""}, "reassignment_count": {"1", ""}, "reopen_count": {"0", ""}, "severity": {"3", "3 - Low"},
		"opened_at": {"2026-11-20 08:14:05", ""}, "sys_created_on": {"2026-11-20 08:14:05", ""}, "sys_updated_on": {"2026-11-24 09:30:11", ""},
		"sys_created_by": {"david.loo", ""}, "sys_updated_by": {"beth.anglin", ""}, "sys_domain": {"global", ""}, "upon_approval": {"proceed", "Proceed to Next Task"},
		"upon_reject": {"cancel", "Cancel all future Tasks"}, "notify": {"1", "Do Not Notify"}, "location": {"108752c8c611227501d4ab0e392ba97f", "Leeds"},
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // impossible: strings only
	}
	before = []byte(`,"table":"incident","operation":"update","changed_by":"beth.anglin","changed_at":"2026-11-24 09:30:11","changes":[`)
	return before, bytes.Join([][]byte{[]byte(`],"journal":[],"fields":`), text, []byte(`}`)}, nil)
}
