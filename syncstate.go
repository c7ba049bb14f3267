package neo

import "slices"

// SyncState is how a connection to a ticket system stands.
type SyncState string

const (
	// StateConnecting: consent was given; Neo is checking it and planting.
	StateConnecting SyncState = "CONNECTING"
	// StateReady: connected, planted, receiving. The name is fixed: outsiders use it.
	StateReady SyncState = "READY_TO_SYNC"
	// StateSetup: connected, but an administrator of the instance must plant what
	// Neo's account may not. Until then changes are found by the sweep alone.
	StateSetup SyncState = "SETUP_REQUIRED"
	// StateFailed: consent was given, but identity, access or planting failed; Message says why.
	StateFailed SyncState = "FAILED"
	// StateReconnect: the instance refuses the refresh token; somebody must consent again.
	StateReconnect SyncState = "RECONNECT_REQUIRED"
	// StateDisconnected: somebody disconnected it. Its history stays; its secrets are gone.
	StateDisconnected SyncState = "DISCONNECTED"
)

// transitions are all changes of state that there are; "" is before the first
// consent. docs/integrations.md has the picture.
var transitions = map[SyncState][]SyncState{
	"":                {StateConnecting},
	StateConnecting:   {StateReady, StateSetup, StateFailed, StateReconnect, StateDisconnected},
	StateReady:        {StateReady, StateSetup, StateReconnect, StateDisconnected},
	StateSetup:        {StateConnecting, StateReady, StateSetup, StateReconnect, StateDisconnected},
	StateFailed:       {StateConnecting, StateReady, StateSetup, StateReconnect, StateDisconnected},
	StateReconnect:    {StateConnecting, StateDisconnected},
	StateDisconnected: {StateConnecting},
}

// CanBecome reports whether a connection in state s may go over to next.
func (s SyncState) CanBecome(next SyncState) bool {
	return slices.Contains(transitions[s], next)
}

// Watched reports whether Neo looks after a connection in this state: sweeps it,
// checks it, and lets runs use it.
func (s SyncState) Watched() bool { return s == StateReady || s == StateSetup }
