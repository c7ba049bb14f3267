package flow

import (
	"encoding/json"

	"github.com/neoagent/neo"
)

// groupOf returns the settings of an assignment without what chooses a technician.
func groupOf(spec neo.ActionSpec) (json.RawMessage, bool) {
	var config map[string]json.RawMessage
	if spec.Type != neo.ActionAssign || json.Unmarshal(spec.Config, &config) != nil {
		return nil, false
	}
	group, ok := config["group"]
	if !ok || string(group) == `""` {
		return nil, false
	}
	alone, err := json.Marshal(map[string]json.RawMessage{"group": group})
	return alone, err == nil
}
