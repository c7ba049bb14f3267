package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/neoagent/neo"
)

// Files of the data directory. What they hold is the business of store and vault.
const (
	lockFile     = "neo.lock"
	databaseFile = "neo.db"
	keyFile      = "neo.key"
)

// makeDataDir makes the data directory, or checks that the one there is can be
// written to, and by nobody whom its owner does not trust: who can write there can
// replace the database and the key.
func makeDataDir(dir string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return neo.Errorf(neo.CodeInvalid, "The data directory %s cannot be made: %w. Choose another with --data-dir or NEO_DATA_DIR.", dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "The data directory %s cannot be read: %w. Choose another with --data-dir or NEO_DATA_DIR.", dir, err)
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o002 != 0:
		return neo.Errorf(neo.CodeInvalid, "Every user of this machine may write to the data directory %s (mode %04o), and so replace the database and the key. "+
			"Run: chmod 700 %[1]s – or choose another with --data-dir or NEO_DATA_DIR.", dir, mode)
	case mode&0o020 != 0: // usual for volumes that are mounted for a group
		log.Warn("the group of the data directory may write to it, and so replace the database and the key", "dir", dir, "mode", fmt.Sprintf("%04o", mode))
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "The data directory %s is not writable: %w. Give this user the right to write there, or choose another with --data-dir or NEO_DATA_DIR.", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// checkFound refuses a data directory in which Neo has run and that has lost its
// database: to begin as new would hide the loss. It has to be asked before the
// directory is locked. withKeyFile: the key is in the directory, too.
func checkFound(dir string, withKeyFile bool, log *slog.Logger) error {
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	if has(databaseFile) {
		return nil
	}
	switch locked, key := has(lockFile), withKeyFile && has(keyFile); {
	case locked && key: // the key file is made after the database
		return neo.Errorf(neo.CodeConflict, "Neo has run on the data directory %s, but its database %s is missing. Restore it from your backup, or mount the volume that holds it. "+
			"To begin as new, delete %s and %s as well.", dir, databaseFile, keyFile, lockFile)
	case locked || key:
		log.Warn("there is no database in the data directory, though it has been used: Neo begins as new. Stop it and restore the database if there was one", "dir", dir)
	}
	return nil
}

// LockDataDir takes the directory for this process alone until what it returns is
// closed or the process ends, however it ends.
func LockDataDir(dir string) (io.Closer, error) {
	path := filepath.Join(dir, lockFile)
	// A link would have the file that it leads to overwritten.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, notALock(path)
	}
	if err != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "The data directory %s cannot be locked: %w. Check who owns %s.", dir, err, path)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, notALock(path)
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
	if _, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func notALock(path string) error {
	return neo.Errorf(neo.CodeInvalid, "%s is not a file of its own but a link or something else. Neo does not write through it: delete it and start again.", path)
}

// keyMissing reports whether there is no key file in the directory.
func keyMissing(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, keyFile))
	return errors.Is(err, fs.ErrNotExist)
}
