package neo_test

import (
	"encoding/json"
	"testing"

	"github.com/neoagent/neo"
)

func TestNamesEndpoint(t *testing.T) {
	send := func(kind neo.ActionType, config string) neo.ActionSpec {
		return neo.ActionSpec{Type: kind, Config: json.RawMessage(config)}
	}
	for name, c := range map[string]struct {
		actions []neo.ActionSpec
		want    bool
	}{
		"no action":        {nil, false},
		"this one":         {[]neo.ActionSpec{send(neo.ActionAddWorkNote, `{"text":"x"}`), send(neo.ActionSendMessage, `{"endpoint":"Operations","text":"x"}`)}, true},
		"another one":      {[]neo.ActionSpec{send(neo.ActionSendMessage, `{"endpoint":"operations"}`)}, false},
		"in another place": {[]neo.ActionSpec{send(neo.ActionSendMessage, `{"text":"Operations"}`)}, false},
		"another action":   {[]neo.ActionSpec{send(neo.ActionAddWorkNote, `{"endpoint":"Operations"}`)}, false},
		"unreadable":       {[]neo.ActionSpec{send(neo.ActionSendMessage, `{"endpoint":7}`), send(neo.ActionSendMessage, ``)}, false},
	} {
		d := neo.Definition{Actions: c.actions}
		if got := d.NamesEndpoint("Operations"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
