package servicenow

import (
	"crypto/sha256"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/neoagent/neo"
)

// CallbackPath is where the planted rule delivers.
const CallbackPath = "/callback/servicenow"

// CallbackURL is the address that the planted rule delivers to. The secret in it is
// all that tells a delivery from a forgery: it belongs into the instance's property
// and nowhere else.
func CallbackURL(publicURL, integrationID, secret string) string {
	q := "?integration=" + url.QueryEscape(integrationID) + "&key=" + url.QueryEscape(secret)
	return strings.TrimRight(publicURL, "/") + CallbackPath + q
}

// CallbackHash is what is kept of a callback secret to check deliveries by.
func CallbackHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// maxVersion is the largest sys_mod_count that is taken: what a number in JSON
// carries exactly.
const maxVersion = 1 << 53

// DecodeWebhook reads a delivery of the planted rule (businessrule.js).
//
// The keys sys_id, number, sys_mod_count and table are required; a body with only
// them says that the record has changed, and not how. The others (operation,
// changed_by, changed_at, previous_at, previous_by, changes, journal, fields) are ours; unknown keys are passed
// over, so that a newer script can talk to an older Neo.
//
// What is returned has no ids, tenant, source or time of receipt: these are not the
// instance's to say. Its kinds are worked out where the instance's states are known
// (Classify). Errors are neo.CodeInvalid and name the key and what is
// expected there.
func DecodeWebhook(body []byte) (neo.Event, error) {
	r := reader{s: string(body)}
	var e neo.Event
	var table, version, operation, changedAt, previousAt string
	var unknown []int // entries of the journal of whose authors the script did not say what they are

	r.object("the body", func(key string) {
		switch key {
		case "sys_id":
			e.Ticket.RemoteID = r.text(key)
		case "number":
			e.Number = r.text(key)
		case "sys_mod_count":
			version = r.scalar(key)
		case "table":
			table = r.text(key)
		case "operation":
			operation = r.text(key)
		case "changed_by":
			e.ChangedBy = r.text(key)
		case "changed_at":
			changedAt = r.text(key)
		case "previous_at":
			previousAt = r.text(key)
		case "previous_by":
			e.PreviousBy = r.text(key)
		case "changes":
			e.Changes = r.changes()
		case "journal":
			e.Journal, unknown = r.journal()
		case "fields":
			e.Fields = r.fields()
		default:
			r.skip(key)
		}
	})
	r.end()
	if r.err != nil {
		return neo.Event{}, r.err
	}

	e.Ticket.Class = neo.TicketClass(table)
	count, countErr := strconv.ParseInt(version, 10, 64)
	var timeErr error
	if changedAt != "" {
		e.ChangedAt, timeErr = time.Parse(timeLayout, changedAt)
	}
	var previousErr error
	if previousAt != "" {
		e.PreviousAt, previousErr = time.Parse(timeLayout, previousAt)
	}
	e.Version = count
	e.Type = neo.EntityUpdated
	if operation == "insert" || operation == "" && count == 0 {
		e.Type = neo.EntityCreated
	}

	switch {
	case !recordID(e.Ticket.RemoteID):
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "sys_id: expected the record's sys_id, 1 to 64 letters, digits, - or _")
	case !printable(e.Number):
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "number: expected the record's number, 1 to 64 printable characters")
	case countErr != nil || count < 0 || count > maxVersion:
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "sys_mod_count: expected how often the record was changed, a whole number from 0 to 2^53")
	case !e.Ticket.Class.Known():
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "table: expected one of %s", classList)
	case operation != "" && operation != "insert" && operation != "update":
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "operation: expected insert or update")
	case timeErr != nil:
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "changed_at: expected a time in UTC as YYYY-MM-DD HH:MM:SS")
	case previousErr != nil:
		return neo.Event{}, neo.Errorf(neo.CodeInvalid, "previous_at: expected a time in UTC as YYYY-MM-DD HH:MM:SS")
	}
	for _, i := range unknown { // the script is of an older Neo, which is going to replace it
		e.Journal[i].Technician = !wroteAsContact(&e, e.Journal[i].Author)
	}
	return e, nil
}

var classList = func() string {
	var names []string
	for _, c := range neo.TicketClasses {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}()

// changes reads [{"field", "from", "to"}].
func (r *reader) changes() (list []neo.FieldChange) {
	r.array("changes", func() {
		var c neo.FieldChange
		r.object("changes", func(key string) {
			switch key {
			case "field":
				c.Field = r.text("changes.field")
			case "from":
				c.From = r.value("changes.from")
			case "to":
				c.To = r.value("changes.to")
			default:
				r.skip(key)
			}
		})
		if c.Field == "" {
			r.fail("changes: expected the name of a field under the key field")
		}
		list = append(list, c)
	})
	return list
}

// journal reads [{"element", "text", "author", "technician"}], and which entries do
// not say whether a technician wrote them.
func (r *reader) journal() (list []neo.JournalEntry, unknown []int) {
	r.array("journal", func() {
		var j neo.JournalEntry
		technician := ""
		r.object("journal", func(key string) {
			switch key {
			case "element":
				j.Element = r.text("journal.element")
			case "text":
				j.Text = JournalText(r.text("journal.text"))
			case "author":
				j.Author = r.text("journal.author")
			case "technician":
				technician = r.scalar("journal.technician")
			default:
				r.skip(key)
			}
		})
		if j.Element == "" {
			r.fail("journal: expected work_notes or comments under the key element")
		}
		switch technician {
		case "":
			unknown = append(unknown, len(list))
		case "true", "false":
			j.Technician = technician == "true"
		default:
			r.fail("journal.technician: expected true or false")
		}
		list = append(list, j)
	})
	return list, unknown
}

// fields reads {name: {"value", "display"}}.
func (r *reader) fields() map[string]neo.Value {
	fields := make(map[string]neo.Value, min((len(r.s)-r.i)/48, 128))
	r.object("fields", func(name string) { fields[name] = r.value(name) })
	return fields
}

// value reads {"value", "display"}, or a plain text without a display of its own.
func (r *reader) value(name string) (v neo.Value) {
	if r.peek() != '{' {
		v.Value = r.scalar(name)
		return v
	}
	r.object(name, func(key string) {
		switch key {
		case "value":
			v.Value = r.scalar(name)
		case "display":
			v.Display = r.scalar(name)
		default:
			r.skip(key)
		}
	})
	if v.Display == v.Value {
		v.Display = ""
	}
	return v
}

// printable reports whether s is 1 to 64 characters of visible text.
func printable(s string) bool {
	n := 0
	for _, c := range s {
		if n++; n > 64 || !unicode.IsPrint(c) {
			return false
		}
	}
	return n > 0
}
