package simulator

// What people do about a task beside changing it: time worked on it, and approvals of it.

var workTables = []tableDef{
	{
		// Which columns beside task and time_worked an instance has is not documented; Quirks can take comments away.
		name: "task_time_worked", label: "Time Worked", access: &access{read: []string{"itil"}, write: []string{"itil"}},
		fields: []field{ref("task", "Task", "task").keyed(), ref("user", "User", "sys_user").with(defMe),
			{name: "time_worked", label: "Time worked", kind: kindDuration}, str("comments", "Comments", 4000)},
	},
	{
		name: "sysapproval_approver", label: "Approval", access: &access{read: []string{"itil", "approver_user"},
			write: []string{"itil", "approver_user"}, own: []string{"approver"}, ownWrite: true},
		fields: []field{ref("sysapproval", "Approval for", "task").keyed(), ref("approver", "Approver", "sys_user").keyed(),
			str("state", "State", 40).with("requested").of("not requested", "Not Yet Requested", "requested", "Requested",
				"approved", "Approved", "rejected", "Rejected", "cancelled", "No Longer Required", "not_required", "Not Required"),
			str("source_table", "Source table", 80), str("comments", "Comments", 4000), when("due_date", "Due date")},
	},
}
