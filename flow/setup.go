package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
	"github.com/neoagent/neo/rules"
)

// setup reads the settings of one action and collects what is wrong with them.
type setup struct {
	at     string // where the action is in the definition, "actions[2]"
	config json.RawMessage
	// steps are the outputs of the earlier steps that have a name; nil: not checked.
	steps map[string][]string
	// context is the tenant's, by which rules are checked.
	context  rules.Context
	mistakes []neo.Mistake
	named    []neo.NamedField
	needs    []need
}

// wrong records a mistake at a place in the settings; "" is all of them.
func (s *setup) wrong(path, format string, args ...any) {
	at := s.at + ".config"
	if path != "" {
		at += "." + path
	}
	s.mistakes = append(s.mistakes, neo.Mistake{Path: at, Message: fmt.Sprintf(format, args...)})
}

func (s *setup) parse(t neo.ActionType) Action {
	kind, ok := actionKinds[t]
	if !ok {
		s.mistakes = append(s.mistakes, neo.Mistake{Path: s.at + ".type", Message: fmt.Sprintf("The type %.80q is not known; use one of %s.", t, knownTypes())})
		return nil
	}
	return kind.parse(s)
}

var stepName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// name checks the name of the step; "" is none.
func (s *setup) name(name string) {
	message := ""
	if _, taken := s.steps[name]; taken {
		message = fmt.Sprintf("Two steps have the name %q; give each its own.", name)
	} else if name != "" && !stepName.MatchString(name) {
		message = fmt.Sprintf("%.80q cannot be the name of a step: it begins with a letter, and has at most 40 of a-z, 0-9 and _.", name)
	}
	if message != "" {
		s.mistakes = append(s.mistakes, neo.Mistake{Path: s.at + ".name", Message: message})
	}
}

// read decodes the settings into a pointer to a struct. A setting that the struct
// does not have is a mistake: one that is misspelt must not be ignored.
func (s *setup) read(into any) bool {
	before := len(s.mistakes)
	decoder := json.NewDecoder(bytes.NewReader(s.config))
	var all map[string]json.RawMessage
	if err := decoder.Decode(&all); err != nil || all == nil {
		s.wrong("", "The settings must be a JSON object, as in {%s}.", example(into))
		return false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		s.wrong("", "There is something after the end of the settings.")
		return false
	}
	known := settingsOf(into)
	for _, key := range sortedKeys(all) {
		if !slices.Contains(known, key) {
			s.wrong(printable(key), "This setting is not known; there are %s.", strings.Join(known, ", "))
		}
	}
	if len(s.mistakes) > before {
		return false
	}
	strict := json.NewDecoder(bytes.NewReader(s.config))
	strict.DisallowUnknownFields()
	err := strict.Decode(into)
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		s.wrong(wrongType.Field, "%s is needed here, not %s.", inJSON(wrongType.Type), foundInJSON(wrongType.Value))
	} else if key, ok := unknownField(err); ok {
		s.wrong("", "The setting %.80q is not known here.", key)
	} else if err != nil {
		s.wrong("", "%s.", upperFirst(strings.TrimPrefix(err.Error(), "json: ")))
	}
	return err == nil
}

// printable keeps what somebody typed as a key short enough to be shown.
func printable(key string) string {
	return cutTo(oneLine(strings.ToValidUTF8(key, "")), 80)
}

func settingsOf(into any) []string {
	of := reflect.TypeOf(into).Elem()
	var names []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func example(into any) string { return fmt.Sprintf(`"%s": …`, settingsOf(into)[0]) }

// inJSON names a Go type as JSON does.
func inJSON(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "True or false"
	case reflect.Int:
		return "A whole number"
	case reflect.Slice:
		return "A list"
	case reflect.Map, reflect.Struct, reflect.Pointer:
		return "A JSON object"
	}
	return "A text"
}

// foundInJSON names what encoding/json found: "string", "number 1.5", "array" …
func foundInJSON(value string) string {
	switch value {
	case "string":
		return "a text"
	case "array":
		return "a list"
	case "object", "number":
		return "a " + value
	}
	return strings.TrimPrefix(value, "number ")
}

// unknownField returns the key of which encoding/json says that the struct has none.
func unknownField(err error) (key string, ok bool) {
	if err == nil {
		return "", false
	}
	quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field ")
	return strings.Trim(quoted, `"`), ok
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// text reads a template.
func (s *setup) text(path, source string) *liquid.Template {
	return s.textWith(path, source, templateNames(s.steps))
}

func (s *setup) textWith(path, source string, names liquid.Names) *liquid.Template {
	check := names.Check
	names.Check = func(name []string) error {
		err := check(name)
		if err == nil {
			s.namesInText(path, name)
		}
		return err
	}
	t, err := liquid.Parse(source, names)
	if err != nil {
		s.wrong(path, "%s", upperFirst(err.Error()))
		return nil
	}
	return t
}

// needText reads a template that must say something.
func (s *setup) needText(path, source, what string) *liquid.Template {
	if strings.TrimSpace(source) == "" {
		s.wrong(path, "This is empty: %s.", what)
		return nil
	}
	return s.text(path, source)
}

// minutes checks a number of minutes that must be given.
func (s *setup) minutes(path string, n, most int) {
	if n < 1 || n > most {
		s.wrong(path, "This must be 1 to %d minutes.", most)
	}
}

// choiceOf checks a choice; "" is the first.
func choiceOf[T ~string](s *setup, path string, value T, choices ...T) T {
	if value == "" {
		return choices[0]
	}
	if !slices.Contains(choices, value) {
		texts := make([]string, len(choices))
		for i := range choices {
			texts[i] = string(choices[i])
		}
		s.wrong(path, "%.80q is not known; use %s.", value, strings.Join(texts, ", "))
	}
	return value
}

func upperFirst(s string) string {
	if s != "" && 'a' <= s[0] && s[0] <= 'z' && !strings.Contains(firstWord(s), ".") && firstWord(s) != "line" {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
