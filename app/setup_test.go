package app_test

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

// An account that is no administrator connects all the same; an administrator plants
// from the files, and Verify sees it.
func TestSetUpByHand(t *testing.T) {
	for name, plant := range map[string]func(r *running, f setupFiles) error{
		"update set": func(r *running, f setupFiles) error {
			return r.instance.ImportUpdateSet(t.Context(), []byte(f.UpdateSet), "admin")
		},
		"background script": func(r *running, f setupFiles) error {
			_, err := r.instance.RunBackgroundScript(f.BackgroundScript, "admin")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, fast)
			if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
				t.Fatal(err)
			}
			if err := r.connectAs(t, "itil.only"); err != nil {
				t.Fatal(err)
			}
			i := r.integration(t)
			if i.State != neo.StateSetup {
				t.Fatalf("the connection is %+v", i)
			}
			says(t, "the connection", i.Message, "One step is left", "administrator")
			r.ticket(t, "By the sweep")
			if e := r.untilKnown(t, "By the sweep"); e.Source != "sweep" {
				t.Errorf("before it is planted the ticket is known as %+v", e)
			}

			var files setupFiles
			r.post(t, "/api/v1/integrations/"+i.ID+"/setup-files", &files)
			for range 2 { // again changes nothing
				if err := plant(r, files); err != nil {
					t.Fatalf("%v; %+v", err, r.instance.SystemLog())
				}
			}
			if n := len(r.instance.Find("sys_script", "nameSTARTSWITHNeo Agent")); n != 1 {
				t.Errorf("%d rules are planted", n)
			}
			var found health
			r.post(t, "/api/v1/integrations/"+i.ID+"/inspect", &found)
			r.untilState(t, neo.StateReady)
			r.ticket(t, "By the webhook")
			if e := r.untilKnown(t, "By the webhook"); e.Source != "webhook" {
				t.Errorf("planted, the ticket is known as %+v", e)
			}

			// An account that may read it finds what was planted by hand as it should be.
			if err := r.instance.GrantRole("itil.only", "admin"); err != nil {
				t.Fatal(err)
			}
			r.post(t, "/api/v1/integrations/"+i.ID+"/inspect", &found)
			for _, what := range []string{"business_rule", "callback_property"} {
				if c := check(found.Checks, what); c.Detail != "Already in place; nothing was changed." {
					t.Errorf("%s: %+v", what, c)
				}
			}
		})
	}
}

// Some instances do not even let such an account look: that deliveries arrive is the
// proof.
func TestSetUpByHandWhereNothingCanBeSeen(t *testing.T) {
	r := run(t, fast)
	r.instance.SetQuirks(simulator.Quirks{AdminTablesForbidden: true, NoCertificateEncryption: true})
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	if err := r.connectAs(t, "itil.only"); err != nil {
		t.Fatal(err)
	}
	i := r.integration(t)
	if i.State != neo.StateSetup {
		t.Fatalf("the connection is %+v", i)
	}
	var files setupFiles
	r.post(t, "/api/v1/integrations/"+i.ID+"/setup-files", &files)
	if err := r.instance.ImportUpdateSet(t.Context(), []byte(files.UpdateSet), "admin"); err != nil {
		t.Fatal(err)
	}
	var found health
	r.post(t, "/api/v1/integrations/"+i.ID+"/inspect", &found)
	if r.integration(t).State != neo.StateSetup {
		t.Error("nothing has arrived, and it is taken for planted")
	}
	r.ticket(t, "Delivered with the key itself")
	if e := r.untilKnown(t, "Delivered with the key itself"); e.Source != "webhook" {
		t.Errorf("the ticket is known as %+v", e)
	}
	r.post(t, "/api/v1/integrations/"+i.ID+"/inspect", &found)
	r.untilState(t, neo.StateReady)
}

type setupFiles struct {
	UpdateSet        string `json:"update_set"`
	BackgroundScript string `json:"background_script"`
}

func TestDisconnect(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	r.ticket(t, "Kept")
	r.untilKnown(t, "Kept")
	var done struct{ Checks []neo.Check }
	r.post(t, "/api/v1/integrations/"+r.integration(t).ID+"/disconnect", &done)
	for _, c := range done.Checks {
		if c.State != "ok" {
			t.Errorf("%+v", c)
		}
	}
	if i := r.integration(t); i.State != neo.StateDisconnected {
		t.Errorf("the connection is %+v", i)
	}
	if n := len(r.instance.Find("sys_script", "nameSTARTSWITHNeo Agent")) + len(r.instance.Find("sys_properties", "name=x_neoagent.callback_url")); n != 0 {
		t.Errorf("%d planted records are left", n)
	}
	r.untilKnown(t, "Kept") // the history stays
	if err := r.reconnect(t); err != nil {
		t.Fatal(err)
	}
	r.ticket(t, "Again")
	if e := r.untilKnown(t, "Again"); e.Source != "webhook" {
		t.Errorf("connected again, the ticket is known as %+v", e)
	}
}
