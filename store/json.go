package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/neoagent/neo"
)

// jsonText is how a value is stored as JSON: a string, so that SQLite keeps TEXT.
// < and & stay as they are: it is not for a page, and a workflow's own JSON is kept.
func jsonText(v any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// jsonTo reads a column of JSON into v, a pointer.
func jsonTo(v any) *jsonScanner { return &jsonScanner{v} }

type jsonScanner struct{ v any }

func (s *jsonScanner) Scan(src any) error {
	switch src := src.(type) {
	case string:
		return json.Unmarshal([]byte(src), s.v)
	case []byte:
		return json.Unmarshal(src, s.v)
	}
	return fmt.Errorf("JSON is stored as %T", src)
}

// The rest writes what every delivery holds, in a fifth of the time that
// encoding/json takes. A value is a string when it is shown as it is stored, else
// [stored, shown]: a record has some forty of them, and the keys "value" and
// "display" would be a third of its text. dataTo reads it back.

// appendFields appends the JSON of a record's fields, in no order.
func appendFields(b []byte, fields map[string]neo.Value) []byte {
	if fields == nil {
		return append(b, "null"...)
	}
	b = append(b, '{')
	first := true
	for name, value := range fields {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, name), ':')
		b = appendValue(b, value)
	}
	return append(b, '}')
}

func appendEventData(b []byte, d *neo.EventData) ([]byte, error) {
	b = append(b, '{')
	if len(d.Changes) > 0 {
		b = append(b, `"changes":[`...)
		for i, c := range d.Changes {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(append(b, `{"field":`...), c.Field)
			b = appendValue(append(b, `,"from":`...), c.From)
			b = appendValue(append(b, `,"to":`...), c.To)
			b = append(b, '}')
		}
		b = append(b, `],`...)
	}
	if len(d.Journal) > 0 {
		journal, err := jsonText(d.Journal)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, `"journal":`...), journal...), ',')
	}
	if len(d.Told) > 0 {
		told, err := jsonText(d.Told)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, `"told":`...), told...), ',')
	}
	if len(d.Kinds) > 0 {
		b = append(b, `"kinds":[`...)
		for i, k := range d.Kinds {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, string(k))
		}
		b = append(b, `],`...)
	}
	if d.First != 0 {
		b = append(strconv.AppendInt(append(b, `"first":"`...), d.First, 10), `",`...)
	}
	if !d.PreviousAt.IsZero() {
		b = append(d.PreviousAt.UTC().AppendFormat(append(b, `"previous_at":"`...), time.RFC3339Nano), `",`...)
	}
	if d.PreviousBy != "" {
		b = append(appendString(append(b, `"previous_by":`...), d.PreviousBy), ',')
	}
	return append(appendFields(append(b, `"fields":`...), d.Fields), '}'), nil
}

func appendValue(b []byte, v neo.Value) []byte {
	if v.Display == "" {
		return appendString(b, v.Value)
	}
	b = appendString(append(b, '['), v.Value)
	b = appendString(append(b, ','), v.Display)
	return append(b, ']')
}

// dataTo reads a column written by appendEventData.
func dataTo(d *neo.EventData) *dataScanner { return &dataScanner{d} }

type dataScanner struct{ d *neo.EventData }

func (s *dataScanner) Scan(src any) error {
	if text, ok := src.(string); ok {
		if d, ok := readEventData(text); ok {
			*s.d = d
			return nil
		}
	}
	var stored struct {
		Changes []struct {
			Field    string
			From, To storedValue
		}
		Journal    []neo.JournalEntry
		Told       []neo.JournalEntry
		First      int64 `json:",string"`
		Kinds      []neo.ChangeType
		PreviousAt time.Time `json:"previous_at"`
		PreviousBy string    `json:"previous_by"`
		Fields     map[string]storedValue
	}
	if err := jsonTo(&stored).Scan(src); err != nil {
		return err
	}
	*s.d = neo.EventData{Journal: stored.Journal, Told: stored.Told, First: stored.First, Kinds: stored.Kinds, PreviousAt: stored.PreviousAt, PreviousBy: stored.PreviousBy}
	for _, c := range stored.Changes {
		s.d.Changes = append(s.d.Changes, neo.FieldChange{Field: c.Field, From: neo.Value(c.From), To: neo.Value(c.To)})
	}
	if stored.Fields != nil {
		s.d.Fields = make(map[string]neo.Value, len(stored.Fields))
	}
	for name, v := range stored.Fields {
		s.d.Fields[name] = neo.Value(v)
	}
	return nil
}

// storedValue is a neo.Value in its short form.
type storedValue neo.Value

func (v *storedValue) UnmarshalJSON(text []byte) error {
	if len(text) == 0 || text[0] != '[' {
		return json.Unmarshal(text, &v.Value)
	}
	var both [2]string
	err := json.Unmarshal(text, &both)
	v.Value, v.Display = both[0], both[1]
	return err
}

func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // each wrong byte becomes U+FFFD
	}
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !escaped[c] {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// escaped are the bytes that may not stand for themselves in a JSON string.
var escaped = func() (e [256]bool) {
	for c := range ' ' {
		e[c] = true
	}
	e['"'], e['\\'] = true, true
	return e
}()
