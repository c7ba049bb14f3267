package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Verdict says what one workflow did about an event, and why.
type Verdict struct {
	WorkflowID   string           `json:"workflow_id"`
	WorkflowName string           `json:"workflow_name"`
	Version      int64            `json:"version" doc:"The one that was asked: of the run, or the newest when the event came; 0 when there was none yet"`
	Verdict      string           `json:"verdict" enum:"RAN,NOT_TRIGGERED,CONDITIONS,NOT_ASKED,MATCHED,TOO_NEW"`
	Reason       string           `json:"reason" doc:"For people"`
	RunID        string           `json:"run_id,omitempty"`
	Explanation  *neo.Explanation `json:"explanation" doc:"Every comparison with what was found; null when there was none yet"`
}

func (s *Server) registerExplanations(api huma.API) {
	huma.Register(api, op("explain-event", http.MethodGet, "/events/{id}/explanation", "Event History", "Why each workflow did or did not run for this change"), s.explainEvent)
}

func (s *Server) explainEvent(ctx context.Context, in *idInput) (*out[[]Verdict], error) {
	e, runs, err := s.eventAndRuns(ctx, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	workflows, err := s.store.Workflows(ctx, e.TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	ran := map[string]neo.Run{}
	for _, r := range runs {
		ran[r.WorkflowID] = r
	}
	verdicts := make([]Verdict, 0, len(workflows))
	for _, w := range workflows {
		v, err := s.verdict(ctx, w, e, ran[w.ID])
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		verdicts = append(verdicts, v)
	}
	return answer(ctx, verdicts), nil
}

// verdict computes again what a workflow had to say to an event, with the version
// that was asked then.
func (s *Server) verdict(ctx context.Context, w neo.Workflow, e neo.Event, run neo.Run) (Verdict, error) {
	v := Verdict{WorkflowID: w.ID, WorkflowName: w.Name, RunID: run.ID}
	at, err := s.store.WorkflowAt(ctx, w.TenantID, w.ID, e.ReceivedAt)
	if neo.CodeOf(err) == neo.CodeNotFound {
		v.Verdict, v.Reason = "TOO_NEW", "There was no such workflow yet when this change came."
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if run.ID != "" && run.WorkflowVersion != at.Version {
		if at.Definition, err = s.store.WorkflowVersion(ctx, w.ID, run.WorkflowVersion); err != nil {
			return v, err
		}
		at.Version = run.WorkflowVersion
	}
	x, err := s.options.Explain(ctx, at, e)
	if err != nil {
		return v, err
	}
	v.Version, v.Explanation = at.Version, &x
	switch missing := x.Conditions.Missing(); {
	case run.ID != "":
		v.Verdict, v.Reason = "RAN", "It was carried out."
	case x.OwnChange:
		v.Verdict, v.Reason = "NOT_ASKED", "Neo made this change itself, and does not answer itself."
	case e.Disposition == neo.DispositionRecorded:
		v.Verdict, v.Reason = "NOT_ASKED", "The ticket was read so that Neo knows it; no workflow was asked."
	case e.Disposition == neo.DispositionHeld:
		v.Verdict, v.Reason = "NOT_ASKED", "Neo is writing to this ticket; whether this change is its own is decided when the answer arrives."
	case at.TriggerType == neo.Scheduled:
		v.Verdict, v.Reason = "NOT_TRIGGERED", "No change starts it: it has a schedule."
	case at.TriggerType == neo.OnRequest:
		v.Verdict, v.Reason = "NOT_TRIGGERED", "No change starts it: it runs when a person or another workflow asks for it."
	case !x.Triggered:
		v.Verdict, v.Reason = "NOT_TRIGGERED", "None of the changes that start it happened."
	case x.BusinessHours != nil && !x.BusinessHours.Holds:
		v.Verdict = "CONDITIONS"
		v.Reason = fmt.Sprintf("It runs only %s business hours; the change came %s.", strings.ToLower(string(x.BusinessHours.Wanted)), x.BusinessHours.Found)
	case !x.Matches && missing != nil:
		v.Verdict = "CONDITIONS"
		v.Reason = fmt.Sprintf("Its conditions do not hold: %s is %s.", missing.Field, shownValue(missing.Found))
	case !x.Matches:
		v.Verdict, v.Reason = "CONDITIONS", "Its conditions do not hold."
	default:
		v.Verdict, v.Reason = "MATCHED", "It would have run, but was switched off then, or may run only once for each ticket and had."
	}
	return v, nil
}

func shownValue(v neo.Value) string {
	if v == (neo.Value{}) {
		return "empty"
	}
	return "“" + v.String() + "”"
}
