package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEncodedQueries(t *testing.T) {
	clock := newClock()
	rn := Start(t, func(o *Options) { o.Now = clock.now })
	make := func(name string, table string, values map[string]string) {
		values["short_description"] = name
		if _, err := rn.Create("beth.anglin", table, values); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Hour)
	}
	// 05:21, 06:21, 07:21, 08:21; then it is 09:21.
	make("a Printer jam", "incident", map[string]string{"impact": "1", "urgency": "1", "caller_id": UserID("priya.nair"), "category": "hardware"})
	make("b printer offline", "incident", map[string]string{"state": "2", "caller_id": UserID("omar.haddad"), "assigned_to": UserID("david.loo")})
	make("c VPN", "incident", map[string]string{"state": "8", "caller_id": UserID("ingrid.solberg"), "assigned_to": UserID("beth.anglin")})
	make("d Switch", "change_request", map[string]string{"risk": "2"})

	for _, tt := range []struct{ table, query, want string }{
		{"task", "", "abcd"},
		{"incident", "", "abc"},
		{"incident", "state=1", "a"},
		{"incident", "state!=1", "bc"},
		{"incident", "state==1", ""},
		{"incident", "priority<=1", "a"},
		{"incident", "priority<10", "abc"},
		{"incident", "state>1", "bc"},
		{"incident", "stateIN1,2", "ab"},
		{"incident", "stateNOT IN1,2", "c"},
		{"task", "sys_class_name=task", ""},
		{"task", "sys_class_nameINincident,change_request", "abcd"},
		{"task", "sys_class_name=change_request", "d"},
		{"task", "sys_class_name=nonsense", ""},
		{"incident", "short_descriptionLIKEPRINTER", "ab"},
		{"incident", "short_description*printer", "ab"},
		{"incident", "short_descriptionNOT LIKEprinter", "c"},
		{"incident", "short_descriptionSTARTSWITHA p", "a"},
		{"incident", "short_descriptionENDSWITHvpn", "c"},
		{"incident", "assigned_toISEMPTY", "a"},
		{"incident", "assigned_toISNOTEMPTY", "bc"},
		{"incident", "active=true", "ab"},
		{"incident", "active!=true", "c"},
		{"incident", "active=1", "ab"},
		{"incident", "state=1^category=hardware", "a"},
		{"incident", "state=1^ORstate=2^active=true", "ab"},
		{"incident", "state=1^ORstate=8^assigned_toISNOTEMPTY", "c"},
		{"incident", "state=1^NQstate=8", "ac"},
		{"incident", "state=1^category=network^NQstate=8", "c"},
		{"incident", "caller_id.company.name=Larkspur Dental Group", "ab"},
		{"incident", "caller_id.name=ingrid solberg", "c"},
		{"incident", "assigned_to=javascript:gs.getUserID()", "c"},
		{"incident", "assigned_to.user_name=javascript:gs.getUserName()", "c"},
		{"incident", "no_such_field=x", "abc"},
		{"incident", "no_such_field=x^state=1", "a"},
		{"incident", "state=1^ORno_such_field=x", "a"},
		{"incident", "caller_id.no_such=x", "abc"},
		{"incident", "stateFROBx", "abc"},
		{"incident", "^^^", "abc"},
		{"incident", "state=1^EQ", "a"},
		{"task", "caller_id=whatever", "abcd"}, // not a column of task
		{"incident", "number=inc0010002", "b"},
		{"incident", "numberININC0010003,INC0010001", "ac"},
		{"incident", "sys_created_on>=2026-11-24 06:21:00", "bc"},
		{"incident", "sys_created_on<2026-11-24 06:21:00", "a"},
		{"incident", "sys_created_on>javascript:gs.hoursAgo(4)", "bc"},
		{"incident", "sys_created_onRELATIVEGE@hour@ago@2", "c"},
		{"incident", "sys_created_onBETWEEN2026-11-24 06:00:00@2026-11-24 07:00:00", "b"},
		{"incident", "sys_created_onONToday@javascript:gs.daysAgoStart(1)@javascript:gs.daysAgoEnd(0)", "abc"},
		{"incident", "ORDERBYDESCshort_description", "cba"},
		{"incident", "active=true^ORDERBYDESCpriority^ORDERBYnumber", "ba"},
		{"incident", "ORDERBYcaller_id.name", "cba"}, // Ingrid, Omar, Priya
		{"incident", "ORDERBYno_such^ORDERBYDESCnumber", "cba"},
		{"incident", "stateANYTHING", "abc"},
		{"incident", "impactSAMEASurgency", "abc"},
		{"incident", "priorityLT_FIELDurgency", ""},
	} {
		t.Run(tt.table+" "+tt.query, func(t *testing.T) {
			a := rn.api(t, "beth.anglin", "GET", "/api/now/table/"+tt.table+"?sysparm_fields=short_description&sysparm_query="+url.QueryEscape(tt.query), "")
			got := ""
			for _, r := range a.rows(t) {
				got += r["short_description"].(string)[:1]
			}
			if !strings.Contains(tt.query, "ORDERBY") {
				b := []byte(got)
				slices.Sort(b)
				got = string(b)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStrictInstanceGivesNoRowsForUnknownField(t *testing.T) {
	rn := Start(t, func(o *Options) { o.Quirks.InvalidQueryReturnsNone = true })
	if n := len(rn.api(t, "admin", "GET", "/api/now/table/sys_user?sysparm_query=nope=1", "").rows(t)); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// A page found with the bounded heap is the page of the full sort.
func TestPagesAreSlicesOfTheWholeOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	rn := Start(t)
	for range 200 {
		if _, err := rn.Create("system", "incident", map[string]string{"urgency": fmt.Sprint(1 + rnd.IntN(3)), "impact": fmt.Sprint(1 + rnd.IntN(3))}); err != nil {
			t.Fatal(err)
		}
	}
	q := url.QueryEscape("ORDERBYpriority^ORDERBYDESCnumber")
	list := func(extra string) (out []string) {
		for _, r := range rn.api(t, "admin", "GET", "/api/now/table/incident?sysparm_fields=number&sysparm_query="+q+extra, "").rows(t) {
			out = append(out, r["number"].(string))
		}
		return out
	}
	all := list("")
	for range 20 {
		limit, offset := rnd.IntN(50), rnd.IntN(220)
		want := all[min(offset, 200):min(offset+limit, 200)]
		if got := list(fmt.Sprintf("&sysparm_limit=%d&sysparm_offset=%d", limit, offset)); !slices.Equal(got, want) {
			t.Errorf("limit %d offset %d: %v, want %v", limit, offset, got, want)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"a=b^ORc=d^NQe=f", "^^^", "^OR", "^NQ", "sys_idIN", "stateBETWEEN@", "aRELATIVEGE@@@", "x=javascript:gs.daysAgoStart("} {
		f.Add(s)
	}
	in, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = in.Close(f.Context()) })
	f.Fuzz(func(_ *testing.T, s string) { in.Find("incident", s) })
}
