package simulator

import (
	"errors"
	"fmt"
	"strings"
)

// apiError is one entry of the platform's error catalogue: an HTTP status and the two texts of its envelope.
type apiError struct {
	status  int
	message string
	detail  string // empty is sent as null
}

func (e *apiError) Error() string { return strings.TrimSpace(e.message + ": " + e.detail) }

// asAPIError gives the catalogue entry behind err; anything else is the platform's generic 500.
func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return &apiError{500, "Internal server error", err.Error()}
}

var (
	errNotFound    = &apiError{404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval"}
	errNoSuchURI   = &apiError{400, "Requested URI does not represent any resource", ""}
	errMethod      = &apiError{405, "Method not Supported", ""}
	errQueryRights = &apiError{403, "Insufficient rights to query records",
		"Field(s) present in the query do not have permission to be read"}
	errUniqueKey = &apiError{403, "Operation Failed", "Unique Key violation detected by database"}
)

func errInvalidTable(name string) *apiError { return &apiError{400, "Invalid table " + name, ""} }

func errUnreadableBody(reason string) *apiError {
	return &apiError{400, "Exception while reading request", reason}
}

func errBodyTooLarge(n int64) *apiError {
	return errUnreadableBody(fmt.Sprintf("Rejected large REST payload with content-length = %d bytes. Max allowed: %d bytes.",
		n, maxBody))
}

// errACL names the refused operation: Insert, Update or Delete.
func errACL(operation string) *apiError {
	return &apiError{403, "Operation Failed", "ACL Exception " + operation + " Failed due to security constraints"}
}

func errAborted(table, rule, ruleID string) *apiError {
	return &apiError{403, "Operation Failed", fmt.Sprintf(
		"Operation against file '%s' was aborted by Business Rule '%s^%s'. Business Rule Stack:%s", table, rule, ruleID, rule)}
}

func errDataPolicy(labels []string) *apiError {
	return &apiError{403, "Operation Failed",
		"Data Policy Exception: The following fields are mandatory: " + strings.Join(labels, ", ")}
}
