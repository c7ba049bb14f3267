package simulator

// Tables behind the Email, Attachment and Import Set APIs and behind update sets.

var serviceTables = []tableDef{
	{
		name: "sys_email", label: "Email", display: "subject", access: adminOnly,
		fields: []field{
			str("type", "Type", 40).with("send-ready").of("send-ready", "send-ready", "sent", "sent", "send-failed",
				"send-failed", "send-ignored", "send-ignored", "received", "received", "received-ignored", "received-ignored"),
			str("state", "State", 40).with("ready").of("ready", "Ready", "processed", "Processed", "error", "Error",
				"ignored", "Ignored"),
			str("subject", "Subject", 998),
			str("recipients", "Recipients", 0),
			str("copied", "Copied", 0),
			str("blind_copied", "Blind copied", 0),
			str("body", "Body", 0),
			str("body_text", "Body text", 0),
			str("importance", "Importance", 40),
			str("headers", "Headers", 0),
			str("error_string", "Error string", 4000),
			str("target_table", "Target table", 80),
			str("instance", "Target", 32),
		},
	},
}
