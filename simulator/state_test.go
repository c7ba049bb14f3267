package simulator

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRestartKeepsEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.jsonl")
	with := func(o *Options) { o.StateFile = file }
	var id, refresh, access string
	t.Run("before", func(t *testing.T) {
		rn := Start(t, with)
		b := rn.browser(t)
		b.login("neo.agent")
		tok := rn.tokens(t, rn.codeForm(rn.allow(t, b))).json(t)
		refresh, access = tok["refresh_token"].(string), tok["access_token"].(string)
		id, _ = rn.Create("beth.anglin", "incident", map[string]string{"short_description": "ünïcode \"quoted\"", "work_notes": "n"})
		if err := rn.Update("david.loo", "incident", id, map[string]string{"state": "2"}); err != nil {
			t.Fatal(err)
		}
		addRule(t, rn, map[string]any{"when": "before", "script": "current.description='ruled';"})
		if _, err := rn.AddUser(User{UserName: "new.one", Password: "secret", Name: "New One", Roles: []string{"itil"}}); err != nil {
			t.Fatal(err)
		}
		if err := rn.SetRedirectURLs("https://neo.example/cb"); err != nil {
			t.Fatal(err)
		}
	})
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("state file: %v %v", info, err)
	}
	rn := Start(t, with)
	rec := rn.Get("incident", id)
	if rec["short_description"] != "ünïcode \"quoted\"" || rec["sys_mod_count"] != "1" || rec["sys_updated_by"] != "david.loo" {
		t.Errorf("record %v", rec)
	}
	if j := rn.Journal(id); len(j) != 1 || j[0].Value != "n" || j[0].By != "beth.anglin" {
		t.Errorf("journal %v", j)
	}
	if a := rn.bearer(t, access, "/api/now/ui/user/current_user"); a.status != 200 {
		t.Errorf("access token: %d", a.status)
	}
	if a := rn.tokens(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {rn.ClientID()}, "client_secret": {rn.ClientSecret()}}); a.status != 200 {
		t.Errorf("refresh: %d %s", a.status, a.body)
	}
	next, _ := rn.Create("beth.anglin", "incident", nil)
	if got := rn.Get("incident", next); got["number"] != "INC0010002" || got["description"] != "ruled" {
		t.Errorf("number %q, description %q", got["number"], got["description"])
	}
	if rn.signIn("new.one", "secret") == nil || rn.signIn("new.one", "new.one") != nil {
		t.Error("the new user's password")
	}
	if got := rn.app().get("redirect_url"); got != "https://neo.example/cb" {
		t.Errorf("redirect_url %q", got)
	}
	rn.store.mu.RLock()
	defer rn.store.mu.RUnlock()
	if h := rn.store.history[id]; len(h) != 1 || h[0].Field != "state" {
		t.Errorf("history %v", h)
	}
}

func TestStateIsSavedWhileRunning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.jsonl")
	rn := Start(t, func(o *Options) { o.StateFile = file })
	if _, err := rn.Create("system", "incident", map[string]string{"short_description": "needle in the file"}); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(15 * time.Second)
	for {
		if b, _ := os.ReadFile(file); strings.Contains(string(b), "needle in the file") {
			break
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("not saved")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".simulator-state-*")); len(left) > 1 {
		t.Errorf("temporary files left: %v", left)
	}
}

func TestDamagedStateFileIsRefusedWithAdvice(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.jsonl")
	in, err := New(Options{StateFile: file})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"empty": "", "cut": string(good[:len(good)/2]), "not ours": `{"format":"x"}`,
		"without its end": string(good[:strings.LastIndex(strings.TrimSpace(string(good)), "\n")]), "rubbish": "rubbish"} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			in, err := New(Options{StateFile: file})
			if err == nil {
				_ = in.Close(context.Background())
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "move it away or delete it") {
				t.Errorf("error %v", err)
			}
			if b, _ := os.ReadFile(file); string(b) != content {
				t.Error("the damaged file was touched")
			}
		})
	}
}
