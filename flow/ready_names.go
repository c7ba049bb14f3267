package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// found is what one instance says about something that a workflow names.
type found struct {
	missing string // a sentence, when the instance does not have it
	nearest string // the name most like it that the instance has
	unknown bool   // it cannot be told
	err     error  // it could not be asked
}

func askInstance(ctx context.Context, c *readyCheck, i *connected, n need) found {
	switch n.what {
	case needRecord:
		return record(ctx, i, n)
	case needCloseCode:
		return closeCode(ctx, i, n, c.classes)
	}
	return fieldValue(ctx, i, n, c.classes)
}

// fieldsOfKind are the fields by which the records of a kind are searched for.
var fieldsOfKind = map[string]string{"group": "assignment_group", "user": "assigned_to", "company": "company", "ci": "cmdb_ci"}

// record looks a name up as the action will.
func record(ctx context.Context, i *connected, n need) found {
	_, err := i.system.Lookup(ctx, n.kind, n.name)
	switch neo.CodeOf(err) {
	case "":
		return found{}
	case neo.CodeNotFound, neo.CodeInvalid:
		return found{missing: neo.MessageOf(err), nearest: nearestRecord(ctx, i, neo.Incident, fieldsOfKind[n.kind], n.name)}
	}
	return found{err: err}
}

// nearestRecord searches for records whose name has a part of the name.
func nearestRecord(ctx context.Context, i *connected, class neo.TicketClass, field, name string) string {
	var names []string
	for _, part := range partsOf(name) {
		choices, err := i.system.Choices(ctx, class, field, part, 100)
		if err != nil {
			return ""
		}
		for _, c := range choices {
			names = append(names, c.Label)
		}
	}
	return nearest(name, names)
}

// partsOf returns parts of a misspelt name that the right one may contain: its words,
// and the first letters of each.
func partsOf(name string) (parts []string) {
	const letters, most = 3, 8
	for word := range strings.FieldsSeq(name) {
		if utf8.RuneCountInString(word) < letters {
			continue
		}
		runes := []rune(word)
		for _, part := range []string{word, string(runes[:letters]), string(runes[len(runes)-letters:])} {
			if len(parts) < most && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// fieldValue looks whether a field can have a value: one of its choices, or a record.
// Other fields can have any.
func fieldValue(ctx context.Context, i *connected, n need, classes []neo.TicketClass) found {
	if n.class != "" {
		classes = []neo.TicketClass{n.class}
	} else if classes == nil {
		classes = neo.TicketClasses
	}
	var labels []string
	asked := false
	for _, class := range classes {
		at := slices.IndexFunc(i.fields[class], func(f neo.Field) bool { return f.Name == n.field })
		if at < 0 {
			continue
		}
		switch i.fields[class][at].Type {
		case neo.ChoiceField:
			choices, complete, err := i.system.AllChoices(ctx, class, n.field)
			switch {
			case err != nil:
				return found{err: err}
			case !complete || len(choices) == 0:
				return found{unknown: !complete}
			case offers(choices, n.name):
				return found{}
			}
			asked = true
			for _, c := range choices {
				labels = append(labels, c.Label)
			}
		case neo.ReferenceField:
			// The same records in whichever class.
			return reference(ctx, i, class, n)
		default:
			return found{}
		}
	}
	if !asked {
		return found{} // of no class for which it would matter
	}
	return found{missing: fmt.Sprintf("“%s” is not a value that the field “%s” can have.", n.name, n.field), nearest: nearest(n.name, labels)}
}

// reference looks for the record to which a value refers, by its id or the name shown.
func reference(ctx context.Context, i *connected, class neo.TicketClass, n need) found {
	const most = 100
	choices, err := i.system.Choices(ctx, class, n.field, n.name, most)
	switch {
	case err != nil:
		return found{err: err}
	case offers(choices, n.name) || len(choices) == most:
		return found{}
	}
	return found{missing: fmt.Sprintf("“%s” has no record “%s”, as far as Neo's account may see.", n.field, n.name), nearest: nearestRecord(ctx, i, class, n.field, n.name)}
}

// offers reports whether one of the choices is meant, by what is stored or shown.
func offers(choices []neo.Choice, name string) bool {
	return slices.ContainsFunc(choices, func(c neo.Choice) bool { return spelling.Same(c.Value, name) || spelling.Same(c.Label, name) })
}

// closeCode asks for the fields that end a ticket with that code, as the action will.
func closeCode(ctx context.Context, i *connected, n need, classes []neo.TicketClass) found {
	if classes == nil {
		classes = neo.TicketClasses
	}
	missing := ""
	var labels []string
	for _, class := range classes {
		ticket := neo.Ticket{TicketRef: neo.TicketRef{IntegrationID: i.integration.ID, Class: class, RemoteID: strings.Repeat("0", 32)}}
		_, err := i.system.MoveTo(ctx, ticket, n.to, n.name, "…")
		switch {
		case err == nil:
			return found{}
		case neo.CodeOf(err) != neo.CodeInvalid:
			return found{err: err}
		case missing == "":
			missing = neo.MessageOf(err)
		}
		for _, field := range []string{"close_code", "resolution_code"} {
			choices, _, err := i.system.AllChoices(ctx, class, field)
			if err != nil {
				return found{err: err}
			}
			for _, c := range choices {
				labels = append(labels, c.Label)
			}
		}
	}
	return found{missing: missing, nearest: nearest(n.name, labels)}
}

// nearest returns the name that is most like another one; "" when none is: more than a
// third of it would have to be changed.
func nearest(name string, names []string) (best string) {
	wanted := []rune(spelling.Normal(name))
	least := max(2, len(wanted)/3) + 1
	for _, other := range names {
		if d := distance(wanted, []rune(spelling.Normal(other)), least); d < least {
			best, least = other, d
		}
	}
	return best
}

// distance is how many letters have to be put in, taken out or replaced to make one text
// of the other (Levenshtein); at most most.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return min(row[len(b)], most)
}
