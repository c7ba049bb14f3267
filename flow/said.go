package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/neoagent/neo"
)

// said tells people what came of a write, and what the instance made different:
// it drops unknown fields and bad choices silently, and its own rules may change
// a value that was just set.
func said(w neo.Write, echo neo.Ticket) string {
	var set, other []string
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		if echo.Fields[name].Value == w.Fields[name] {
			set = append(set, fmt.Sprintf("%s to %s", labelOf(name), quoted(echo.Fields[name].String())))
		}
	}
	other = notTaken(w.Fields, echo)
	var parts []string
	if len(set) > 0 {
		parts = append(parts, "Set "+strings.Join(set, ", ")+".")
	}
	if w.WorkNote != "" {
		parts = append(parts, "Added a work note.")
	}
	if w.ClientNote != "" {
		parts = append(parts, "Added a client-facing note.")
	}
	if w.TimeEntry != nil {
		parts = append(parts, fmt.Sprintf("Logged %d minutes.", w.TimeEntry.Minutes))
	}
	if w.Email != nil {
		parts = append(parts, "Sent an email to "+w.Email.To+".")
	}
	if len(other) > 0 {
		parts = append(parts, "The instance did not take, or changed, "+strings.Join(other, ", ")+".")
	}
	return strings.Join(parts, " ")
}

// notTaken says which wanted fields the instance holds otherwise: it drops unknown
// fields and bad choices without a word.
func notTaken(fields map[string]string, echo neo.Ticket) (other []string) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if is := echo.Fields[name]; is.Value != fields[name] {
			other = append(other, fmt.Sprintf("%s (wanted %s, is %s)", name, quoted(fields[name]), quoted(is.String())))
		}
	}
	return other
}

// sentence makes a sentence of a reason: "fewest open tickets (3)".
func sentence(reason string) string {
	first, size := utf8.DecodeRuneInString(reason)
	if size == 0 {
		return ""
	}
	return ended(string(unicode.ToUpper(first)) + reason[size:])
}

func quoted(s string) string {
	if s == "" {
		return "empty"
	}
	return "“" + s + "”"
}

// marker names one step of one run, in a work note and in nothing else.
func marker(run *neo.Run, position int) string {
	return fmt.Sprintf("neo-%s-%d", run.ID[len(run.ID)-12:], position+1)
}

// signed adds the line that tells technicians who wrote a note and why, and Neo
// whether it is there.
func signed(note string, run *neo.Run, position int) string {
	return note + "\n— Neo Agent · " + run.WorkflowName + " · " + marker(run, position)
}

func lastLine(note string) string {
	return note[strings.LastIndexByte(note, '\n')+1:]
}
