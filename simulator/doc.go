// Package simulator is a ServiceNow instance on a port of its own: OAuth consent, the Table API, business rules that
// really run and really send, journals, roles, and a small UI. Nothing in it is a mock of Neo's expectations; it follows
// what is known of the real platform (see the fact sheet's fidelity list), traps included.
//
// How it is laid out:
//
//	schema*.go    the tables as data; a new table is one more tableDef
//	records.go    rows in memory, immutable once committed; store.go adds the lock, counters and history
//	write*.go     the one path every insert, update and delete takes, whoever asks for it
//	query_*.go    encoded queries: parse, match, order
//	api_*.go      one file per API
//	oauth_*.go    one file per endpoint
//	rules*.go     business rules; script_*.go is what their scripts can see
//	es5.go        what scripts may not use, as the platform's engine is ES5
//	updateset.go  update sets from XML; script_background.go is Scripts - Background
//	outbox.go     the mails of the Email API
//	outbound.go   the HTTP that executeAsync sends
//	faults*.go    what goes wrong, and the switches for it
//	admin.go      what administrators do: update sets, background scripts
//	approvals.go  what follows from a write in other records: approvals, time worked
//	ui_*.go       one file per page
//	seed_*.go     the people, groups and things a fresh instance has
//
// Lock rule: store.mu guards the tables. It is never held while a script runs or HTTP leaves, and never taken twice by
// one goroutine. Committed records are never changed in place, so a *record may be read after the lock is released.
package simulator
