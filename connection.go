package neo

import (
	"fmt"
	"slices"
	"time"
)

// ConnectionState is how a connection does, in one word. It is computed in one place
// (Health.Status); whatever shows or tells how a connection does uses that.
type ConnectionState string

// The states of a connection.
const (
	// ConnectionConnecting: consent was given; Neo is checking it.
	ConnectionConnecting ConnectionState = "CONNECTING"
	// ConnectionWorking: the instance answers, changes arrive, nothing needs anybody.
	ConnectionWorking ConnectionState = "WORKING"
	// ConnectionDegraded: it works, but not all of it, or later than it should.
	ConnectionDegraded ConnectionState = "DEGRADED"
	// ConnectionNotAnswering: the instance does not answer; what is to be done there waits.
	ConnectionNotAnswering ConnectionState = "NOT_ANSWERING"
	// ConnectionActionNeeded: somebody must do something in Neo or in the instance.
	ConnectionActionNeeded ConnectionState = "ACTION_NEEDED"
	// ConnectionDisconnected: somebody disconnected it.
	ConnectionDisconnected ConnectionState = "DISCONNECTED"
)

// ConnectionStatus is how a connection does, for people.
type ConnectionStatus struct {
	State   ConnectionState
	Message string    // what is wrong and what to do; "" when it is working
	Since   time.Time // since when it has been so; zero: that is not known
	Waiting int64     // runs that wait until the instance answers
	// ReadFrom is the time from which Neo reads changes when the instance answers again;
	// zero: none was read yet.
	ReadFrom time.Time
}

// overdue is how late an inspection may be before its findings say nothing about now.
const overdue = 5 * time.Minute

// Status says how the connection in does at a time, by what is known of it.
func (h Health) Status(in Integration, now time.Time) ConnectionStatus {
	s := ConnectionStatus{State: ConnectionActionNeeded, Message: in.Message, Since: in.UpdatedAt, Waiting: h.Waiting}
	watch := h.Watch
	if in.State.Watched() {
		s.ReadFrom = watch.Sweep.Watermark
	}
	switch in.State {
	case StateConnecting:
		s.State = ConnectionConnecting
		return s
	case StateDisconnected:
		s.State = ConnectionDisconnected
		return s
	case StateReady, StateSetup:
	default: // FAILED, RECONNECT_REQUIRED, and any that is not known here
		return s
	}
	silent := in.SilentSince
	if silent.IsZero() && watch.Answering.Silent() {
		silent = watch.Answering.Since
	}
	if !silent.IsZero() {
		s.State, s.Since, s.Message = ConnectionNotAnswering, silent, NotAnsweringMessage(silent, s.ReadFrom, s.Waiting)
		return s
	}
	if in.State == StateSetup {
		return s
	}
	s.State, s.Message, s.Since = ConnectionWorking, "", watch.Answering.At
	if failed := h.first("failed"); failed != nil {
		s.State, s.Since = ConnectionDegraded, time.Time{}
		if slices.Contains(needAction, failed.Name) {
			s.State = ConnectionActionNeeded
		}
		s.Message = failed.Label + ": " + failed.Detail
	} else if due := watch.Inspection.DueAt; !due.IsZero() && now.Sub(due) > overdue {
		s.State, s.Since = ConnectionDegraded, due
		s.Message = "Neo has not checked this instance as often as it should, so how it does is not known. If this lasts, see Neo's log."
	} else if warning := h.first("warning", harmless...); warning != nil {
		s.State, s.Since, s.Message = ConnectionDegraded, time.Time{}, warning.Label+": "+warning.Detail
	}
	return s
}

// needAction are the checks that nobody but a person can put right.
var needAction = []string{"consent", "tickets", "deliveries", "callback_property", "business_rule"}

// harmless are the checks whose warnings a team may want: some classes of tickets and
// not others, a rule of before that does nothing twice.
var harmless = []string{"tickets", "legacy_rule"}

// first returns the first check in that state, but for those named.
func (h Health) first(state string, but ...string) *Check {
	i := slices.IndexFunc(h.Checks, func(c Check) bool { return c.State == state && !slices.Contains(but, c.Name) })
	if i < 0 {
		return nil
	}
	return &h.Checks[i]
}

// NotAnsweringMessage says what it means that an instance does not answer.
func NotAnsweringMessage(since, readFrom time.Time, waiting int64) string {
	text := "It has not answered since " + Moment(since) + "."
	switch {
	case waiting == 1:
		text += " One workflow run waits and goes on when it answers."
	case waiting > 1:
		text += fmt.Sprintf(" %d workflow runs wait and go on when it answers.", waiting)
	}
	text += " Nothing is lost"
	if !readFrom.IsZero() {
		text += ": Neo then reads every change again from " + Moment(readFrom)
	}
	return text + ". Open the instance in a browser: if it is hibernating, sign in to wake it; otherwise check that it accepts calls from Neo's address."
}

// Moment is a time as alerts and messages tell it.
func Moment(t time.Time) string { return t.UTC().Format("2 January 15:04 UTC") }
