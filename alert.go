package neo

import "time"

// AlertLevel says how urgent an alert is.
type AlertLevel string

const (
	// AlertWarning: something will stop working, or works only in part.
	AlertWarning AlertLevel = "warning"
	// AlertProblem: something does not work until somebody acts.
	AlertProblem AlertLevel = "problem"
)

// Alert tells people what is wrong and what to do. One condition has one open alert,
// however often it is seen; it is resolved when the condition has ended.
type Alert struct {
	ID            string
	TenantID      string
	IntegrationID string // "" when it is not about a connection
	// Key names the condition; with TenantID it identifies the open alert.
	Key         string
	Level       AlertLevel
	Title       string
	Message     string // what is wrong, and what to do
	Occurrences int64
	FirstAt     time.Time
	LastAt      time.Time
	ReadAt      time.Time // zero: nobody has marked it as read
	ResolvedAt  time.Time // zero: the condition still holds

	// WorkflowID is the workflow that it is about, RunID the last run that met the
	// condition; both may be "".
	WorkflowID string
	RunID      string
	// Group is the permission group that refused a run, "" when none did; Needs is the
	// level that it would have to have.
	Group PermissionGroup
	Needs PermissionLevel
}

// PausedAlert is the key of the alert that Neo has switched a workflow off.
func PausedAlert(workflowID string) string { return "workflow-paused/" + workflowID }

// MeaningAlert is the key of the alert that comparisons of a workflow do not say what
// they said when it was saved.
func MeaningAlert(workflowID string) string { return "workflow-meaning/" + workflowID }

// FailedAlert is the key of the alert that runs of a workflow fail.
func FailedAlert(workflowID string) string { return "workflow-failed/" + workflowID }

// RefusedAlert is the key of the alert that a permission group of a connection refuses
// what a workflow does.
func RefusedAlert(workflowID, integrationID string, group PermissionGroup) string {
	return "workflow-refused/" + workflowID + "/" + integrationID + "/" + string(group)
}
