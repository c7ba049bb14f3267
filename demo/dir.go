package demo

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
)

// marker is the file by which a demo knows a directory of its own. Without it nothing
// is written to a directory that holds anything, and nothing deleted.
const (
	marker     = "neo-demo"
	markerText = "neo demo made this directory. It may delete what is in it, and its administrator has a published password.\n"
)

// takeDir makes the directory, or takes one that an earlier demo made, for this
// process alone. fresh deletes what the earlier one left.
func takeDir(dir string, fresh bool) (io.Closer, error) {
	if err := mark(dir); err != nil {
		return nil, err
	}
	lock, err := app.LockDataDir(dir) // before anything is deleted: another demo may be running
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := forget(dir); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	return lock, nil
}

// mark makes the directory and its marker, unless they are there. One that holds
// other things and no marker is refused.
func mark(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return neo.Errorf(neo.CodeInvalid, "The demo's directory %s cannot be made: %w. Choose another with --data-dir.", dir, err)
	}
	path := filepath.Join(dir, marker)
	if marked(path) {
		return nil
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "The demo's directory %s cannot be read: %w. Choose another with --data-dir.", dir, err)
	}
	if len(found) > 0 && !marked(path) { // another demo may have been faster
		return neo.Errorf(neo.CodeConflict, "%s holds files that no demo has made (%s), so the demo does not use it, nor delete anything there. "+
			"Choose an empty directory with --data-dir.", dir, found[0].Name())
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) && marked(path) {
		return nil
	}
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "The demo cannot write to its directory %s: %w. Choose another with --data-dir.", dir, err)
	}
	_, err = f.WriteString(markerText)
	return errors.Join(err, f.Close())
}

// marked reports whether there is a marker, and it is no link to one.
func marked(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// forget deletes what a demo made, and nothing else.
func forget(dir string) error {
	for _, name := range []string{"neo.db", "neo.db-wal", "neo.db-shm", "neo.key", "simulator.json", "replay.json"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return neo.Errorf(neo.CodeInvalid, "--fresh could not delete %s: %w.", filepath.Join(dir, name), err)
		}
	}
	return nil
}

// loopbackOnly refuses addresses that others can reach: the passwords are published.
func loopbackOnly(address, flag string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "%s %q is not an address such as 127.0.0.1:8420.", flag, address)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return neo.Errorf(neo.CodeInvalid, "%s %s can be reached by others, and the demo's passwords are published. Use an address of this machine alone, such as 127.0.0.1:8420. "+
		"To show Neo to others, run neo serve and neo simulator.", flag, address)
}
