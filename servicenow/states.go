package servicenow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// What the states of tickets mean in one instance. There is one table, statesOf, and
// everything goes by it: which change was a RESOLVED or a REOPENED, and which state
// RESOLVE_TICKET writes. Numbers say little: administrators renumber states, rename
// them and add their own.

// States returns the states that a class has in an instance as ServiceNow delivers it.
func States(class neo.TicketClass) []neo.Choice { return states[class] }

// states are the states that a current instance ships with, by class: what Neo goes by
// where it may not read the instance's own.
var states = map[neo.TicketClass][]neo.Choice{
	neo.Incident: {{Value: "1", Label: "New"}, {Value: "2", Label: "In Progress"}, {Value: "3", Label: "On Hold"}, {Value: "6", Label: "Resolved"},
		{Value: "7", Label: "Closed"}, {Value: "8", Label: "Canceled"}},
	neo.Problem: {{Value: "101", Label: "New"}, {Value: "102", Label: "Assess"}, {Value: "103", Label: "Root Cause Analysis"},
		{Value: "104", Label: "Fix in Progress"}, {Value: "106", Label: "Resolved"}, {Value: "107", Label: "Closed"}},
	neo.ChangeRequest: {{Value: "-5", Label: "New"}, {Value: "-4", Label: "Assess"}, {Value: "-3", Label: "Authorize"}, {Value: "-2", Label: "Scheduled"},
		{Value: "-1", Label: "Implement"}, {Value: "0", Label: "Review"}, {Value: "3", Label: "Closed"}, {Value: "4", Label: "Canceled"}},
	neo.Request:     taskStates,
	neo.RequestItem: taskStates,
	neo.CatalogTask: taskStates,
}

var taskStates = []neo.Choice{{Value: "-5", Label: "Pending"}, {Value: "1", Label: "Open"}, {Value: "2", Label: "Work in Progress"},
	{Value: "3", Label: "Closed Complete"}, {Value: "4", Label: "Closed Incomplete"}, {Value: "7", Label: "Closed Skipped"}}

// meaning is what a state says about a ticket. The order is that of its life.
type meaning int

const (
	notKnown   meaning = iota
	unfinished         // new, on hold, …
	worked             // in progress: where a ticket comes back to
	resolved
	closed // as is usual: where a ticket is brought to
	ended  // closed otherwise: cancelled, skipped, incomplete
)

func (m meaning) phase() neo.Phase {
	switch m {
	case resolved:
		return neo.PhaseResolved
	case closed, ended:
		return neo.PhaseClosed
	}
	return neo.PhaseOpen
}

// meanings are what labels say, in lower case: those that instances ship with, in
// English and in the languages of ServiceNow's language packs.
var meanings = map[meaning][]string{
	unfinished: {"new", "open", "on hold", "pending", "assess", "fix in progress", "authorize", "scheduled", "implement", "review", "draft",
		"awaiting problem", "awaiting user info", "awaiting evidence", "awaiting vendor", "awaiting caller", "awaiting change", "pending vendor",
		"neu", "offen", "angehalten", "ausstehend", "in der warteschleife", "nouveau", "ouvert", "en attente", "en pause", "nuevo", "abierto", "en espera", "pendiente",
		"nuovo", "aperto", "in attesa", "sospeso", "nieuw", "openstaand", "in de wacht", "novo", "aberto", "em espera", "pendente"},
	worked: {"in progress", "work in progress", "root cause analysis", "active",
		"in bearbeitung", "in arbeit", "ursachenanalyse", "en cours", "travail en cours", "travaux en cours", "analyse de la cause première", "en curso", "en progreso",
		"trabajo en curso", "in corso", "lavori in corso", "in behandeling", "in uitvoering", "em andamento", "trabalho em andamento", "w toku", "pågår", "i gang"},
	resolved: {"resolved", "solved", "gelöst", "behoben", "résolu", "résolue", "resuelto", "resuelta", "risolto", "risolta", "opgelost", "resolvido", "resolvida",
		"rozwiązany", "rozwiązane", "vyřešeno", "megoldott", "löst", "løst", "ratkaistu", "çözüldü", "решено", "解決済み", "已解决", "已解決", "해결됨"},
	closed: {"closed", "closed complete", "geschlossen", "abgeschlossen", "vollständig geschlossen", "geschlossen - abgeschlossen", "fermé", "fermée", "clos", "clôturé", "clôturée",
		"fermé terminé", "cerrado", "cerrada", "cerrado completo", "chiuso", "chiusa", "chiuso completato", "gesloten", "afgesloten", "fechado", "fechada", "encerrado",
		"zamknięty", "zamknięte", "uzavřeno", "lezárt", "stängd", "lukket", "suljettu", "kapalı", "kapatıldı", "закрыто", "クローズ", "クローズ済み", "已关闭", "已關閉", "종결됨", "종료됨"},
	ended: {"canceled", "cancelled", "closed incomplete", "closed skipped", "closed cancelled", "closed canceled", "closed rejected",
		"abgebrochen", "storniert", "unvollständig geschlossen", "übersprungen geschlossen", "annulé", "annulée", "fermé incomplet", "cancelado", "cancelada",
		"cerrado incompleto", "annullato", "annullata", "geannuleerd", "anulowany", "zrušeno", "avbruten", "annulleret", "キャンセル", "已取消", "취소됨"},
}

var meaningOf = func() map[string]meaning {
	all := map[string]meaning{}
	for m, labels := range meanings {
		for _, l := range labels {
			all[l] = m
		}
	}
	return all
}()

// english are the labels that an instance ships with.
var english = func() map[string]bool {
	all := map[string]bool{}
	for _, list := range states {
		for _, c := range list {
			all[strings.ToLower(c.Label)] = true
		}
	}
	return all
}()

// meant returns what a label says, and whether it says just that: a state that a team
// added may say more, as in "Resolved - waiting for confirmation", "Closed (duplicate)".
func meant(label string) (m meaning, exact bool) {
	label = strings.ToLower(strings.Join(strings.Fields(label), " "))
	if m, ok := meaningOf[label]; ok {
		return m, true
	}
	for word, m := range map[string]meaning{"resolved": resolved, "closed": ended} {
		if rest, ok := strings.CutPrefix(label, word); ok && rest != "" && !isLetter(rest[0]) {
			return m, false
		}
	}
	return notKnown, false
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || b >= 0x80 }

// stateAttributes are what an instance's dictionary says about the states of a class:
// its attributes close_states, default_close_state and default_work_state, which
// ServiceNow's own scripts go by.
type stateAttributes struct {
	close                    []string
	defaultClose, defaultRun string
}

// attributesOf reads the attributes of a dictionary entry: "close_states=3;4;7,default_close_state=3".
func attributesOf(text string) (a stateAttributes) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch value = strings.TrimSpace(value); strings.TrimSpace(name) {
		case "close_states":
			a.close = strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ' ' })
		case "default_close_state":
			a.defaultClose = value
		case "default_work_state":
			a.defaultRun = value
		}
	}
	return a
}

// statesOf is the table of the states of a class: what each means, and by which the
// ticket is resolved, closed and reopened. A label decides, in whatever language it is
// known; then what the instance says of its own close states; and the number only where
// labels tell nothing, since they are in a language that Neo does not know.
// Tickets still have states that are switched off, and are not given them any more.
func statesOf(class neo.TicketClass, state neo.FieldEntry, attributes stateAttributes) neo.States {
	all := map[string]meaning{}   // by stored value
	first := map[meaning]string{} // the first state that a ticket can be given and that says just that
	inEnglish, has := 0, map[meaning]bool{}
	say := func(value string, m meaning, exact bool) {
		all[value], has[m] = m, true
		if _, found := first[m]; exact && !found && !slices.Contains(state.Off, value) {
			first[m] = value
		}
	}
	for _, c := range state.Choices {
		m, exact, inOwn := notKnown, false, false
		for _, label := range labelsOf(state, c) {
			if m == notKnown {
				m, exact = meant(label)
			}
			inOwn = inOwn || english[strings.ToLower(strings.TrimSpace(label))]
		}
		if inOwn {
			inEnglish++
		}
		if m == notKnown && slices.Contains(attributes.close, c.Value) {
			m, exact = ended, false
		}
		say(c.Value, m, exact)
	}
	if inEnglish*2 < len(state.Choices) { // in a language of its own: numbers are what is left
		for _, c := range states[class] {
			m, _ := meant(c.Label)
			if was, there := all[c.Value]; there && was == notKnown && (!has[m] || m == unfinished || m == ended) {
				say(c.Value, m, true)
			}
		}
	}
	s := neo.States{Phases: map[string]neo.Phase{}}
	for value, m := range all {
		s.Phases[value] = m.phase()
	}
	usable := func(value string) string {
		if _, known := all[value]; !known || slices.Contains(state.Off, value) {
			return ""
		}
		return value
	}
	// target is the state that is called as instances ship it, or else one that means it.
	target := func(shipped neo.Choice, m meaning) string {
		for _, value := range state.Stored(shipped.Label) {
			if usable(value) != "" && all[value].phase() == m.phase() {
				return value
			}
		}
		return first[m]
	}
	shipped := lifecycles[class]
	s.Code = cmp.Or(shipped.code, neo.FieldState)
	s.Close = cmp.Or(target(shipped.closed, closed), usable(attributes.defaultClose))
	if shipped.resolved != shipped.closed {
		s.Resolve = target(shipped.resolved, resolved)
	} else {
		s.Resolve = cmp.Or(first[resolved], s.Close)
	}
	if shipped.working.Label != "" {
		s.Reopen = cmp.Or(target(shipped.working, worked), usable(attributes.defaultRun))
	}
	return s
}

// labelsOf returns the labels of a choice, that of the instance's own language first.
func labelsOf(e neo.FieldEntry, c neo.Choice) []string {
	list := []string{c.Label}
	for label, value := range e.Labels {
		if value == c.Value {
			list = append(list, label)
		}
	}
	slices.Sort(list[1:])
	return list
}

// shippedStates are the tables of an instance as ServiceNow delivers it.
var shippedStates = func() map[neo.TicketClass]neo.States {
	all := map[neo.TicketClass]neo.States{}
	for class, list := range states {
		all[class] = statesOf(class, neo.FieldEntry{Choices: list}, stateAttributes{})
	}
	return all
}()

// withShipped adds the states that instances ship with to those that some tickets show,
// for what they do not show: neither a value nor a label that is in use already.
func withShipped(class neo.TicketClass, seen []neo.Choice) []neo.Choice {
	all := slices.Clone(seen)
	for _, c := range states[class] {
		m, _ := meant(c.Label)
		taken := slices.ContainsFunc(seen, func(s neo.Choice) bool {
			is, exact := meant(s.Label)
			return s.Value == c.Value || exact && is == m && (m == resolved || m == closed)
		})
		if !taken {
			all = append(all, c)
		}
	}
	return all
}

// phaseOf returns where a state puts a ticket, by the instance's dictionary; for a state
// that it does not say, by the label that came with it; and without a dictionary by the
// number. active is the ticket's, "" where it is not known: a state that a team added
// may close a ticket without saying so.
func phaseOf(d *neo.Dictionary, class neo.TicketClass, state neo.Value, active string) neo.Phase {
	known, learnt := d.StatesOf(class)
	phase, ok := known.Phases[state.Value]
	if !ok {
		if m, _ := meant(state.String()); m != notKnown {
			phase, ok = m.phase(), true
		} else if !learnt {
			phase = shippedStates[class].Phases[state.Value]
		}
	}
	switch {
	case active == "false":
		return neo.PhaseClosed
	case phase == "":
		return neo.PhaseOpen
	}
	return phase
}

// Closed reports whether a ticket of the class is closed in that state.
func Closed(d *neo.Dictionary, class neo.TicketClass, state neo.Value) bool {
	return phaseOf(d, class, state, "") == neo.PhaseClosed
}
