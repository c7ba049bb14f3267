package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// faultRoutes are the switches of the simulation itself. They need no signing in, and work while the instance is away.
func (in *Instance) faultRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /simulator", in.faultsPage)
	mux.HandleFunc("POST /simulator", in.saveFaults)
	mux.HandleFunc("GET /simulator/faults", in.getFaults)
	mux.HandleFunc("PUT /simulator/faults", in.putFaults)
	mux.HandleFunc("POST /simulator/actions", in.doAction)
}

func (in *Instance) faultsPage(w http.ResponseWriter, _ *http.Request) { in.showFaults(w, "", false) }

func (in *Instance) showFaults(w http.ResponseWriter, problem string, saved bool) {
	if problem != "" {
		w.WriteHeader(http.StatusBadRequest)
	}
	in.page(w, "faults.html", map[string]any{
		"Path": "/simulator", "Problem": problem, "Saved": saved, "Faults": settingsOf(in.Faults()), "Quirks": settingsOf(in.Quirks()),
	})
}

// saveFaults takes the page's form: every switch, those that are off by their absence.
func (in *Instance) saveFaults(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		in.showFaults(w, "The form could not be read.", false)
		return
	}
	var f Faults
	var q Quirks
	for _, group := range []struct {
		settings any
		list     []setting
	}{{&f, settingsOf(f)}, {&q, settingsOf(q)}} {
		for _, s := range group.list {
			value := r.PostForm.Get(s.Name)
			if value == "" {
				continue
			}
			if err := SetByName(group.settings, s.Name, value); err != nil {
				in.showFaults(w, err.Error(), false)
				return
			}
		}
	}
	if err := in.SetFaults(f); err != nil {
		in.showFaults(w, err.Error(), false)
		return
	}
	in.SetQuirks(q)
	in.showFaults(w, "", true)
}

func (in *Instance) getFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"faults": in.Faults(), "quirks": in.Quirks()})
}

// putFaults changes the named ones and leaves the others.
func (in *Instance) putFaults(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Faults map[string]any `json:"faults"`
		Quirks map[string]any `json:"quirks"`
	}
	f, q := in.Faults(), in.Quirks()
	err := readJSON(w, r, &body)
	for _, group := range []struct {
		settings any
		values   map[string]any
	}{{&f, body.Faults}, {&q, body.Quirks}} {
		for name, value := range group.values {
			if err == nil {
				err = SetByName(group.settings, name, fmt.Sprint(value))
			}
		}
	}
	if err == nil {
		err = in.SetFaults(f)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	in.SetQuirks(q)
	in.getFaults(w, r)
}

// actions are what an administrator of the instance does, for whoever has no browser at hand.
var actions = map[string]func(in *Instance, args map[string]string) error{
	"revoke_tokens":        func(in *Instance, _ map[string]string) error { in.RevokeTokens(); return nil },
	"expire_access_tokens": func(in *Instance, _ map[string]string) error { in.ExpireAccessTokens(); return nil },
	"set_oauth_app":        func(in *Instance, args map[string]string) error { return in.SetOAuthApp(args) },
	"add_role":             func(in *Instance, args map[string]string) error { return in.GrantRole(args["user"], args["role"]) },
	"remove_role":          func(in *Instance, args map[string]string) error { return in.RevokeRole(args["user"], args["role"]) },
	"run_background_script": func(in *Instance, args map[string]string) error {
		_, err := in.RunBackgroundScript(args["script"], args["user"])
		return err
	},
	"import_update_set": func(in *Instance, args map[string]string) error {
		return in.ImportUpdateSet(context.Background(), []byte(args["xml"]), args["user"])
	},
	"update_quietly": func(in *Instance, args map[string]string) error {
		return in.UpdateQuietly(args["table"], args["sys_id"], map[string]string{args["field"]: args["value"]})
	},
}

func (in *Instance) doAction(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Action string            `json:"action"`
		Args   map[string]string `json:"args"`
	}
	err := readJSON(w, r, &body)
	if err == nil && actions[body.Action] == nil {
		err = fmt.Errorf("there is no action %q", body.Action)
	}
	if err == nil {
		err = actions[body.Action](in, body.Args)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"done": body.Action})
}

// readJSON reads a body that says it is JSON: a form of another site cannot.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return fmt.Errorf("send JSON, with Content-Type: application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}
