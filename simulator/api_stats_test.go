package simulator

import (
	"strings"
	"testing"
)

func TestStatsAPI(t *testing.T) {
	rn := Start(t)
	beth, group := UserID("beth.anglin"), GroupID("Network")
	for _, set := range []map[string]string{
		{"urgency": "1", "reassignment_count": "4", "assigned_to": beth},
		{"urgency": "1", "reassignment_count": "1", "assigned_to": beth},
		{"urgency": "2", "reassignment_count": "", "assignment_group": group},
		{"urgency": "3", "reassignment_count": "10"},
	} {
		if _, err := rn.Create("admin", "incident", set); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ name, user, path, want string }{
		{"count", "beth.anglin", "incident?sysparm_count=true", `{"result":{"stats":{"count":"4"}}}`},
		{"of a parent table", "beth.anglin", "task?sysparm_count=true&sysparm_query=sys_class_name=incident", `{"result":{"stats":{"count":"4"}}}`},
		{"blind to ACLs, as the count of lists is", "priya.nair", "incident?sysparm_count=true", `{"result":{"stats":{"count":"4"}}}`},
		{"nothing matches", "admin", "incident?sysparm_count=true&sysparm_max_fields=urgency&sysparm_query=number=x", `{"result":{"stats":{"count":"0","max":{"urgency":""}}}}`},
		{"with a query", "admin", "incident?sysparm_count=true&sysparm_query=urgency=1", `{"result":{"stats":{"count":"2"}}}`},
		{"avg, min, max, sum", "admin", "incident?sysparm_avg_fields=reassignment_count&sysparm_min_fields=reassignment_count,urgency&sysparm_max_fields=reassignment_count&sysparm_sum_fields=reassignment_count",
			`{"result":{"stats":{"avg":{"reassignment_count":"5.0000"},"max":{"reassignment_count":"10"},"min":{"reassignment_count":"1","urgency":"1"},"sum":{"reassignment_count":"15"}}}}`},
		{"unknown field", "admin", "incident?sysparm_count=true&sysparm_max_fields=nothing", `{"result":{"stats":{"count":"4"}}}`},
		{"grouped", "admin", "incident?sysparm_count=true&sysparm_group_by=urgency",
			`{"result":[{"groupby_fields":[{"field":"urgency","value":"1"}],"stats":{"count":"2"}},{"groupby_fields":[{"field":"urgency","value":"2"}],"stats":{"count":"1"}},{"groupby_fields":[{"field":"urgency","value":"3"}],"stats":{"count":"1"}}]}`},
		{"having", "admin", "incident?sysparm_count=true&sysparm_group_by=urgency&sysparm_having=count%5Eurgency%5E%3E%5E1",
			`{"result":[{"groupby_fields":[{"field":"urgency","value":"1"}],"stats":{"count":"2"}}]}`},
		{"ordered by an aggregate", "admin", "incident?sysparm_sum_fields=reassignment_count&sysparm_group_by=urgency&sysparm_order_by=SUM%5Ereassignment_count%5EDESC&sysparm_having=sum%5Ereassignment_count%5E!=%5E",
			`{"result":[{"groupby_fields":[{"field":"urgency","value":"3"}],"stats":{"sum":{"reassignment_count":"10"}}},{"groupby_fields":[{"field":"urgency","value":"1"}],"stats":{"sum":{"reassignment_count":"5"}}}]}`},
		{"display values", "admin", "incident?sysparm_count=true&sysparm_group_by=assigned_to&sysparm_display_value=true&sysparm_query=assigned_toISNOTEMPTY",
			`{"result":[{"groupby_fields":[{"field":"assigned_to","value":"Beth Anglin"}],"stats":{"count":"2"}}]}`},
		{"both values, dotted", "admin", "incident?sysparm_count=true&sysparm_group_by=assigned_to.active&sysparm_display_value=all&sysparm_query=urgency=1",
			`{"result":[{"groupby_fields":[{"display_value":"true","field":"assigned_to.active","value":"true"}],"stats":{"count":"2"}}]}`},
		{"unknown table", "admin", "nothing?sysparm_count=true", `Invalid table nothing`},
		{"a field the caller may not read", "beth.anglin", "sys_choice?sysparm_count=true&sysparm_group_by=name", `Insufficient rights to query records`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := rn.api(t, tt.user, "GET", "/api/now/stats/"+tt.path, ""); !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s\nwant %s", a.status, a.body, tt.want)
			}
		})
	}
}

func TestStatsMayHideWhatIsUnreadable(t *testing.T) {
	rn := Start(t, func(o *Options) { o.Quirks.StatsHideUnreadable = true })
	if _, err := rn.Create("admin", "incident", nil); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]string{"priya.nair": `"0"`, "beth.anglin": `"1"`} {
		if a := rn.api(t, user, "GET", "/api/now/v1/stats/incident?sysparm_count=true", ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s, want %s", user, a.body, want)
		}
	}
}
