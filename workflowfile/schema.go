package workflowfile

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/neoagent/neo"
)

// SchemaURL names the published schema.
const SchemaURL = "urn:neo-agent:workflow"

// Schema is the part of JSON Schema (2020-12) that the format needs.
type Schema struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type,omitempty"` // a name or several
	Const       string             `json:"const,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Maximum     *int               `json:"maximum,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	MinKeys     int                `json:"minProperties,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	// Additional is false, or the schema of the keys that are not in Properties.
	Additional any                `json:"additionalProperties,omitempty"`
	Not        *Schema            `json:"not,omitempty"`
	AllOf      []*Schema          `json:"allOf,omitempty"`
	AnyOf      []*Schema          `json:"anyOf,omitempty"`
	OneOf      []*Schema          `json:"oneOf,omitempty"`
	If         *Schema            `json:"if,omitempty"`
	Then       *Schema            `json:"then,omitempty"`
	Defs       map[string]*Schema `json:"$defs,omitempty"`
}

// JSONSchema returns the schema of a file, as it is published.
var JSONSchema = sync.OnceValue(func() []byte {
	defs := map[string]*Schema{}
	s := document.schema(defs)
	s.Schema, s.ID, s.Title, s.Defs = "https://json-schema.org/draft/2020-12/schema", SchemaURL, "Neo Agent workflow", defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		panic(err) // it is of plain texts and numbers
	}
	return b.Bytes()
})

// schema returns the schema of a shape; named ones are put into defs once.
func (s *shape) schema(defs map[string]*Schema) *Schema {
	if s.name == "" {
		return s.written(defs)
	}
	if _, there := defs[s.name]; !there {
		defs[s.name] = nil // it may refer to itself
		defs[s.name] = s.written(defs)
	}
	return &Schema{Ref: "#/$defs/" + s.name}
}

func (s *shape) written(defs map[string]*Schema) *Schema {
	w := &Schema{Description: s.doc, Pattern: s.pattern, Enum: s.values}
	switch s.kind {
	case text:
		w.Type, w.MinLength, w.MaxLength = "string", s.min, s.max
		if s.min > 0 && s.pattern == "" {
			w.Pattern = `\S`
		}
	case scalar:
		w.Type = []string{"string", "number", "boolean"}
	case integer:
		w.Type = "integer"
		if s.bounded {
			w.Minimum = &s.min
		}
		if s.bounded && s.max > 0 {
			w.Maximum = &s.max
		}
	case boolean:
		w.Type = "boolean"
	case list:
		w.Type, w.Items, w.MinItems, w.MaxItems = "array", s.item.schema(defs), s.min, s.max
	case table:
		w.Type, w.Additional, w.MinKeys = "object", s.item.schema(defs), s.min
	case object:
		w.Type, w.Additional, w.Properties = "object", false, map[string]*Schema{}
		for _, k := range s.keys {
			w.Properties[k.name] = k.schema(defs)
			if k.required {
				w.Required = append(w.Required, k.name)
			}
		}
		if s.rule != nil {
			w.AllOf, w.AnyOf, w.OneOf = s.rule.AllOf, s.rule.AnyOf, s.rule.OneOf
		}
		if s.settings != nil {
			w.Properties["config"] = &Schema{Type: "object", Description: s.key("config").doc}
			for _, kind := range actionTypes() {
				w.AllOf = append(w.AllOf, s.configOf(kind, defs))
			}
		}
	}
	return w
}

// configOf says: an action of this type has such a config.
func (s *shape) configOf(kind neo.ActionType, defs map[string]*Schema) *Schema {
	config := s.settings[kind].schema(defs)
	then := &Schema{Properties: map[string]*Schema{"config": config}}
	if len(config.Required) > 0 {
		then.Required = []string{"config"}
	}
	return &Schema{
		If:   &Schema{Properties: map[string]*Schema{"type": {Const: string(kind)}}, Required: []string{"type"}},
		Then: then,
	}
}
