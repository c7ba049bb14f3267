package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

// TestJSON checks that what is written by hand is read as what encoding/json
// would have written.
func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00\x1f\x7f", "a\"b\\c\n\r\t", "\u2028<&>", "\xff\xc3(", "é😀"}))
		value := rapid.Custom(func(t *rapid.T) neo.Value {
			return neo.Value{Value: text.Draw(t, "value"), Display: text.Draw(t, "display")}
		})
		change := rapid.Custom(func(t *rapid.T) neo.FieldChange {
			return neo.FieldChange{Field: text.Draw(t, "field"), From: value.Draw(t, "from"), To: value.Draw(t, "to")}
		})
		entry := rapid.Custom(func(t *rapid.T) neo.JournalEntry {
			return neo.JournalEntry{ID: text.Draw(t, "id"), Element: text.Draw(t, "element"), Text: text.Draw(t, "text"), Author: text.Draw(t, "author"),
				Technician: rapid.Bool().Draw(t, "technician")}
		})
		d := neo.EventData{
			Changes:    rapid.SliceOfN(change, 0, 3).Draw(t, "changes"),
			Journal:    rapid.SliceOfN(entry, 0, 3).Draw(t, "journal"),
			PreviousBy: text.Draw(t, "previous_by"),
			Kinds:      rapid.SliceOfN(rapid.SampledFrom(neo.ChangeTypes), 0, 3).Draw(t, "kinds"),
			Fields:     rapid.MapOfN(rapid.StringMatching(`[a-z_"\\]*`), value, 0, 5).Draw(t, "fields"),
		}
		if rapid.Bool().Draw(t, "previous") {
			d.PreviousAt = time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
		}
		standard, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := appendEventData(nil, &d)
		if err != nil {
			t.Fatal(err)
		}
		var want, got neo.EventData
		if err := json.Unmarshal(standard, &want); err != nil {
			t.Fatal(err)
		}
		if err := dataTo(&got).Scan(string(ours)); err != nil {
			t.Fatalf("%v in %s", err, ours)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		// PostgreSQL may hand over bytes, which encoding/json reads.
		var other neo.EventData
		if err := dataTo(&other).Scan(ours); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(other, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

// What is not whole, or not as it is written here, is left to encoding/json.
func TestDataReaderKnowsItsLimits(t *testing.T) {
	const whole = `{"changes":[{"field":"a","from":"1","to":["2","Two"]}],"journal":[{"element":"comments","text":"x\ny"}],"kinds":["CLOSED"],"fields":{"a":"2"}}`
	if _, ok := readEventData(whole); !ok {
		t.Fatal("the usual data is not read")
	}
	for n := range len(whole) {
		if _, ok := readEventData(whole[:n]); ok {
			t.Errorf("%s is read as if it was whole", whole[:n])
		}
	}
	for _, other := range []string{
		"", "null", "[]", whole + " ", `{"fields": {}}`, `{"fields":{"a":1}}`, `{"fields":{"a":["1"]}}`, `{"other":"x"}`, `{"fields":{"a":"\u00e9"}}`, `{"fields":{"a":"\x"}}`,
	} {
		if d, ok := readEventData(other); ok {
			t.Errorf("%s is read as %+v", other, d)
		}
	}
}

func BenchmarkReadEventData(b *testing.B) {
	d := neo.EventData{Changes: []neo.FieldChange{{Field: "state", From: neo.Value{Value: "1"}, To: neo.Value{Value: "2", Display: "Two"}}}, Fields: map[string]neo.Value{}}
	for n := range 40 {
		d.Fields[fmt.Sprintf("u_field_%d", n)] = neo.Value{Value: fmt.Sprintf("%032x", n), Display: "A \"name\""}
	}
	text, err := appendEventData(nil, &d)
	if err != nil {
		b.Fatal(err)
	}
	for name, src := range map[string]any{"by hand": string(text), "encoding/json": text} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := dataTo(new(neo.EventData)).Scan(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
