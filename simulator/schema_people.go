package simulator

// Users, groups, roles, companies and configuration items.

var peopleTables = []tableDef{
	{
		name: "core_company", label: "Company", display: "name", access: everyoneReads,
		fields: []field{str("name", "Name", 80), str("city", "City", 50), str("country", "Country", 40),
			str("website", "Website", 1024), boolean("customer", "Customer", "false")},
	},
	{
		name: "sys_user", label: "User", display: "name", access: everyoneReads,
		fields: []field{
			str("user_name", "User ID", 40).keyed(),
			str("name", "Name", 151),
			str("first_name", "First name", 50),
			str("last_name", "Last name", 50),
			str("email", "Email", 100),
			str("title", "Title", 60),
			str("phone", "Business phone", 40),
			str("mobile_phone", "Mobile phone", 40),
			str("department", "Department", 60),
			str("location", "Location", 60),
			ref("company", "Company", "core_company"),
			ref("manager", "Manager", "sys_user"),
			boolean("active", "Active", "true"),
			boolean("locked_out", "Locked out", "false"),
			boolean("password_needs_reset", "Password needs reset", "false"),
			boolean("web_service_access_only", "Web service access only", "false"),
			boolean("vip", "VIP", "false"),
			str("preferred_language", "Language", 3),
			str("time_zone", "Time zone", 40),
			{name: "user_password", label: "Password", kind: kindPassword},
			when("last_login_time", "Last login time").ro(),
		},
	},
	{
		name: "sys_user_group", label: "Group", display: "name", access: everyoneReads,
		fields: []field{str("name", "Name", 80), str("description", "Description", 1000), str("email", "Group email", 100),
			ref("manager", "Manager", "sys_user"), ref("parent", "Parent", "sys_user_group"), str("type", "Type", 1024),
			boolean("active", "Active", "true")},
	},
	{
		name: "sys_user_grmember", label: "Group Member", access: everyoneReads,
		fields: []field{ref("user", "User", "sys_user").keyed(), ref("group", "Group", "sys_user_group").keyed()},
	},
	{
		name: "sys_user_role", label: "Role", display: "name", access: everyoneReads,
		fields: []field{str("name", "Name", 100), str("description", "Description", 1000)},
	},
	{
		// Whether a user without admin may read roles differs between instances; here everyone sees their own.
		name: "sys_user_has_role", label: "User Role", access: &access{read: []string{"admin"}, write: []string{"admin"},
			own: []string{"user"}},
		fields: []field{ref("user", "User", "sys_user").keyed(), ref("role", "Role", "sys_user_role"),
			str("state", "State", 40).with("active"), boolean("inherited", "Inherited", "false")},
	},
	{
		name: "cmdb_ci", label: "Configuration Item", display: "name", classed: true,
		access: &access{read: []string{"itil"}, write: []string{"itil"}},
		fields: []field{str("name", "Name", 255), str("asset_tag", "Asset tag", 40), str("serial_number", "Serial number", 255),
			str("ip_address", "IP Address", 255), str("category", "Category", 40), str("operational_status",
				"Operational status", 40).with("1").of("1", "Operational", "2", "Non-Operational", "3", "Repair in Progress"),
			ref("company", "Company", "core_company"), ref("assigned_to", "Assigned to", "sys_user"),
			ref("support_group", "Support group", "sys_user_group")},
	},
}
