package workflowfile

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/neoagent/neo"
)

// Text returns the workflow as the text of a file: keys in the order of the
// documentation, texts of several lines as blocks. Cases are not written: a server
// does not have them.
func (w *Workflow) Text() (string, error) {
	content, err := json.Marshal(struct {
		ID      string `json:"id,omitempty"`
		Enabled *bool  `json:"enabled,omitempty"`
		neo.Definition
	}{w.ID, w.Enabled, w.Definition})
	if err != nil {
		return "", neo.Errorf(neo.CodeInvalid, "%s: a setting of one of its actions is not valid JSON: %w.", w.Definition.Name, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", err
	}
	return encode(node(v, document))
}

func encode(n *yaml.Node) (string, error) {
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return "", err
	}
	err := e.Close()
	return b.String(), err
}

// maxFlow is how long a comparison may be to be written on one line.
const maxFlow = 100

// node writes a value of JSON's types along its shape; s is nil where there is none.
func node(v any, s *shape) *yaml.Node {
	if s == nil {
		s = &shape{}
	}
	switch v := v.(type) {
	case map[string]any:
		return mapping(v, s)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, node(item, s.item))
		}
		if len(v) == 0 || s.item != nil && s.item.kind == text && flat(n) {
			n.Style = yaml.FlowStyle
		}
		return n
	case string:
		return textNode(v)
	case json.Number:
		return numberNode(v.String())
	case bool:
		if v {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// textNode writes a text so that every reader takes it for one, of YAML 1.1 as well as 1.2.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case strings.Contains(s, "\n") && block(s):
		n.Style = yaml.LiteralStyle
	case strings.ContainsAny(s, `"\`) && !strings.ContainsFunc(s, hidden): // more legible
		n.Style = yaml.SingleQuotedStyle
	case strings.Contains(s, "\n") || !bare(s):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// otherWords are what readers of YAML take for something else than a text.
var otherWords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"}

// bare reports whether a text of one line needs no quotes: it begins with a letter, so that
// it is no number, time or sign of YAML 1.1 or 1.2 ("=", "<<", "~", "1e3", "0x1f", "012",
// "1:30", "2026-05-04"), and is none of the words.
func bare(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(first) && !slices.Contains(otherWords, strings.ToLower(s)) && !strings.ContainsFunc(s, hidden)
}

// numberNode writes a number of JSON so that every reader takes it for one: YAML 1.1 knows
// no exponent without a decimal point and a sign.
func numberNode(s string) *yaml.Node {
	digits, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	if !hasExponent && !strings.Contains(digits, ".") {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: s}
	}
	if !strings.Contains(digits, ".") {
		digits += ".0"
	}
	if hasExponent {
		if exponent[0] != '+' && exponent[0] != '-' {
			exponent = "+" + exponent
		}
		digits += "e" + exponent
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: digits}
}

// block reports whether a text can stand in a block as it is: white space at the ends
// of lines, and what cannot be seen, would not come back.
func block(s string) bool {
	text := false // a line with something has come
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(line) == "" && line != "" || strings.HasSuffix(line, " ") || strings.ContainsFunc(line, hidden) {
			return false
		}
		if !text && strings.HasPrefix(line, " ") {
			return false
		}
		text = text || line != ""
	}
	return text
}

func hidden(c rune) bool { return c != ' ' && !unicode.IsGraphic(c) || unicode.IsSpace(c) && c != ' ' }

func mapping(v map[string]any, s *shape) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	settings := s.key("config")
	if s.settings != nil {
		kind, _ := v["type"].(string)
		settings = s.settings[neo.ActionType(kind)]
	}
	add := func(name string, inner *shape) {
		if name == "config" && s.settings != nil {
			inner = settings
		}
		n.Content = append(n.Content, textNode(name), node(v[name], inner))
	}
	for _, k := range s.keys {
		if _, there := v[k.name]; there {
			add(k.name, k.shape)
		}
	}
	for _, name := range sorted(v) {
		if !slices.ContainsFunc(s.keys, func(k key) bool { return k.name == name }) {
			add(name, s.item)
		}
	}
	if len(v) == 0 || (s == rule || s == change) && flat(n) {
		n.Style = yaml.FlowStyle
	}
	return n
}

// flat reports whether a node is short and has nothing inside its parts.
func flat(n *yaml.Node) bool {
	length := 0
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode || strings.Contains(c.Value, "\n") {
			return false
		}
		length += utf8.RuneCountInString(c.Value) + 2
	}
	return length <= maxFlow
}

// rewritten returns the text of a file in which one workflow is replaced. Its cases,
// their comments, and the file's other workflows stay as they are.
func rewritten(file string, was, w *Workflow) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", neo.Errorf(neo.CodeInvalid, "%s cannot be read: %s.", file, reason(err))
	}
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		if err := decoder.Decode(&document); err != nil {
			break // the end: the file has just been read without a mistake
		}
		if empty(&document) {
			continue
		}
		if root := document.Content[0]; root.Line == was.Line {
			text, err := w.Text()
			if err != nil {
				return "", err
			}
			var fresh yaml.Node
			if err := yaml.Unmarshal([]byte(text), &fresh); err != nil {
				return "", neo.Errorf(neo.CodeInternal, "%s: what was to be written cannot be read again: %w.", file, err)
			}
			keep(root, fresh.Content[0])
			fresh.HeadComment, fresh.FootComment = document.HeadComment, document.FootComment
			document = fresh
		}
		if err := e.Encode(&document); err != nil {
			return "", neo.Errorf(neo.CodeInternal, "%s cannot be written as YAML: %w.", file, err)
		}
	}
	if err := e.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// keep carries over from a document what a server does not have: cases, and comments
// at the keys of the workflow.
func keep(was, fresh *yaml.Node) {
	fresh.HeadComment, fresh.LineComment, fresh.FootComment = was.HeadComment, was.LineComment, was.FootComment
	for i := 0; i+1 < len(was.Content); i += 2 {
		k := was.Content[i]
		if k.Value == "instance" || k.Value == "cases" {
			fresh.Content = append(fresh.Content, k, was.Content[i+1])
			continue
		}
		for j := 0; j+1 < len(fresh.Content); j += 2 {
			if f := fresh.Content[j]; f.Value == k.Value {
				f.HeadComment, f.LineComment, f.FootComment = k.HeadComment, k.LineComment, k.FootComment
			}
		}
	}
}
