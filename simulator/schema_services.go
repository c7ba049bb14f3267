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
	{
		// The Attachment API judges by the record a file hangs on; the Table API by these roles.
		name: "sys_attachment", label: "Attachment", display: "file_name",
		access: &access{read: []string{"itil"}, write: []string{"admin"}},
		fields: []field{
			str("table_name", "Table name", 80).ro(),
			str("table_sys_id", "Table sys ID", 32).keyed().ro(),
			str("file_name", "File name", 100),
			str("content_type", "Content type", 255),
			integer("size_bytes", "Size bytes", "").ro(),
			integer("size_compressed", "Size compressed", "").ro(),
			boolean("compressed", "Compressed", "true").ro(),
			str("hash", "Hash", 255).ro(),
			str("state", "State", 40).with("available").ro(),
		},
	},
	{
		// One row per file, where the platform cuts a file into many.
		name: "sys_attachment_doc", label: "Attachment Document", access: adminOnly,
		fields: []field{ref("sys_attachment", "Attachment", "sys_attachment").keyed(), integer("position", "Position", "0"),
			str("data", "Data", 0)},
	},
	{
		name: "sys_import_set", label: "Import Set", display: "number", prefix: "ISET", seed: 10000, access: adminOnly,
		fields: []field{str("number", "Number", 40), str("table_name", "Table", 80), str("state", "State", 40)},
	},
	{
		name: "sys_remote_update_set", label: "Retrieved Update Set", display: "name", access: adminOnly,
		fields: []field{str("name", "Name", 80), str("description", "Description", 4000), str("application_name", "Application", 100),
			str("state", "State", 40).of("loaded", "Loaded", "previewed", "Previewed", "committed", "Committed"),
			str("remote_sys_id", "Remote sys ID", 32), when("commit_date", "Commit date")},
	},
	{
		name: "sys_update_xml", label: "Customer Update", display: "name", access: adminOnly,
		fields: []field{str("name", "Name", 250), str("action", "Action", 40), str("type", "Type", 255), str("target_name", "Target name", 255),
			str("payload", "Payload", 0), ref("remote_update_set", "Remote update set", "sys_remote_update_set").keyed()},
	},
}
