package simulator

import (
	"context"
	"strconv"
	"strings"
)

// seed fills a fresh instance: choices, roles, companies, people, groups, things, the OAuth application.
func (in *Instance) seed() {
	in.seedChoices()
	in.seedDictionary()
	for _, name := range sampleRoles {
		in.put("sys_user_role", name, map[string]string{"name": name})
	}
	for _, c := range sampleCompanies {
		in.put("core_company", c[0], map[string]string{"name": c[0], "city": c[1], "country": c[2], "customer": "true"})
	}
	for _, p := range samplePeople {
		in.seedPerson(p)
	}
	for _, g := range sampleGroups {
		id := in.put("sys_user_group", g.name, map[string]string{"name": g.name, "description": g.description,
			"email": g.email, "manager": userID(g.members[0])})
		for _, m := range g.members {
			in.put("sys_user_grmember", g.name+" "+m, map[string]string{"group": id, "user": userID(m)})
		}
	}
	for _, c := range sampleItems {
		in.put("cmdb_ci", c[0], map[string]string{"name": c[0], "category": c[1], "ip_address": c[2],
			"support_group": stableID("sys_user_group " + c[3])})
	}
	in.put("sys_properties", "instance_name", map[string]string{"name": "instance_name", "value": "simulated",
		"description": "Name of this simulated instance"})
	in.put("oauth_entity", "Neo Agent", map[string]string{"name": "Neo Agent", "client_id": in.opts.ClientID,
		"client_secret": in.opts.ClientSecret, "redirect_url": strings.Join(in.opts.RedirectURLs, ",")})
	if in.opts.SampleTickets {
		in.seedTickets()
	}
}

// put stores one sample record; its sys_id follows from the table and its name.
func (in *Instance) put(table, name string, values map[string]string) string {
	r, err := in.write(context.Background(), writeRequest{op: opInsert, table: schema[table], id: stableID(table + " " + name),
		set: values, actor: in.system(), raw: true})
	if err != nil {
		panic("simulator: sample data " + table + " " + name + ": " + err.Error()) // two samples of one name
	}
	return r.id()
}

func userID(userName string) string { return stableID("sys_user " + userName) }

// seedChoices writes the schema's choice lists as sys_choice rows, from where they are used.
func (in *Instance) seedChoices() {
	for name, t := range schema {
		for _, f := range t.fields {
			for i, c := range f.choices {
				depends := ""
				if f.name == "subcategory" {
					depends = categoryOf[c.value]
				}
				in.put("sys_choice", name+" "+f.name+" "+c.value, map[string]string{"name": name, "element": f.name,
					"value": c.value, "label": c.label, "sequence": strconv.Itoa(i), "dependent_value": depends})
			}
		}
	}
}

// seedDictionary writes what the schema says of the task family's columns, each where it was first defined.
func (in *Instance) seedDictionary() {
	for name, t := range schema {
		if t.root.name != "task" {
			continue
		}
		for _, f := range t.columns {
			if t.parent != nil && t.parent.col(f.name) >= 0 {
				continue
			}
			values := map[string]string{"name": name, "element": f.name, "column_label": f.label, "internal_type": kindNames[f.kind],
				"reference": f.ref, "default_value": f.def, "read_only": strconv.FormatBool(f.computed)}
			if f.max > 0 {
				values["max_length"] = strconv.Itoa(f.max)
			}
			if f.choices != nil {
				values["choice"] = "1"
			}
			in.put("sys_dictionary", name+" "+f.name, values)
		}
	}
}

func (in *Instance) seedPerson(p person) {
	first, last, _ := strings.Cut(p.name, " ")
	id := in.put("sys_user", p.userName, map[string]string{"user_name": p.userName, "name": p.name, "first_name": first,
		"last_name": last, "email": p.email, "title": p.title, "company": stableID("core_company " + p.company),
		"department": p.department, "vip": p.vip(), "manager": p.manager(), "user_password": passwordHash(userID(p.userName), p.userName)})
	for _, role := range p.roles {
		in.put("sys_user_has_role", p.userName+" "+role, map[string]string{"user": id, "role": stableID("sys_user_role " + role)})
	}
}
