package vault

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretShowsNothing(t *testing.T) {
	const hidden = "hunter2"
	s := Secret(hidden)
	holder := struct {
		Name   string
		Secret Secret
		Many   []Secret
		By     map[string]Secret
		Any    any
		Ptr    *Secret
	}{"x", s, []Secret{s}, map[string]Secret{"k": s}, s, &s}

	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%z", "%20s"} {
		shown["fmt "+verb] = fmt.Sprintf(verb, s)
		shown["fmt in a struct "+verb] = fmt.Sprintf(verb, holder)
	}
	shown["concatenated"] = fmt.Sprint("secret: ", s)
	shown["error"] = fmt.Errorf("cannot use %v", s).Error()
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown["json"] = string(encoded)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "holder", holder, slog.Group("g", "s", s))
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "holder", holder)
	shown["slog"] = log.String()
	for how, text := range shown {
		for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden)} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows the secret: %s", how, text)
			}
		}
	}
	if _, err := driver.DefaultParameterConverter.ConvertValue(s); err == nil {
		t.Error("SQL took a secret that is not sealed")
	}
	if s.Reveal() != hidden {
		t.Error("Reveal does not give the secret")
	}
	var back Secret
	if err := json.Unmarshal([]byte(`"`+hidden+`"`), &back); err != nil || back.Reveal() != hidden {
		t.Error("a secret cannot be read from JSON")
	}
}
