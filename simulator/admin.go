package simulator

import "context"

// UpdateQuietly changes a record as a script does after setWorkflow(false): no business rule runs, so that nobody is
// told of it.
func (in *Instance) UpdateQuietly(table, sysID string, values map[string]string) error {
	w, err := in.request(opUpdate, "system", table, sysID, values)
	if err == nil {
		w.quiet = true
		_, err = in.write(context.Background(), w)
	}
	return err
}
