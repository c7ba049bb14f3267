package simulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"
)

// actor is who a request or a script acts as, with their roles as they were when it began.
type actor struct {
	id, userName, name string
	roles              map[string]bool
	zone               *time.Location
}

// system acts when no person does: seeding, async jobs without a user, the Go API of this package.
func (in *Instance) system() *actor {
	return &actor{id: "system", userName: "system", name: "System Administrator",
		roles: map[string]bool{"admin": true}, zone: in.zone}
}

// actorOf loads a user's name, roles and time zone; nil when the user is gone, inactive or locked.
func (in *Instance) actorOf(userID string) *actor {
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	ts := in.store.tables
	u := ts.find(schema["sys_user"], userID)
	if u == nil || u.get("active") != "true" || u.get("locked_out") == "true" {
		return nil
	}
	a := &actor{id: userID, userName: u.get("user_name"), name: u.get("name"), roles: map[string]bool{}, zone: in.zone}
	if tz := u.get("time_zone"); tz != "" {
		if z, err := time.LoadLocation(tz); err == nil {
			a.zone = z
		}
	}
	for _, s := range ts.lookupAll(schema["sys_user_has_role"], "user", userID) {
		if s.rec.get("state") != "active" {
			continue
		}
		if role := ts.find(schema["sys_user_role"], s.rec.get("role")); role != nil {
			a.roles[role.get("name")] = true
		}
	}
	return a
}

// signIn checks a user name and password. Every refusal looks the same.
func (in *Instance) signIn(userName, password string) *actor {
	u := in.store.lookup(schema["sys_user"], "user_name", userName)
	if u == nil || u.get("user_password") == "" ||
		subtle.ConstantTimeCompare([]byte(u.get("user_password")), []byte(passwordHash(u.id(), password))) != 1 {
		return nil
	}
	return in.actorOf(u.id())
}

// passwordHash is fast on purpose: these are published sample passwords, checked on every Basic request.
func passwordHash(userID, password string) string {
	sum := sha256.Sum256([]byte(userID + ":" + password))
	return hex.EncodeToString(sum[:])
}
