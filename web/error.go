package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

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
	Details []string `json:"details,omitempty" doc:"What was wrong with which input"`
}

// Meta accompanies every answer.
type Meta struct {
	RequestID  string  `json:"request_id" doc:"Names this request in the server's log"`
	NextCursor *string `json:"next_cursor,omitempty" doc:"Give it as cursor to get the next page; absent on the last one"`
}

func (e *Error) Error() string  { return e.Fault.Message }
func (e *Error) GetStatus() int { return e.status }

// fail translates err for the caller and writes the cause to the log.
func (s *Server) fail(ctx context.Context, err error) error {
	code := neo.CodeOf(err)
	e := &Error{status: status[code], Fault: Fault{Code: code, Message: neo.MessageOf(err)}, Meta: meta(ctx)}
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
		if err != nil {
			e.Fault.Details = append(e.Fault.Details, detail(err))
		}
	}
	if message == "validation failed" {
		e.Fault.Message = "Some of the input is not as it has to be. The details say what and where; correct it and try again."
	}
	return e
}

// detail says what is wrong and where, without repeating the input.
func detail(err error) string {
	d, ok := errors.AsType[*huma.ErrorDetail](err)
	if !ok {
		return err.Error()
	}
	if where := strings.TrimPrefix(strings.TrimPrefix(d.Location, "body"), "."); where != "" {
		return where + ": " + d.Message
	}
	return d.Message
}

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
