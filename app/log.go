package app

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// NewLog returns the log of a process: text for people, JSON for collectors.
// Secrets that reach it by mistake are taken out.
func NewLog(w io.Writer, level slog.Level, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if json {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// setupLinkKey is the one attribute that shows a secret on purpose: the one-time
// link that creates the first administrator.
const setupLinkKey = "setup_link"

var (
	secretKeys = []string{"secret", "token", "password", "authorization", "cookie", "verifier", "api_key"}
	// secretParts finds secrets inside addresses and JSON that end up in a text.
	secretParts = regexp.MustCompile(`(?i)(neo_sk_|(?:[?&](?:key|code|state|token|access_token|refresh_token|client_secret)=)|(?:"(?:access_token|refresh_token|client_secret|password)"\s*:\s*")|(?:Bearer\s+))[^&\s"]+`)
)

func redact(_ []string, a slog.Attr) slog.Attr {
	if a.Key == setupLinkKey {
		return a
	}
	key := strings.ToLower(a.Key)
	for _, s := range secretKeys {
		if strings.Contains(key, s) {
			return slog.String(a.Key, "[redacted]")
		}
	}
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, secretParts.ReplaceAllString(v, "${1}[redacted]"))
	case error:
		return slog.String(a.Key, secretParts.ReplaceAllString(v.Error(), "${1}[redacted]"))
	default:
		if a.Value.Kind() != slog.KindAny {
			return a
		}
		// Headers, addresses and the like: only one that holds a secret becomes a text.
		if text := fmt.Sprintf("%+v", v); secretParts.MatchString(text) {
			return slog.String(a.Key, secretParts.ReplaceAllString(text, "${1}[redacted]"))
		}
	}
	return a
}
