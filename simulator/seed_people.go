package simulator

// person is a sample user. The password is the user name.
type person struct {
	userName, name, email, title string
	company, department          string
	roles                        []string
}

func (p person) vip() string {
	if p.title == "Chief Financial Officer" || p.title == "Chief Executive Officer" {
		return "true"
	}
	return "false"
}

// manager is, for a customer's people, the first of their company; they approve what the others request.
func (p person) manager() string {
	for _, other := range samplePeople {
		if other.company == p.company && other.company != ownCompany && other.userName != p.userName {
			return userID(other.userName)
		}
		if other.userName == p.userName {
			break
		}
	}
	return ""
}

var sampleRoles = []string{"admin", "itil", "itil_admin", "email_api_send", "import_set_loader", "oauth_admin", "mi_admin", "snc_internal",
	"snc_read_only", "web_service_admin", "sn_incident_read", "sn_incident_write", "sn_problem_read", "sn_problem_write",
	"sn_change_read", "sn_change_write", "sn_request_read", "sn_request_write", "approver_user"}

const ownCompany = "Northwind Managed IT"

var sampleCompanies = [][3]string{
	{ownCompany, "Rotterdam", "Netherlands"},
	{"Larkspur Dental Group", "Leeds", "United Kingdom"},
	{"Halden Shipping", "Oslo", "Norway"},
	{"Cedar & Finch Law", "Boston", "United States"},
	{"Brightwater Foods", "Cork", "Ireland"},
}

var samplePeople = []person{
	{"admin", "System Administrator", "admin@simulated.example", "Administrator", ownCompany, "IT", []string{"admin"}},
	{"neo.agent", "Neo Agent user", "neo.agent@simulated.example", "Service account", ownCompany, "IT",
		[]string{"itil", "admin", "email_api_send"}},
	{"itil.only", "Neo Restricted user", "itil.only@simulated.example", "Service account", ownCompany, "IT", []string{"itil"}},
	{"beth.anglin", "Beth Anglin", "beth.anglin@northwind.example", "Service Desk Lead", ownCompany, "IT", []string{"itil"}},
	{"david.loo", "David Loo", "david.loo@northwind.example", "Network Engineer", ownCompany, "IT", []string{"itil"}},
	{"fred.luddy", "Fred Luddy", "fred.luddy@northwind.example", "Systems Engineer", ownCompany, "IT", []string{"itil"}},
	{"howard.johnson", "Howard Johnson", "howard.johnson@northwind.example", "Change Manager", ownCompany, "IT", []string{"itil"}},
	{"lena.fischer", "Lena Fischer", "lena.fischer@northwind.example", "On-call Engineer", ownCompany, "IT", []string{"itil"}},
	{"samir.patel", "Samir Patel", "samir.patel@northwind.example", "Systems Engineer", ownCompany, "IT", []string{"itil"}},
	{"maria.santos", "Maria Santos", "maria.santos@northwind.example", "Service Desk Analyst", ownCompany, "IT", []string{"itil"}},
	{"kenji.mori", "Kenji Mori", "kenji.mori@northwind.example", "Network Engineer", ownCompany, "IT", []string{"itil"}},
	{"joe.employee", "Joe Employee", "joe.employee@northwind.example", "Account Manager", ownCompany, "Sales", nil},

	{"abigail.turner", "Abigail Turner", "abigail.turner@larkspur.example", "Practice Manager", "Larkspur Dental Group", "Front office", nil},
	{"omar.haddad", "Omar Haddad", "omar.haddad@larkspur.example", "Dentist", "Larkspur Dental Group", "Clinical", nil},
	{"priya.nair", "Priya Nair", "priya.nair@larkspur.example", "Receptionist", "Larkspur Dental Group", "Front office", nil},
	{"ingrid.solberg", "Ingrid Solberg", "ingrid.solberg@halden.example", "Fleet Coordinator", "Halden Shipping", "Operations", nil},
	{"magnus.dahl", "Magnus Dahl", "magnus.dahl@halden.example", "Chief Financial Officer", "Halden Shipping", "Finance", nil},
	{"sofia.lind", "Sofia Lind", "sofia.lind@halden.example", "Customs Specialist", "Halden Shipping", "Operations", nil},
	{"marcus.webb", "Marcus Webb", "marcus.webb@cedarfinch.example", "Partner", "Cedar & Finch Law", "Litigation", nil},
	{"elena.petrova", "Elena Petrova", "elena.petrova@cedarfinch.example", "Paralegal", "Cedar & Finch Law", "Litigation", nil},
	{"hannah.kim", "Hannah Kim", "hannah.kim@cedarfinch.example", "Office Manager", "Cedar & Finch Law", "Administration", nil},
	{"liam.oconnor", "Liam O'Connor", "liam.oconnor@brightwater.example", "Plant Manager", "Brightwater Foods", "Production", nil},
	{"aoife.byrne", "Aoife Byrne", "aoife.byrne@brightwater.example", "Quality Analyst", "Brightwater Foods", "Quality", nil},
	{"tomas.novak", "Tomáš Novák", "tomas.novak@brightwater.example", "Warehouse Lead", "Brightwater Foods", "Logistics", nil},
}

type group struct {
	name, description, email string
	members                  []string // the first is the manager
}

var sampleGroups = []group{
	{"Service Desk", "First line for every request", "service.desk@northwind.example", []string{"beth.anglin", "fred.luddy", "maria.santos", "neo.agent"}},
	{"Network", "Switches, Wi-Fi, VPN and internet lines", "network@northwind.example", []string{"david.loo", "howard.johnson", "kenji.mori"}},
	{"Hardware", "Laptops, printers and phones", "hardware@northwind.example", []string{"fred.luddy", "beth.anglin", "samir.patel"}},
	{"Database", "SQL Server, Oracle and backups", "database@northwind.example", []string{"howard.johnson", "david.loo", "lena.fischer"}},
	{"Software", "Business applications and licences", "software@northwind.example", []string{"beth.anglin", "david.loo", "maria.santos"}},
	{"Email & Collaboration", "Mailboxes, Teams and SharePoint", "email@northwind.example", []string{"fred.luddy", "beth.anglin", "samir.patel"}},
	{"Identity & Access", "Accounts, groups and multi-factor sign-in", "identity@northwind.example", []string{"howard.johnson", "beth.anglin", "maria.santos"}},
	{"Field Services", "On-site visits", "field@northwind.example", []string{"fred.luddy", "samir.patel", "kenji.mori"}},
	{"Security Operations", "Phishing, malware and alerts", "security@northwind.example", []string{"david.loo", "howard.johnson", "lena.fischer"}},
	{"Change Management", "Change advisory and planning", "change@northwind.example", []string{"howard.johnson", "david.loo", "beth.anglin"}},
	{"On-Call", "Whoever is called outside business hours", "on.call@northwind.example", []string{"lena.fischer", "david.loo", "samir.patel", "kenji.mori"}},
}

// sampleItems are name, category, address, support group.
var sampleItems = [][4]string{
	{"Exchange Online", "Cloud service", "", "Email & Collaboration"},
	{"Practice database LDS-SQL01", "Database", "10.20.4.11", "Database"},
	{"Halden core switch HAL-SW01", "Network gear", "10.30.0.2", "Network"},
	{"Document server CF-DOC02", "Server", "10.40.1.20", "Software"},
	{"Packing line terminal BW-T07", "Computer", "10.50.7.7", "Hardware"},
	{"VPN gateway", "Network gear", "198.51.100.4", "Network"},
}
