package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/neoagent/neo"
)

// makeDataDir makes the data directory and checks that it can be written to.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return neo.Errorf(neo.CodeInvalid, "The data directory %s cannot be made: %w. Choose another with --data-dir or NEO_DATA_DIR.", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "The data directory %s is not writable: %w. Give this user the right to write there, or choose another with --data-dir or NEO_DATA_DIR.", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// lockDataDir takes the directory for this process alone until the file is closed
// or the process ends, however it ends.
func lockDataDir(dir string) (io.Closer, error) {
	path := filepath.Join(dir, "neo.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "The data directory %s cannot be locked: %w.", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := io.ReadAll(io.LimitReader(f, 20))
		_ = f.Close()
		return nil, neo.Errorf(neo.CodeConflict,
			"Another Neo (process %s) is running on the data directory %s. Stop it first, or give this one a directory of its own with --data-dir.",
			strings.TrimSpace(string(owner)), dir)
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
