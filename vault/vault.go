// Package vault seals secrets before they reach a row, and opens them again. It is
// the only importer of gocloud.dev/secrets.
package vault

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"gocloud.dev/secrets"
	"gocloud.dev/secrets/localsecrets"

	"github.com/neoagent/neo"
)

// Config says where the key is.
type Config struct {
	URL     string // NEO_VAULT_URL; "" for the key file in DataDir
	DataDir string // NEO_DATA_DIR
}

// keyScheme is followed by 32 bytes in base64: the key itself, for several replicas
// that share one and get it from their environment.
const keyScheme = "base64key://"

// Vault seals and opens secrets with one key. It is safe for concurrent use.
type Vault struct {
	keeper *secrets.Keeper
	where  string // the key, in words that a person can act on
}

// Open returns the vault with the key that config names. Without a URL the key is
// the file neo.key in the data directory, which is created when it is not there.
func Open(_ context.Context, config Config) (*Vault, error) {
	if config.URL == "" {
		path, key, err := openKeyFile(config.DataDir)
		if err != nil {
			return nil, err
		}
		return &Vault{keeper: localsecrets.NewKeeper(key), where: "the key file " + path}, nil
	}
	encoded, ok := strings.CutPrefix(config.URL, keyScheme)
	if !ok {
		// The scheme alone: what follows it may be a secret.
		scheme, _, found := strings.Cut(config.URL, "://")
		if !found || !isScheme(scheme) {
			scheme = "something that is no URL"
		}
		return nil, neo.Errorf(neo.CodeInvalid, "NEO_VAULT_URL begins with %s, which Neo cannot use. Supported are: nothing, for a key file in the data directory; and %s followed by 32 random bytes in base64, for replicas that share one key.", scheme, keyScheme)
	}
	key, ok := decodeKey(encoded)
	if !ok {
		return nil, neo.Errorf(neo.CodeInvalid, "NEO_VAULT_URL does not hold 32 bytes in base64 after %s. Make a key with: openssl rand -base64 32", keyScheme)
	}
	return &Vault{keeper: localsecrets.NewKeeper(key), where: "the key in NEO_VAULT_URL"}, nil
}

// isScheme reports whether s is the scheme of a URL, and so short that it is hardly
// a key that was put in the wrong place.
func isScheme(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

// decodeKey takes the 32 bytes in either alphabet of base64, padded or not.
func decodeKey(s string) (key [32]byte, ok bool) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(key) {
		return key, false
	}
	return [32]byte(b), true
}

// sealedV1 is the first byte of everything sealed, so that another form can follow.
const sealedV1 = 1

// Seal encrypts plain so that only this key opens it, and only for the same
// purpose: a name for where the secret lives, such as "integration/<id>/tokens". A
// sealed value that is copied to another row or column does not open there.
func (v *Vault) Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error) {
	if purpose == "" {
		return nil, neo.Errorf(neo.CodeInternal, "A secret was to be sealed for no purpose.")
	}
	// The keepers authenticate what they encrypt but take no additional data, so the
	// purpose is encrypted with it: length, purpose, secret.
	bound := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64+len(purpose)+len(plain)), uint64(len(purpose)))
	bound = append(append(bound, purpose...), plain...)
	box, err := v.keeper.Encrypt(ctx, bound)
	if err != nil {
		return nil, &neo.Error{Code: neo.CodeUnavailable, Message: "A secret could not be sealed with " + v.where + ". Check that it is reachable, and try again.", Cause: err}
	}
	return append([]byte{sealedV1}, box...), nil
}

// Open returns what was sealed for this purpose.
func (v *Vault) Open(ctx context.Context, sealed []byte, purpose string) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, neo.Errorf(neo.CodeInternal, "There is no secret to open. Enter it again.")
	}
	if sealed[0] != sealedV1 {
		return nil, neo.Errorf(neo.CodeInternal, "A secret was sealed in a way that this version of Neo does not know. Use the version that wrote it, or enter the secret again.")
	}
	bound, err := v.keeper.Decrypt(ctx, sealed[1:])
	if err != nil {
		return nil, &neo.Error{Code: neo.CodeInternal, Message: "A secret does not open with " + v.where + ": it was sealed with another key, or it is damaged. Restore the key that belongs to this database, or enter the secret again.", Cause: err}
	}
	length, n := binary.Uvarint(bound)
	if n <= 0 || length > uint64(len(bound)-n) {
		return nil, neo.Errorf(neo.CodeInternal, "A secret is damaged. Enter it again.")
	}
	bound = bound[n:]
	if subtle.ConstantTimeCompare(bound[:length], []byte(purpose)) != 1 {
		return nil, neo.Errorf(neo.CodeInternal, "A secret was sealed for another place than the one where it was found, and was not opened. Enter it again.")
	}
	return bound[length:], nil
}

// Close ends the use of the key.
func (v *Vault) Close() error { return v.keeper.Close() }

// Meta is where a database keeps single values about itself.
type Meta interface {
	Meta(ctx context.Context, key string) (value []byte, ok bool, err error)
	SetMeta(ctx context.Context, key string, value []byte) error
}

const (
	checkKey  = "vault_check"
	checkText = "neo"
)

// InUse reports whether a key has been used with a database.
func InUse(ctx context.Context, meta Meta) (bool, error) {
	_, ok, err := meta.Meta(ctx, checkKey)
	return ok, err
}

// Verify makes sure, at start, that this key opens what the database holds. The
// first start leaves a sealed text in the database; each later one opens it.
func (v *Vault) Verify(ctx context.Context, meta Meta) error {
	sealed, ok, err := meta.Meta(ctx, checkKey)
	if err != nil {
		return err
	}
	if !ok {
		if sealed, err = v.Seal(ctx, []byte(checkText), checkKey); err != nil {
			return err
		}
		if err := meta.SetMeta(ctx, checkKey, sealed); err != nil {
			return err
		}
		// Two replicas may start for the first time together, with different keys:
		// what the database holds now decides.
		if sealed, _, err = meta.Meta(ctx, checkKey); err != nil {
			return err
		}
	}
	text, err := v.Open(ctx, sealed, checkKey)
	if err == nil && string(text) == checkText {
		return nil
	}
	if neo.CodeOf(err) == neo.CodeUnavailable {
		return err
	}
	return &neo.Error{
		Code: neo.CodeInvalid,
		Message: "The secrets in this database were sealed with another key than " + v.where + ". Restore the key that belongs to this database from your backup, " +
			"or point NEO_DATA_DIR and NEO_DATABASE_URL at the two that belong together. Neo does not start with the wrong key, because it could not open a single credential.",
		Cause: err,
	}
}
