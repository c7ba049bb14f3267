package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// input turns what a client sent into stored values. Nothing here fails: an unknown field, a computed one, a choice that
// does not exist and a number that is none are dropped without a word, as the platform drops them.
type input struct {
	tables   *tables
	choices  choiceBook
	zone     *time.Location
	display  bool // sysparm_input_display_value: names, labels and the user's time zone
	anyValue bool // choices that do not exist are stored
}

func (c input) values(t *table, sent map[string]string) map[string]string {
	out := make(map[string]string, len(sent))
	for name, given := range sent {
		col := t.col(name)
		if col < 0 || t.columns[col].computed || t.columns[col].kind == kindPassword {
			continue
		}
		if v, ok := c.value(t, col, given); ok {
			out[name] = v
		}
	}
	return out
}

func (c input) value(t *table, col int, given string) (string, bool) {
	f := t.columns[col]
	if f.kind == kindJournal {
		return given, given != ""
	}
	if given == "" {
		return "", true
	}
	if list := c.choices[t.name][col]; list != nil && !c.anyValue {
		return choiceFor(list, given, c.display)
	}
	switch f.kind {
	case kindInteger:
		n, err := strconv.ParseFloat(strings.TrimSpace(given), 64)
		if err != nil {
			return "", false
		}
		return strconv.FormatInt(int64(n), 10), true
	case kindBoolean:
		b, ok := parseBool(given)
		return b, ok
	case kindDateTime:
		return c.dateTime(given)
	case kindDuration:
		_, err := time.Parse(stamp, given)
		return given, err == nil
	case kindReference:
		if c.display && !validSysID(given) {
			return c.byDisplay(schema[f.ref], given)
		}
	}
	return truncate(given, f.max), true
}

func (c input) dateTime(given string) (string, bool) {
	zone := time.UTC
	if c.display {
		zone = c.zone
	}
	for _, layout := range []string{stamp, day} {
		if t, err := time.ParseInLocation(layout, given, zone); err == nil {
			return t.UTC().Format(stamp), true
		}
	}
	return "", false
}

// byDisplay finds a record by the field that names it; users also by user name and e-mail.
func (c input) byDisplay(t *table, name string) (string, bool) {
	if t == nil || t.displayCol < 0 {
		return "", false
	}
	cols := []int{t.displayCol}
	if t.name == "sys_user" {
		cols = append(cols, t.col("user_name"), t.col("email"))
	}
	for _, d := range t.descendants {
		for _, s := range c.tables.rows[d.name].slots {
			for _, col := range cols {
				if strings.EqualFold(s.rec.vals[col], name) {
					return s.rec.id(), true
				}
			}
		}
	}
	return "", false
}

func parseBool(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes":
		return "true", true
	case "false", "0", "no":
		return "false", true
	}
	return s, false
}

// truncate cuts at max characters, as the database column does.
func truncate(s string, max int) string {
	if max <= 0 || len(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n == max {
			return s[:i]
		}
		n++
	}
	return s
}

// bodyValues reads a JSON object as field values. Of an array only the first object counts.
func bodyValues(body []byte) (map[string]string, error) {
	trimmed := strings.TrimSpace(string(body))
	if trimmed == "" {
		return map[string]string{}, nil
	}
	var one map[string]json.RawMessage
	if strings.HasPrefix(trimmed, "[") {
		var many []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(trimmed), &many); err != nil {
			return nil, err
		}
		if len(many) > 0 {
			one = many[0]
		}
	} else if err := json.Unmarshal([]byte(trimmed), &one); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(one))
	for name, raw := range one {
		out[name] = plain(raw)
	}
	return out, nil
}

// plain is the text of one JSON value: strings as they are, null as empty, {"value":…} as its value.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	text := strings.TrimSpace(string(raw))
	if text == "null" {
		return ""
	}
	if strings.HasPrefix(text, "{") {
		var o struct{ Value *string }
		if json.Unmarshal(raw, &o) == nil && o.Value != nil {
			return *o.Value
		}
	}
	return text
}
