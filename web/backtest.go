package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Backtest is a draft that is tried on recorded events.
type Backtest struct {
	ID        string              `json:"id"`
	State     neo.BacktestState   `json:"state" enum:"RUNNING,DONE,FAILED,CANCELLED"`
	Progress  int                 `json:"progress" doc:"Events looked at"`
	Total     int                 `json:"total" doc:"Events to look at; 0 until they are counted"`
	Days      int                 `json:"days"`
	Message   string              `json:"message" doc:"Why it has failed"`
	CreatedBy string              `json:"created_by"`
	CreatedAt time.Time           `json:"created_at"`
	Result    *neo.BacktestResult `json:"result,omitempty" doc:"Once it is DONE; with the newest 200 cases"`
}

func (s *Server) registerBacktests(api huma.API) {
	start := op("start-backtest", http.MethodPost, "/backtests", "Workflows", "Try a definition on the events of the last days; nothing is written")
	start.DefaultStatus = http.StatusCreated
	huma.Register(api, start, s.startBacktest)
	huma.Register(api, op("get-backtest", http.MethodGet, "/backtests/{id}", "Workflows", "How far a backtest is, and what came of it"), s.getBacktest)
	huma.Register(api, op("cancel-backtest", http.MethodPost, "/backtests/{id}/cancel", "Workflows", "End a backtest"), s.cancelBacktest)
	download := op("download-backtest", http.MethodGet, "/backtests/{id}/csv", "Workflows", "The cases of a backtest as CSV, one line for each field")
	download.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{csvType: {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	huma.Register(api, download, s.downloadBacktest)
}

type startBacktestInput struct {
	Body struct {
		Definition neo.Definition `json:"definition"`
		Days       int            `json:"days" minimum:"1" maximum:"365"`
	}
}

func (s *Server) startBacktest(ctx context.Context, in *startBacktestInput) (*out[Backtest], error) {
	if err := invalidWorkflow(s.options.Check(userOf(ctx).TenantID, in.Body.Definition)); err != nil {
		return nil, s.fail(ctx, err)
	}
	user := userOf(ctx)
	b, err := s.options.Trials.StartBacktest(ctx, user.TenantID, user.Name, in.Body.Definition, in.Body.Days)
	return s.shownBacktest(ctx, b, err)
}

func (s *Server) getBacktest(ctx context.Context, in *idInput) (*out[Backtest], error) {
	b, err := s.options.Trials.Backtest(ctx, userOf(ctx).TenantID, in.ID)
	return s.shownBacktest(ctx, b, err)
}

func (s *Server) cancelBacktest(ctx context.Context, in *idInput) (*out[Backtest], error) {
	b, err := s.options.Trials.CancelBacktest(ctx, userOf(ctx).TenantID, in.ID)
	return s.shownBacktest(ctx, b, err)
}

// casesShown is how many cases are part of an answer; the CSV has all that are kept.
const casesShown = 200

func (s *Server) shownBacktest(ctx context.Context, b neo.Backtest, err error) (*out[Backtest], error) {
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := Backtest{
		ID: b.ID, State: b.State, Progress: b.Progress, Total: b.Total, Days: b.Days, Message: b.Message,
		CreatedBy: b.CreatedBy, CreatedAt: b.CreatedAt.UTC(), Result: b.Result,
	}
	if b.Result != nil && len(b.Result.Cases) > casesShown {
		result := *b.Result
		result.Cases = result.Cases[:casesShown]
		shown.Result = &result
	}
	return answer(ctx, shown), nil
}

func (s *Server) downloadBacktest(ctx context.Context, in *idInput) (*csvOutput, error) {
	b, err := s.options.Trials.Backtest(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if b.Result == nil {
		return nil, s.fail(ctx, neo.Errorf(neo.CodeConflict, "This backtest has no result to download. Wait until it is done, or start it again."))
	}
	return &csvOutput{
		ContentType: csvType, Disposition: fmt.Sprintf(`attachment; filename="backtest-%s.csv"`, b.CreatedAt.UTC().Format("2006-01-02")),
		Body: casesCSV(b.Result.Cases),
	}, nil
}

// casesCSV writes one line for each field of each case, and one for a case without.
func casesCSV(cases []neo.Case) []byte {
	var f csvFile
	f.line("number", "at", "title", "field", "before", "would_become", "became", "agreed", "also")
	for _, c := range cases {
		at, also := c.At.UTC().Format("2006-01-02 15:04:05"), strings.Join(c.Also, "; ")
		if len(c.Changes) == 0 {
			f.line(c.Number, at, c.Title, "", "", "", "", "", also)
		}
		for _, change := range c.Changes {
			agreed := "no"
			if change.Agreed {
				agreed = "yes"
			}
			f.line(c.Number, at, c.Title, change.Field, change.Before.String(), change.Would.String(), change.Became.String(), agreed, also)
		}
	}
	return f.text.Bytes()
}
