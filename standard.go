package neo

// StandardType returns the type of a field that tickets have out of the box, by
// ServiceNow's names, which all connectors use; "" when the field is not one of them,
// or its type says nothing about how its values compare. It counts where no Dictionary
// knows the field.
func StandardType(field string) FieldType { return standardTypes[field] }

var standardTypes = func() map[string]FieldType {
	types := map[string]FieldType{}
	for t, fields := range map[FieldType][]string{
		TextField: {"number", "short_description", "description", "close_notes", "reason", "justification", "implementation_plan", "backout_plan",
			"test_plan", "risk_impact_analysis", "cause_notes", "fix_notes", "workaround", "sys_created_by", "sys_updated_by", "correlation_id"},
		JournalField:  {"comments", "work_notes", "comments_and_work_notes", "approval_history"},
		ListField:     {"watch_list", "work_notes_list", "additional_assignee_list", "group_list"},
		DurationField: {"time_worked", "calendar_duration", "business_duration"},
	} {
		for _, f := range fields {
			types[f] = t
		}
	}
	return types
}()
