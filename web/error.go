package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/neoagent/neo"
)

// status is the one translation from codes to HTTP.
var status = map[neo.Code]int{
	neo.CodeInvalid:      http.StatusBadRequest,
	neo.CodeUnauthorized: http.StatusUnauthorized,
	neo.CodeForbidden:    http.StatusForbidden,
	neo.CodeNotFound:     http.StatusNotFound,
	neo.CodeConflict:     http.StatusConflict,
	neo.CodeMethod:       http.StatusMethodNotAllowed,
	neo.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	neo.CodeRateLimited:  http.StatusTooManyRequests,
	neo.CodeRefused:      http.StatusUnprocessableEntity,
	neo.CodeUnavailable:  http.StatusServiceUnavailable,
	neo.CodeInternal:     http.StatusInternalServerError,
}

// Error is the body of every answer that is not a success.
type Error struct {
	status int
	Fault  Fault `json:"error"`
	Meta   Meta  `json:"meta"`
}

// Fault says what went wrong, to machines by code and to people by message.
type Fault struct {
	Code    neo.Code `json:"code" doc:"Stable, for machines"`
	Message string   `json:"message" doc:"A sentence for people that says what to do next"`
	Details *Details `json:"details,omitempty" doc:"What was wrong with which input"`
}

// Details name every place of the input that is wrong.
type Details struct {
	Mistakes []neo.Mistake `json:"mistakes" nullable:"false"`
	// Obstacles are in Mistakes as well, for those who look only there.
	Obstacles []neo.Obstacle `json:"obstacles,omitempty" doc:"What keeps a workflow from working, where that is what was wrong"`
}

// Meta accompanies every answer.
type Meta struct {
	RequestID  string  `json:"request_id" doc:"Names this request in the server's log"`
	NextCursor *string `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent on the last one"`
	// Warnings say, for people, what the data lacks.
	Warnings []string `json:"warnings,omitempty" doc:"For people: what the data lacks, and why"`
}

func (e *Error) Error() string  { return e.Fault.Message }
func (e *Error) GetStatus() int { return e.status }

// fail translates err for the caller and writes the cause to the log.
func (s *Server) fail(ctx context.Context, err error) error {
	code := neo.CodeOf(err)
	if code == neo.CodeInternal && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		// The caller hung up, or something waited too long: no fault of Neo's.
		code = neo.CodeUnavailable
		err = &neo.Error{Code: code, Message: "Neo could not answer in time. Try again.", Cause: err}
	}
	e := &Error{status: status[code], Fault: Fault{Code: code, Message: neo.MessageOf(err)}, Meta: meta(ctx)}
	if m, ok := errors.AsType[mistaken](err); ok {
		e.Fault.Details = &Details{Mistakes: m}
	}
	if o, ok := errors.AsType[obstacles](err); ok {
		e.Fault.Details = &Details{Mistakes: []neo.Mistake{}, Obstacles: o.Obstacles}
		for _, obstacle := range o.Obstacles {
			e.Fault.Details.Mistakes = append(e.Fault.Details.Mistakes, neo.Mistake{Path: obstacle.Path, Message: obstacle.Message})
		}
	}
	level := slog.LevelDebug
	if e.status >= 500 && code != neo.CodeUnavailable {
		level = slog.LevelError
	}
	s.log.Log(ctx, level, "request failed", "request_id", e.Meta.RequestID, "code", code, "err", err)
	if n, ok := errors.AsType[*neo.Error](err); ok && n.RetryAfter > 0 {
		return huma.ErrorWithHeaders(e, http.Header{"Retry-After": {strconv.Itoa(int(n.RetryAfter.Seconds()) + 1)}})
	}
	return e
}

// humaError gives the errors that huma finds itself (bad JSON, a missing field)
// the same body as ours.
func humaError(ctx context.Context, httpStatus int, message string, errs ...error) huma.StatusError {
	e := &Error{status: httpStatus, Fault: Fault{Code: neo.CodeInvalid, Message: message}, Meta: meta(ctx)}
	switch {
	case httpStatus == http.StatusNotFound:
		e.Fault.Code = neo.CodeNotFound
	case httpStatus == http.StatusUnauthorized:
		e.Fault.Code = neo.CodeUnauthorized
	case httpStatus == http.StatusRequestEntityTooLarge:
		e.Fault.Code = neo.CodeTooLarge
	case httpStatus >= 500:
		e.Fault.Code = neo.CodeInternal
	}
	for _, err := range errs {
		if err != nil && (e.Fault.Details == nil || len(e.Fault.Details.Mistakes) < maxMistakes) {
			if e.Fault.Details == nil {
				e.Fault.Details = &Details{}
			}
			e.Fault.Details.Mistakes = append(e.Fault.Details.Mistakes, detail(err))
		}
	}
	if message == "request body is required" {
		e.Fault.Message = "The request has no body. Send what this call needs as JSON."
	}
	if message == "validation failed" {
		e.Fault.Message = "Some of the input is not as it has to be. The details say what and where; correct it and try again."
	}
	return e
}

// detail says what is wrong and where, without repeating the input.
func detail(err error) neo.Mistake {
	d, ok := errors.AsType[*huma.ErrorDetail](err)
	if !ok {
		return neo.Mistake{Message: err.Error()}
	}
	m := neo.Mistake{Path: inDefinition(strings.TrimPrefix(strings.TrimPrefix(d.Location, "body"), ".")), Message: d.Message}
	if key, missing := strings.CutSuffix(d.Message, isMissing); missing {
		m.Path, m.Message = inDefinition(strings.TrimPrefix(m.Path+"."+key, ".")), "This is missing."
	} else if strings.HasPrefix(d.Message, "required ") && strings.HasSuffix(d.Message, "parameter is missing") {
		m.Message = "This is missing."
	} else if found := wrongGoType.FindStringSubmatch(d.Message); found != nil {
		m.Path, m.Message = inDefinition(found[1]), "A whole number is needed here, written with digits alone."
	}
	return m
}

// inDefinition begins the path of a mistake in a draft inside of its definition, where
// all mistakes of workflows begin.
func inDefinition(path string) string { return strings.TrimPrefix(path, "definition.") }

// wrongGoType finds where a number cannot be read that passed for a whole one, such
// as 1e3.
var wrongGoType = regexp.MustCompile(`^json: cannot unmarshal number.* into Go struct field \w+\.(\S+) of type u?int`)

const isMissing = " is a key that is missing"

// maxMistakes of an input are reported; who corrects them sees the rest.
const maxMistakes = 50

// huma keeps its sentences in variables; they are set before anything runs.
func init() {
	validation.MsgUnexpectedProperty = "This is not known here. Correct the spelling, or leave it out."
	validation.MsgExpectedRequiredProperty = "%s" + isMissing
	validation.MsgExpectedBoolean = "True or false is needed here."
	validation.MsgExpectedNumber = "A number is needed here."
	validation.MsgExpectedInteger = "A whole number is needed here."
	validation.MsgExpectedString = "A text is needed here."
	validation.MsgExpectedArray = "A list is needed here."
	validation.MsgExpectedObject = "A JSON object is needed here."
	validation.MsgExpectedOneOf = "This is not known; use one of %s."
	validation.MsgExpectedMinimumNumber = "This must be at least %v."
	validation.MsgExpectedMaximumNumber = "This must be at most %v."
	validation.MsgExpectedMinLength = "This must have at least %d characters."
	validation.MsgExpectedMaxLength = "This may have at most %d characters."
	validation.MsgExpectedMinItems = "The list must have at least %d entries."
	validation.MsgExpectedMaxItems = "The list may have at most %d entries."
	validation.MsgExpectedRFC3339DateTime = "This is not a time with its zone, as in 2026-01-31T08:30:00Z."
	validation.MsgExpectedRFC4122UUID = "This is not one of Neo's ids (%v)."
	huma.ValidateStrictCasing = true
}

// invalid is the error for one mistake in what somebody typed.
func invalid(path, message string) error {
	told := message
	if path != "" {
		told = path + ": " + message
	}
	return &neo.Error{Code: neo.CodeInvalid, Message: told, Cause: mistaken{{Path: path, Message: message}}}
}

// invalidWorkflow is the error for a definition with mistakes; nil when there is none.
func invalidWorkflow(mistakes []neo.Mistake) error {
	if len(mistakes) == 0 {
		return nil
	}
	first := strings.TrimSpace(mistakes[0].Path + ": " + mistakes[0].Message)
	if mistakes[0].Path == "" {
		first = mistakes[0].Message
	}
	message := "The workflow has a mistake. " + first
	if len(mistakes) > 1 {
		message = fmt.Sprintf("The workflow has %d mistakes. The first: %s", len(mistakes), first)
	}
	return &neo.Error{Code: neo.CodeInvalid, Message: message, Cause: mistaken(mistakes)}
}

// mistaken carries the mistakes of a definition to the answer.
type mistaken []neo.Mistake

func (m mistaken) Error() string { return fmt.Sprintf("%d mistakes", len(m)) }

// refuse answers a call with err before it reaches its handler.
func (s *Server) refuse(c huma.Context, err error) {
	var e *Error
	failed := s.fail(c.Context(), err)
	if !errors.As(failed, &e) {
		e = &Error{status: 500, Fault: Fault{Code: neo.CodeInternal, Message: neo.MessageOf(err)}, Meta: meta(c.Context())}
	}
	c.SetHeader("Content-Type", "application/json")
	if n, ok := errors.AsType[*neo.Error](err); ok && n.RetryAfter > 0 {
		c.SetHeader("Retry-After", strconv.Itoa(int(n.RetryAfter.Seconds())+1))
	}
	c.SetStatus(e.status)
	_ = json.NewEncoder(c.BodyWriter()).Encode(e)
}

// writeError answers a plain handler with err in the API's error body.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	failed := s.fail(r.Context(), err)
	if !errors.As(failed, &e) {
		e = &Error{status: 500, Fault: Fault{Code: neo.CodeInternal, Message: neo.MessageOf(err)}, Meta: meta(r.Context())}
	}
	w.Header().Set("Content-Type", "application/json")
	if n, ok := errors.AsType[*neo.Error](err); ok && n.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(n.RetryAfter.Seconds())+1))
	}
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(e)
}
