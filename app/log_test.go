package app_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/neoagent/neo/app"
)

func TestSecretsDoNotReachTheLog(t *testing.T) {
	const secret = "Zx9qN2Zx9qN2"
	link, err := url.Parse("https://neo.example.com/oauth?code=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		attr slog.Attr
		want string // what is left
	}{
		{"an API key in a text", slog.String("said", "wrong key neo_sk_prod_"+secret+" given"), "wrong key neo_sk_[redacted] given"},
		{"an API key in an error", slog.Any("err", errors.New("refused: neo_sk_prod_"+secret)), "neo_sk_[redacted]"},
		{"a header", slog.Any("header", http.Header{"Authorization": {"Bearer neo_sk_prod_" + secret}}), "Bearer [redacted]"},
		{"an attribute for a key", slog.String("neo_api_key", secret), "[redacted]"},
		{"an address", slog.Any("link", link), "code=[redacted]"},
		{"JSON", slog.String("body", `{"access_token":"`+secret+`"}`), `[redacted]`},
	} {
		for _, asJSON := range []bool{false, true} {
			var l strings.Builder
			app.NewLog(&l, slog.LevelDebug, asJSON).Info("something", c.attr)
			if strings.Contains(l.String(), secret) || !strings.Contains(l.String(), c.want) {
				t.Errorf("%s is logged as %s", c.name, l.String())
			}
		}
		var l strings.Builder
		app.NewLog(&l, slog.LevelDebug, false).Info("Bearer neo_sk_prod_" + secret)
		if strings.Contains(l.String(), secret) {
			t.Errorf("a message is logged as %s", l.String())
		}
	}
}
