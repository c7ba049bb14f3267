package neo

// Obstacle is something outside of a definition that keeps the workflow from working as
// it is written: a name that nobody and nothing has, a permission that is not given.
type Obstacle struct {
	Path    string `json:"path" doc:"Where in the definition, as in actions[1].config.group"`
	Message string `json:"message" doc:"For people: what is missing, and what to do"`
	// Nearest is the name that is most like the one that does not exist; "" when none is.
	Nearest string `json:"nearest,omitempty" doc:"The existing name that is most like it"`
	// IntegrationID and Group lead to the switch that would have to be set to Needs.
	IntegrationID string          `json:"integration_id,omitempty" doc:"The connection whose permission is missing"`
	Group         PermissionGroup `json:"permission_group,omitempty"`
	Needs         PermissionLevel `json:"permission_level,omitempty" doc:"What the group would have to be set to"`
}

// Readiness is what is known about whether a workflow can work.
type Readiness struct {
	Obstacles []Obstacle `json:"obstacles" nullable:"false"`
	// Unchecked say what could not be looked at, and why. What is neither here nor an
	// obstacle is well.
	Unchecked []string `json:"unchecked" nullable:"false" doc:"For people: what could not be checked, and why"`
}
