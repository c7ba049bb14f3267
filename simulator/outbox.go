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
	return Email{SysID: r.id(), To: addresses(r.get("recipients")), Cc: addresses(r.get("copied")), Bcc: addresses(r.get("blind_copied")), Subject: r.get("subject"),
		Text: r.get("body_text"), HTML: r.get("body"), Table: r.get("target_table"), RecordID: r.get("instance"),
		Type: r.get("type"), State: r.get("state"), By: r.vals[colCreatedBy], At: r.vals[colCreatedOn]}
}

// addresses takes a stored list apart; a comma inside a quoted name does not count.
func addresses(stored string) []string {
	out, quoted := []string{}, false
	for part := range strings.SplitSeq(stored, ",") {
		if quoted {
			out[len(out)-1] += "," + part
		} else if part != "" {
			out = append(out, part)
		}
		quoted = quoted != (strings.Count(part, `"`)%2 == 1)
	}
	return out
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
