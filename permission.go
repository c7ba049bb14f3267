package neo

// PermissionGroup is a part of a ticket system that Neo's access is set for.
type PermissionGroup string

// The groups.
const (
	GroupTickets     PermissionGroup = "TICKETS"
	GroupWorkNotes   PermissionGroup = "WORK_NOTES"
	GroupClientNotes PermissionGroup = "CLIENT_NOTES"
	GroupTimeEntries PermissionGroup = "TIME_ENTRIES"
	GroupEmail       PermissionGroup = "EMAIL"
	GroupPeople      PermissionGroup = "USERS_AND_GROUPS"
	GroupCompanies   PermissionGroup = "COMPANIES"
	GroupCIs         PermissionGroup = "CONFIGURATION_ITEMS"
	GroupKnowledge   PermissionGroup = "KNOWLEDGE_BASE"
	GroupAttachments PermissionGroup = "ATTACHMENTS"
	GroupSLAs        PermissionGroup = "SLAS"
)

// PermissionGroups lists the groups, with the names that people see, in the order in
// which they see them.
var PermissionGroups = []struct {
	Group PermissionGroup
	Label string
}{
	{GroupTickets, "Tickets"},
	{GroupWorkNotes, "Work Notes"},
	{GroupClientNotes, "Client-Facing Notes"},
	{GroupTimeEntries, "Time Entries"},
	{GroupEmail, "Email"},
	{GroupPeople, "Users and Groups"},
	{GroupCompanies, "Companies"},
	{GroupCIs, "Configuration Items"},
	{GroupKnowledge, "Knowledge Base"},
	{GroupAttachments, "Attachments"},
	{GroupSLAs, "SLAs"},
}

// Label returns the name that people see.
func (g PermissionGroup) Label() string {
	for _, known := range PermissionGroups {
		if known.Group == g {
			return known.Label
		}
	}
	return string(g)
}

// PermissionLevel is what Neo may do in a group.
type PermissionLevel string

// The levels, each holding the one before it.
const (
	Disabled  PermissionLevel = "DISABLED"
	ReadOnly  PermissionLevel = "READ_ONLY"
	ReadWrite PermissionLevel = "READ_WRITE"
)

// Allows reports whether a group at level l may be used as needs says.
func (l PermissionLevel) Allows(needs PermissionLevel) bool {
	switch needs {
	case ReadWrite:
		return l == ReadWrite
	case ReadOnly:
		return l == ReadOnly || l == ReadWrite
	}
	return true
}

// Label returns the name that people see.
func (l PermissionLevel) Label() string {
	switch l {
	case Disabled:
		return "Disabled"
	case ReadOnly:
		return "Read Only"
	case ReadWrite:
		return "Read-Write"
	}
	return string(l)
}

// Permission is the setting of one group of one integration.
type Permission struct {
	Level PermissionLevel `json:"level" enum:"DISABLED,READ_ONLY,READ_WRITE"`
	// AskFirst: each write waits until a technician has approved it.
	AskFirst bool `json:"ask_first,omitempty"`
}

// Permissions are the settings of an integration. A group that is not in it is
// ReadOnly, as all are on a new connection.
type Permissions map[PermissionGroup]Permission

// Of returns the setting of a group.
func (p Permissions) Of(g PermissionGroup) Permission {
	if s, ok := p[g]; ok {
		return s
	}
	return Permission{Level: ReadOnly}
}

// FullAccess returns ReadWrite for every group.
func FullAccess() Permissions {
	p := Permissions{}
	for _, g := range PermissionGroups {
		p[g.Group] = Permission{Level: ReadWrite}
	}
	return p
}
