package workflowfile

import (
	"fmt"
	"time"

	"github.com/neoagent/neo"
)

// Case says what a workflow has to do in one situation: what happens, and what is
// expected then.
type Case struct {
	Name string `json:"name"`
	Happening
	// Type says whether the ticket is new ("created") or changed ("updated"); "" is
	// updated where something changes, and created otherwise.
	Type string `json:"type"`
	At   string `json:"at"` // in the tenant's time zone
	// Event is one as the API shows it (GET /events/{id}), in place of the short form.
	Event    *recorded         `json:"event"`
	Ticket   map[string]string `json:"ticket"`
	Instance *Instance         `json:"instance"` // adds to that of the file
	Expect   Expectation       `json:"expect"`
}

// Happening is what somebody does to the ticket.
type Happening struct {
	By       string              `json:"by,omitempty"` // user name
	Changes  map[string][]string `json:"changes,omitempty"`
	Comment  string              `json:"comment,omitempty"`
	WorkNote string              `json:"work_note,omitempty"`
}

// Expectation is what the workflow has to make of it.
type Expectation struct {
	Matches bool     `json:"matches,omitempty"`
	Actions []Effect `json:"actions,omitempty"`
}

// Effect is what one action does; actions that have nothing to do have none.
type Effect struct {
	Set        map[string]string `json:"set,omitempty"`
	Assign     *assignment       `json:"assign,omitempty"`
	WorkNote   string            `json:"work_note,omitempty"`
	ClientNote string            `json:"client_note,omitempty"`
	Email      *email            `json:"email,omitempty"`
	TimeEntry  *timeEntry        `json:"time_entry,omitempty"`
	Create     *created          `json:"create,omitempty"`
	Message    *message          `json:"message,omitempty"`
	Ask        string            `json:"ask,omitempty"`
	Answer     string            `json:"answer,omitempty"` // to Ask; an input
	Comment    string            `json:"comment,omitempty"`
	Wait       string            `json:"wait,omitempty"`
	Then       *Happening        `json:"then,omitempty"` // during Wait; an input
	Stops      string            `json:"stops,omitempty"`
	Starts     string            `json:"starts,omitempty"`
	Fails      string            `json:"fails,omitempty"`

	values map[string]neo.Value // Set or the fields of Create, as they were done
}

type assignment struct {
	Group      string `json:"group,omitempty"`
	Technician string `json:"technician,omitempty"`
}

type email struct {
	To      string `json:"to,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
}

type timeEntry struct {
	Minutes int    `json:"minutes,omitempty"`
	Text    string `json:"text,omitempty"`
}

type created struct {
	Class  string            `json:"class,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Linked bool              `json:"linked,omitempty"`
}

type message struct {
	To   string `json:"to,omitempty"`
	Text string `json:"text,omitempty"`
	Body string `json:"body,omitempty"`
}

// recorded is what a case needs of an event as the API shows it.
type recorded struct {
	Type      neo.EventType        `json:"type"`
	Class     neo.TicketClass      `json:"class"`
	RemoteID  string               `json:"remote_id"`
	Number    string               `json:"number"`
	Version   int64                `json:"version"`
	ChangedBy string               `json:"changed_by"`
	ChangedAt time.Time            `json:"changed_at"`
	Changes   []neo.FieldChange    `json:"changes"`
	Journal   []neo.JournalEntry   `json:"journal"`
	Fields    map[string]neo.Value `json:"fields"`
}

// What a technician can answer, and what a question becomes that nobody answers.
const (
	approve = "approve"
	reject  = "reject"
	changes = "ask_for_changes"
	nothing = "nothing"
)

var (
	happening = []key{
		may("by", says("User name of who does it. Default: the customer for a comment and a new ticket, a technician for everything else. neo is Neo itself.")),
		may("changes", tableOf("What changes, by field: [from, to].", &shape{kind: list, min: 2, max: 2, item: value(""), doc: "[from, to]"})),
		may("comment", says("A note that the customer writes or sees.")),
		may("work_note", says("An internal note.")),
	}
	someText = "It has to contain this."

	effect = keys("What one action does. Texts have to contain what is written here.",
		may("set", &shape{kind: table, min: 1, item: value(""), doc: "Exactly these fields, to these values; a value that ends with … is a beginning."}),
		may("assign", keys("Short for set with assignment_group and assigned_to.", may("group", says("")), may("technician", says("")))),
		may("work_note", line(someText, 0)),
		may("client_note", line(someText, 0)),
		may("email", keys("", may("to", says("")), may("subject", says(someText)), may("text", says(someText)))),
		may("time_entry", keys("", may("minutes", number("", 1, 0)), may("text", says(someText)))),
		may("create", keys("A ticket.", must("class", oneOf("", neo.TicketClasses...)), may("fields", tableOf("Exactly these.", value(""))), may("linked", yesNo("")))),
		may("message", keys("", must("to", says("Name of the endpoint.")), may("text", says(someText)), may("body", says(someText)))),
		may("ask", line(someText, 0)),
		may("answer", oneOf("What a technician answers to ask. Default: approve.", approve, reject, changes, nothing)),
		may("comment", says("What the technician says to it.")),
		may("wait", &shape{kind: text, pattern: `^([0-9]+[mhd])+$|^forever$`, doc: `How long at most: "30m", "4h", "2d", or "forever".`}),
		may("then", keys("What happens to the ticket during the wait.", happening...)),
		may("stops", line("The run ends here. "+someText, 0)),
		may("starts", line("Name of the workflow.", 0)),
		may("fails", line("The action fails. "+someText, 0)),
	)

	caseShape = named("case", keys("What the workflow has to do in one situation.", append([]key{
		must("name", line("The situation.", 200)),
		may("ticket", tableOf("The ticket after the change: class, number, and its fields, stored or as they are shown.", value(""))),
		may("type", oneOf("Whether the ticket is new. Default: created without changes and notes, updated with them.", "created", "updated")),
		may("at", &shape{kind: text, pattern: `^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$`, doc: `When, in the tenant's time zone, as in "2026-05-04 22:30". Default: Monday 2026-05-04 10:00.`}),
		may("event", &shape{kind: anything, doc: "An event as GET /api/v1/events/{id} answers, in place of ticket and changes."}),
		may("instance", instanceShape),
		must("expect", keys("What has to come of it.",
			must("matches", yesNo("Whether the workflow starts.")),
			may("actions", listOf("What it does, in order; actions that have nothing to do are left out.", effect)),
		)),
	}, happening...)...))

	instanceShape = named("instance", keys("What the instance and Neo's settings have, as far as the cases need it.",
		may("groups", tableOf("Groups, with the user names of their members. Without this key every group exists.", listOf("", says("")))),
		may("users", tableOf("Names of people, by user name. Others exist under their user name.", says(""))),
		may("open_tickets", tableOf("How many open tickets technicians have, by user name.", number("", 0, 0))),
		may("choices", tableOf("Choices that ServiceNow does not come with: by field, what is shown by stored value.", tableOf("", value("")))),
		may("tickets", listOf("Open tickets that Neo knows: class, number, fields.", tableOf("", value("")))),
		may("endpoints", tableOf("Endpoints for messages, with their kind. Without this key every endpoint exists.",
			oneOf("", neo.EndpointSlack, neo.EndpointTeams, neo.EndpointHTTPS))),
		may("workflows", listOf("Names of other workflows. Without this key every workflow exists.", says(""))),
		may("turn", number("Whose turn it is in a rota: 0 is the first.", 0, 0)),
		may("settings", keys("Neo's settings.",
			may("time_zone", says("An IANA name.")),
			may("business_days", listOf("", oneOf("", weekdays...))),
			may("opens_at", clock("")),
			may("closes_at", clock("")),
			may("holidays", listOf("Days without business hours.", keys("",
				must("date", &shape{kind: text, pattern: `^(\d{4}-)?\d{2}-\d{2}$`, doc: "One day, 2026-12-25, or the same day of each year, 12-25."}),
				may("name", says("What people call it.")),
			))),
		)),
	))
)

// checkCases finds what is wrong with the cases beyond their shape.
func (w *Workflow) checkCases() (mistakes []Mistake) {
	names := map[string]bool{}
	for i, c := range w.Cases {
		at := fmt.Sprintf("cases[%d]", i)
		if names[c.Name] {
			mistakes = append(mistakes, w.mistake(at+".name", "there is a case %q already; give each its own name.", c.Name))
		}
		names[c.Name] = true
		switch {
		case c.Event == nil && c.Ticket == nil:
			mistakes = append(mistakes, w.mistake(at, "has neither ticket nor event; say what the workflow is tried on."))
		case c.Event != nil && (c.Ticket != nil || c.Changes != nil || c.Comment != "" || c.WorkNote != "" || c.By != "" || c.At != "" || c.Type != ""):
			mistakes = append(mistakes, w.mistake(at+".event", "event stands for ticket, changes and all the rest; leave one of them out."))
		case c.Event == nil && !neo.TicketClass(c.Ticket["class"]).Known():
			mistakes = append(mistakes, w.mistake(at+".ticket", "%q is no class; %s", c.Ticket["class"], suggest(c.Ticket["class"], texts(neo.TicketClasses))))
		case c.Event != nil && !c.Event.Class.Known():
			mistakes = append(mistakes, w.mistake(at+".event", "%q is no class; %s", c.Event.Class, suggest(string(c.Event.Class), texts(neo.TicketClasses))))
		}
		if !c.Expect.Matches && len(c.Expect.Actions) > 0 {
			mistakes = append(mistakes, w.mistake(at+".expect", "expects no match, and actions; a workflow that does not start does nothing."))
		}
		for k, e := range c.Expect.Actions {
			if e.Then != nil && e.Wait == "" || (e.Answer != "" || e.Comment != "") && e.Ask == "" {
				mistakes = append(mistakes, w.mistake(fmt.Sprintf("%s.expect.actions[%d]", at, k), "then belongs to wait; answer and comment belong to ask."))
			}
		}
	}
	return mistakes
}
