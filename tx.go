package neo

// Tx is an open transaction of the store. Code outside store and queue only
// hands it on, so that what it joins is written together or not at all.
type Tx interface {
	// OnCommit registers f to be called once, after the transaction has committed.
	// It is not called when the transaction is rolled back.
	OnCommit(f func())
	// Native returns the driver's transaction: *sql.Tx or pgx.Tx.
	Native() any
}
