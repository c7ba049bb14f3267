package vault

import (
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"

	"github.com/neoagent/neo"
)

// redacted is what everybody sees of a Secret.
const redacted = "[redacted]"

// Secret is a text that does not show itself: not when it is printed with any verb,
// logged, or marshalled, and it refuses to be a value in SQL before it is sealed.
// Only Reveal gives it out.
//
// Two places cannot be helped: fmt does not ask an unexported field of a struct to
// redact itself, nor encoding/json the key of a map. Keep a Secret in neither.
type Secret string

// Reveal returns the secret. Hand it to what needs it, and to nothing else.
func (s Secret) Reveal() string { return string(s) }

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }

// Value implements driver.Valuer, to refuse.
func (Secret) Value() (driver.Value, error) {
	return nil, neo.Errorf(neo.CodeInternal, "A secret was to be stored without being sealed.")
}
