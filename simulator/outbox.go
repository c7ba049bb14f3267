package simulator

import "strings"

// Email is one mail in the outbox: queued by the Email API, never sent.
type Email struct {
	SysID           string
	To, Cc, Bcc     []string
	Subject         string
	Text, HTML      string
	Table, RecordID string // what it is about; empty when it names no record
	Type, State     string // send-ready, ready
	By              string // user_name
	At              string // UTC
}

// Emails is the outbox, oldest first.
func (in *Instance) Emails() []Email {
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	var out []Email
	for _, s := range in.store.tables.rows["sys_email"].slots {
		out = append(out, asEmail(s.rec))
	}
	return out
}

func asEmail(r *record) Email {
	list := func(field string) []string {
		if v := r.get(field); v != "" {
			return strings.Split(v, ",")
		}
		return []string{}
	}
	return Email{SysID: r.id(), To: list("recipients"), Cc: list("copied"), Bcc: list("blind_copied"), Subject: r.get("subject"),
		Text: r.get("body_text"), HTML: r.get("body"), Table: r.get("target_table"), RecordID: r.get("instance"),
		Type: r.get("type"), State: r.get("state"), By: r.vals[colCreatedBy], At: r.vals[colCreatedOn]}
}

// outboxPage lists the newest mails; only administrators may read sys_email.
func (in *Instance) outboxPage(v visit) {
	type row struct{ At, To, Subject, State, By, Record, Link string }
	rows := []row{}
	if v.who.canReadAll(schema["sys_email"]) {
		mails := in.Emails()
		in.store.mu.RLock()
		view := viewer{in.store, v.who.zone}
		for i := len(mails) - 1; i >= 0 && len(rows) < maxOptions; i-- {
			m := mails[i]
			r := row{At: localTime(m.At, v.who.zone), To: strings.Join(m.To, ", "), Subject: m.Subject, State: m.State,
				By: view.personName(m.By), Record: view.nameOf(schema[m.Table], m.RecordID)}
			if t := schema[m.Table]; t != nil && t.is("task") {
				r.Link = "/tickets/" + m.Table + "/" + m.RecordID
			}
			rows = append(rows, r)
		}
		in.store.mu.RUnlock()
	}
	in.show(v, "outbox.html", map[string]any{"Rows": rows, "Admin": v.who.has()})
}
