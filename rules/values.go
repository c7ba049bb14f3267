package rules

import "github.com/neoagent/neo"

// Values returns the values with which a leaf compares its field for equality; none for
// operators that compare otherwise. A value of one class is "class:stored".
func Values(r *neo.Rule) []string {
	switch r.Operator {
	case neo.OpIn, neo.OpNotIn:
		return (&compiler{}).list(r, "value")
	case neo.OpEqual, neo.OpNotEqual, neo.OpChangedFrom, neo.OpChangedTo:
		return []string{r.Value}
	}
	return nil
}
