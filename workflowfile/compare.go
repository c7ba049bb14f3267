package workflowfile

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/neoagent/neo/spelling"
)

// compare returns the differences between what a case expects and what was done.
func compare(want, got []Effect) string {
	shown := make([]Effect, len(got))
	for i := range got {
		if shown[i] = got[i]; i < len(want) {
			shown[i] = want[i].shown(got[i])
		}
	}
	wanted, done := effectsText(want), effectsText(shown)
	if wanted == done {
		return ""
	}
	return "it does not do what is expected (- expected, + done).\n" + Diff(wanted, done)
}

func effectsText(all []Effect) string {
	if len(all) == 0 {
		return "nothing\n"
	}
	list := make([]any, len(all))
	for i, e := range all {
		list[i] = plain(e)
	}
	text, err := encode(node(list, listOf("", effect)))
	if err != nil {
		return err.Error() + "\n"
	}
	return text
}

// plain is an effect as JSON's types.
func plain(e Effect) any {
	content, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// shown returns what was done, with each part that is as wanted written as it is
// wanted, so that only real differences are left.
func (want Effect) shown(got Effect) Effect {
	got.Answer, got.Comment, got.Then = want.Answer, want.Comment, want.Then
	got.WorkNote, got.ClientNote = likeText(want.WorkNote, got.WorkNote), likeText(want.ClientNote, got.ClientNote)
	got.Ask, got.Stops, got.Fails = likeText(want.Ask, got.Ask), likeText(want.Stops, got.Stops), likeText(want.Fails, got.Fails)
	if want.Wait != "" && minutes(want.Wait) == minutes(got.Wait) {
		got.Wait = want.Wait
	}
	if spelling.Same(want.Starts, got.Starts) {
		got.Starts = want.Starts
	}
	got.Set = got.like(want.Set, got.Set)
	if want.Assign != nil {
		wanted := map[string]string{"assignment_group": want.Assign.Group, "assigned_to": want.Assign.Technician}
		fields := got.like(wanted, got.Set)
		got.Assign = &assignment{fields["assignment_group"], fields["assigned_to"]}
		delete(got.Set, "assignment_group")
		delete(got.Set, "assigned_to")
	}
	if w, g := want.Email, got.Email; w != nil && g != nil {
		got.Email = &email{optional(w.To, g.To, likeValue), optional(w.Subject, g.Subject, likeText), optional(w.Text, g.Text, likeText)}
	}
	if w, g := want.TimeEntry, got.TimeEntry; w != nil && g != nil {
		entry := timeEntry{g.Minutes, optional(w.Text, g.Text, likeText)}
		if w.Minutes == 0 {
			entry.Minutes = 0
		}
		got.TimeEntry = &entry
	}
	if w, g := want.Message, got.Message; w != nil && g != nil {
		got.Message = &message{likeValue(w.To, g.To), optional(w.Text, g.Text, likeText), optional(w.Body, g.Body, likeText)}
	}
	if w, g := want.Create, got.Create; w != nil && g != nil {
		got.Create = &created{g.Class, got.like(w.Fields, g.Fields), g.Linked}
	}
	return got
}

// like returns fields, each that is as wanted, stored or shown, as it is wanted.
func (e Effect) like(want, fields map[string]string) map[string]string {
	alike := map[string]string{}
	for k, shown := range fields {
		alike[k] = likeValue(want[k], shown)
		if stored := e.values[k].Value; likeValue(want[k], stored) == want[k] && want[k] != "" {
			alike[k] = want[k]
		}
	}
	return alike
}

// optional compares only what is wanted.
func optional(want, got string, like func(want, got string) string) string {
	if want == "" {
		return ""
	}
	return like(want, got)
}

// likeText: a text has to contain what is wanted; white space does not count.
func likeText(want, got string) string {
	if want != "" && strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")) {
		return want
	}
	return got
}

// likeValue: a value has to be what is wanted, or to begin with it where that ends
// with "…".
func likeValue(want, got string) string {
	begin, some := strings.CutSuffix(want, "…")
	if spelling.Same(want, got) || some && strings.HasPrefix(got, begin) {
		return want
	}
	return got
}
