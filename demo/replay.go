package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// progress is how far a replay has come; it survives a restart.
type progress struct {
	Next int               `json:"next"` // index of the next update
	IDs  map[string]string `json:"ids"`  // incident of the source → sys_id in the simulator
}

// replay makes the recorded updates happen in the simulator, one after another,
// through its Table API as its technicians: the planted rule fires for each.
func (w *world) replay(ctx context.Context, file string, pace time.Duration) error {
	all, err := updates()
	if err != nil {
		return err
	}
	p, err := readProgress(file)
	if err != nil {
		return err
	}
	names, err := w.names(ctx)
	if err != nil {
		return err
	}
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for ; p.Next < len(all); p.Next++ {
		u := all[p.Next]
		if err := w.apply(ctx, u, p, names); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// A recorded change may be one that the instance refuses by now: go on, as
			// people would.
			w.log.Warn("the simulator refused a recorded update", "incident", u.incident, "err", err)
		}
		if err := writeProgress(file, p); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.neo.Failed():
			return err
		}
	}
	return nil
}

// names are the sys_ids of groups, technicians and callers.
type names struct {
	groups, users map[string]string
	callers       []string
}

func (w *world) names(ctx context.Context) (names, error) {
	n := names{groups: map[string]string{}, users: map[string]string{}}
	found, err := w.as(technician).Records(ctx, "sys_user_group", "", "sys_id,name")
	if err != nil {
		return n, err
	}
	for _, g := range found {
		n.groups[g["name"]] = g["sys_id"]
	}
	if found, err = w.as(technician).Records(ctx, "sys_user", "active=true", "sys_id,user_name"); err != nil {
		return n, err
	}
	for _, u := range found {
		n.users[u["user_name"]] = u["sys_id"]
	}
	for _, u := range found {
		n.callers = append(n.callers, u["sys_id"])
	}
	for _, t := range technicians {
		if n.users[t] == "" {
			return n, fmt.Errorf("the simulator has no user %s; start over with --fresh", t)
		}
	}
	for _, g := range groups {
		if n.groups[g] == "" {
			return n, fmt.Errorf("the simulator has no group %s; start over with --fresh", g)
		}
	}
	return n, nil
}

func (w *world) apply(ctx context.Context, u update, p *progress, n names) error {
	body := map[string]string{}
	for field, value := range u.fields {
		switch field {
		case "caller":
			body["caller_id"] = pick(n.callers, value)
		case "assignment_group":
			body[field] = n.groups[value]
		case "assigned_to":
			body[field] = n.users[value]
		default:
			body[field] = value
		}
	}
	as := w.as(u.user)
	if u.first {
		body["short_description"] = u.text
		var created struct {
			Result struct {
				SysID string `json:"sys_id"`
			}
		}
		if err := as.Call(ctx, http.MethodPost, "/api/now/table/incident", body, &created); err != nil {
			return err
		}
		p.IDs[u.incident] = created.Result.SysID
		return nil
	}
	id, ok := p.IDs[u.incident]
	if !ok {
		return fmt.Errorf("its first update was refused")
	}
	return as.Call(ctx, http.MethodPatch, "/api/now/table/incident/"+id, body, nil)
}

func readProgress(file string) (*progress, error) {
	p := &progress{IDs: map[string]string{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); start over with --fresh", file, err)
	}
	return p, nil
}

func writeProgress(file string, p *progress) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(file), ".replay.json")
	if err := os.WriteFile(temp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, file)
}
