package neo

import (
	"errors"
	"fmt"
	"time"
)

// Code says for machines what kind of thing went wrong. It is part of the API.
type Code string

// The codes. The HTTP status of each is chosen in one place, web/error.go.
const (
	CodeInvalid      Code = "invalid"      // the input is wrong; the same input will fail again
	CodeUnauthorized Code = "unauthorized" // nobody is signed in, or the secret is wrong
	CodeForbidden    Code = "forbidden"    // signed in, but not allowed to
	CodeNotFound     Code = "not_found"    // no such thing for this tenant
	CodeConflict     Code = "conflict"     // the thing has changed or exists already
	CodeMethod       Code = "method_not_allowed"
	CodeTooLarge     Code = "too_large"    // more bytes than this boundary takes
	CodeUnavailable  Code = "unavailable"  // the other side is not answering as it should; try again
	CodeRateLimited  Code = "rate_limited" // the other side, or Neo, asks to slow down
	CodeRefused      Code = "refused"      // the other side understood and said no; trying again alone will not help
	CodeInternal     Code = "internal"     // a fault of Neo itself
)

// Error is the one error type that people and machines see: a code, a sentence
// that says what to do next, and a cause for the log alone.
type Error struct {
	Code    Code
	Message string // shown to people; never holds a secret
	// RetryAfter is how long the other side asked to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Away says that nothing was tried, since the other side as a whole is known not to
	// answer. A run waits for it and is rung when it is back; that uses up no attempt.
	Away  bool
	Cause error // for the log; may be nil
}

// Errorf returns an Error of that code with a formatted message. A %w operand
// becomes the cause as well.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

func (e *Error) Error() string {
	if e.Cause != nil && e.Cause.Error() != "" && !errors.Is(e.Cause, e) {
		return string(e.Code) + ": " + e.Message + " (" + e.Cause.Error() + ")"
	}
	return string(e.Code) + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first Error in err's chain, CodeInternal when
// there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// MessageOf returns the sentence that a person may see for err. An error that is
// not an Error says only that something went wrong: its text is for the log.
func MessageOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Something went wrong inside Neo. The server log has the details."
}

// Retryable reports whether trying the same thing again later can help, and how
// long the other side asked to wait (0: it did not say). Errors of unknown kind
// are retryable: the loop that retries is bounded.
func Retryable(err error) (wait time.Duration, ok bool) {
	e, isNeo := errors.AsType[*Error](err)
	if !isNeo {
		return 0, err != nil
	}
	switch e.Code {
	case CodeUnavailable, CodeRateLimited, CodeInternal:
		return e.RetryAfter, true
	}
	return 0, false
}

// Away reports whether nothing was tried because the other side as a whole is known
// not to answer.
func Away(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Away
}
