package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/neoagent/neo"
)

// keyFile is the name of the key file in the data directory: 32 random bytes in
// base64 and a line feed, readable by its owner only.
const keyFile = "neo.key"

// openKeyFile reads the key file in dir, creating both when they are not there.
func openKeyFile(dir string) (path string, key [32]byte, err error) {
	if dir == "" {
		return "", key, neo.Errorf(neo.CodeInvalid, "There is no data directory for the key file. Set NEO_DATA_DIR, or NEO_VAULT_URL.")
	}
	path = filepath.Join(dir, keyFile)
	key, err = readKeyFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return path, key, err
	}
	if err := createKeyFile(dir, path); err != nil {
		return path, key, &neo.Error{Code: neo.CodeInvalid, Message: "The key file " + path + " cannot be created. Make the data directory writable for the user that Neo runs as.", Cause: err}
	}
	// Read back, also when another process was first: there is one key, and what is
	// used is what a later start will find.
	key, err = readKeyFile(path)
	return path, key, err
}

func readKeyFile(path string) (key [32]byte, err error) {
	unreadable := func(err error) error {
		return &neo.Error{Code: neo.CodeInvalid, Message: "The key file " + path + " cannot be read. Make it readable for the user that Neo runs as.", Cause: err}
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err != nil {
		return key, unreadable(err)
	}
	defer f.Close()
	info, err := f.Stat() // of what is open, not of what the name means by now
	if err != nil {
		return key, unreadable(err)
	}
	if !info.Mode().IsRegular() {
		return key, neo.Errorf(neo.CodeInvalid, "%s is not a file. Neo keeps its key there: move it away, and restore the key file if there was one.", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return key, neo.Errorf(neo.CodeInvalid, "The key file %s lets other users read it (mode %04o). Run: chmod 600 %s – and consider who could have read it.", path, info.Mode().Perm(), path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return key, unreadable(err)
	}
	if len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	if len(text) == 0 {
		return key, neo.Errorf(neo.CodeInvalid, "The key file %s is empty. Restore it from your backup. Only if this installation holds no credentials yet, delete it and start again.", path)
	}
	key, ok := decodeKey(string(text))
	if !ok {
		return key, neo.Errorf(neo.CodeInvalid, "The key file %s is damaged: it does not hold 32 bytes in base64. Restore it from your backup. Only if this installation holds no credentials yet, delete it and start again.", path)
	}
	return key, nil
}

// link is os.Link, which a file system may lack.
var link = os.Link

// createKeyFile makes a new key, unless there is one when it is ready. After it
// returns, the file is complete and survives power loss: it is written and synced
// under another name, and linked (not renamed, which would replace the key of a
// process that was faster).
func createKeyFile(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails: crypto/rand ends the process instead
	text := append(base64.StdEncoding.AppendEncode(nil, key[:]), '\n')

	tmp, err := os.CreateTemp(dir, keyFile+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := writeAndClose(tmp, text); err != nil {
		return err
	}
	err = link(tmp.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without links, such as SMB. A process that reads the file in
		// this very moment may find it empty, and is told so.
		f, openErr := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if openErr == nil {
			openErr = writeAndClose(f, text)
		}
		err = openErr
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func writeAndClose(f *os.File, text []byte) error {
	_, err := f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // a directory cannot be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
