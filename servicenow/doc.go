// Package servicenow connects Neo Agent to ServiceNow instances: the consent of
// an account (connect.go, oauth.go), what is planted in the instance so that
// changes are reported (provision.go, businessrule.js), the reports themselves
// (webhook.go, signature.go), and reading and writing tickets over the Table API
// (tickets.go; the other methods of Tickets are in a file per subject, from create.go to
// time_entry.go). A Watcher looks after what is connected: it sweeps for what was not
// reported (sweep.go), reads older tickets (backfill.go), and looks whether what is
// planted is still there (inspect.go).
//
// Two rules hold everywhere in it:
//
//   - An answer counts only when it is what the Table API answers: 2xx, JSON, whole,
//     with a "result". Anything else means that the instance is unavailable (hibernating,
//     under maintenance, behind a login page), and never that it refused, that a
//     record does not exist, or that there are no rows.
//   - A secret is never part of an error, a message or a log line.
//
// Facts about the platform are from ServiceNow's public documentation and from
// captures of live instances; where the sources are unsure the code says so.
package servicenow
