package store

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// sqliteFile returns where the database of a data directory is.
func sqliteFile(dir string) (string, error) { return filepath.Abs(filepath.Join(dir, "neo.db")) }

// makePrivate makes the database file readable by its owner only, before there is
// anything in it. SQLite gives the files beside it, which hold the same data, the
// mode of this one; those of an earlier start are changed as well.
func makePrivate(file string, log *slog.Logger) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(name, 0o600); err != nil {
			return err
		}
		log.Warn("other users of this machine could read the database; now its owner alone can", "file", name, "mode", info.Mode().Perm().String())
	}
	return nil
}
