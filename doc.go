// Package neo is the domain of Neo Agent: tickets and their changes, the events
// that report them, the workflows that answer them, and the runs that carry the
// answers out.
//
// It imports the standard library only. Every other package depends on it and
// none on each other; see docs/ARCHITECTURE.md.
package neo
