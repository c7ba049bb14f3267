package simulator

import (
	"context"
	"fmt"
	"strings"
)

// This file is what tests, the demo and benchmarks may ask of an instance directly.

// ClientID and ClientSecret belong to the OAuth application "Neo Agent" every instance begins with.
func (in *Instance) ClientID() string     { return in.app().get("client_id") }
func (in *Instance) ClientSecret() string { return in.app().get("client_secret") }

func (in *Instance) app() *record {
	if r := in.store.find(schema["oauth_entity"], stableID("oauth_entity Neo Agent")); r != nil {
		return r
	}
	t := schema["oauth_entity"]
	return &record{t, make([]string, len(t.columns))}
}

// SetOAuthApp changes the "Neo Agent" application: any of client_id, client_secret, redirect_url (several separated by
// commas), active, public_client, pkce_required, access_token_lifespan, refresh_token_lifespan, auth_code_lifespan.
func (in *Instance) SetOAuthApp(values map[string]string) error {
	return in.Update("system", "oauth_entity", stableID("oauth_entity Neo Agent"), values)
}

// SetRedirectURLs replaces the registered redirect URLs of the "Neo Agent" application.
func (in *Instance) SetRedirectURLs(urls ...string) error {
	return in.SetOAuthApp(map[string]string{"redirect_url": strings.Join(urls, ",")})
}

// User is someone who can sign in. Password is empty for users whose password is not the sample one.
type User struct {
	SysID, UserName, Name, Email string
	Password                     string
	Roles                        []string
}

// Users are the sample users of a fresh instance, service desk staff first.
func Users() []User {
	var out []User
	for _, p := range samplePeople {
		out = append(out, User{userID(p.userName), p.userName, p.name, p.email, p.userName, p.roles})
	}
	return out
}

// UserID is the sys_id of a sample user; GroupID that of a sample group.
func UserID(userName string) string { return userID(userName) }
func GroupID(name string) string    { return stableID("sys_user_group " + name) }

// AddUser makes a user that can sign in with Password.
func (in *Instance) AddUser(u User) (sysID string, err error) {
	id := userID(u.UserName)
	_, err = in.write(context.Background(), writeRequest{op: opInsert, table: schema["sys_user"], id: id, actor: in.system(),
		set: map[string]string{"user_name": u.UserName, "name": u.Name, "email": u.Email,
			"user_password": passwordHash(id, u.Password)}})
	if err != nil {
		return "", err
	}
	for _, role := range u.Roles {
		if err := in.GrantRole(u.UserName, role); err != nil {
			return "", err
		}
	}
	return id, nil
}

// GrantRole and RevokeRole work from the user's next request on.
func (in *Instance) GrantRole(userName, role string) error {
	_, err := in.Create("system", "sys_user_has_role", map[string]string{"user": userID(userName),
		"role": stableID("sys_user_role " + role)})
	return err
}

func (in *Instance) RevokeRole(userName, role string) error {
	t := schema["sys_user_has_role"]
	in.store.mu.RLock()
	var ids []string
	for _, s := range in.store.tables.lookupAll(t, "user", userID(userName)) {
		if s.rec.get("role") == stableID("sys_user_role "+role) {
			ids = append(ids, s.rec.id())
		}
	}
	in.store.mu.RUnlock()
	for _, id := range ids {
		if err := in.Delete("system", t.name, id); err != nil {
			return err
		}
	}
	return nil
}

// Create, Update and Delete write as the named user through the ordinary path, so numbers, engines and business rules
// work as ever; ACLs and data policies do not apply. "system" is always there. Values are stored values.
func (in *Instance) Create(userName, table string, values map[string]string) (sysID string, err error) {
	w, err := in.request(opInsert, userName, table, values["sys_id"], values)
	if err != nil {
		return "", err
	}
	r, err := in.write(context.Background(), w)
	if err != nil {
		return "", err
	}
	return r.id(), nil
}

func (in *Instance) Update(userName, table, sysID string, values map[string]string) error {
	w, err := in.request(opUpdate, userName, table, sysID, values)
	if err == nil {
		_, err = in.write(context.Background(), w)
	}
	return err
}

func (in *Instance) Delete(userName, table, sysID string) error {
	w, err := in.request(opDelete, userName, table, sysID, nil)
	if err == nil {
		_, err = in.write(context.Background(), w)
	}
	return err
}

func (in *Instance) request(op operation, userName, table, id string, values map[string]string) (writeRequest, error) {
	t := schema[table]
	if t == nil {
		return writeRequest{}, fmt.Errorf("simulator: no table %q", table)
	}
	who := in.system()
	if userName != "system" {
		if who = in.actorOf(userID(userName)); who == nil {
			return writeRequest{}, fmt.Errorf("simulator: no active user %q", userName)
		}
	}
	return writeRequest{op: op, table: t, id: id, set: values, actor: who}, nil
}

// Get is a record's stored values by field, empty ones included; nil when there is none.
func (in *Instance) Get(table, sysID string) map[string]string {
	t := schema[table]
	if t == nil {
		return nil
	}
	r := in.store.find(t, sysID)
	if r == nil {
		return nil
	}
	out := make(map[string]string, len(r.vals))
	for i, v := range r.vals {
		out[r.table.columns[i].name] = v
	}
	return out
}

// Find is the sys_ids of the records that match an encoded query.
func (in *Instance) Find(table, query string) []string {
	t := schema[table]
	if t == nil {
		return nil
	}
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	page, _ := compileQuery(parseQuery(query), t, queryEnv{tables: in.store.tables, actor: in.system(),
		now: in.opts.Now()}).run(0, maxRows)
	var ids []string
	for _, r := range page {
		ids = append(ids, r.id())
	}
	return ids
}

// Journal is a record's notes and comments, oldest first.
func (in *Instance) Journal(sysID string) []JournalEntry {
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	var out []JournalEntry
	for _, r := range in.store.tables.entries(sysID, "") {
		out = append(out, JournalEntry{SysID: r.id(), Element: r.get("element"), Value: r.get("value"),
			By: r.get("sys_created_by"), At: r.get("sys_created_on")})
	}
	return out
}

// SystemLog is the newest entries of the system log, newest first.
func (in *Instance) SystemLog() []LogEntry { return in.syslog.newest() }

// canReadAll says whether every record of the table is open to the actor.
func (a *actor) canReadAll(t *table) bool { return t.access.read == nil || a.has(t.access.read...) }
