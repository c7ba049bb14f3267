package neo

// Rule is a node of the tree of conditions that decides whether a workflow
// concerns an event. Its JSON is that of react-querybuilder: a group has a
// combinator and rules, a leaf has field, operator and value.
type Rule struct {
	// A group.
	Combinator Combinator `json:"combinator,omitempty"`
	Not        bool       `json:"not,omitempty"`
	Rules      []Rule     `json:"rules,omitempty"`

	// A leaf. Value is text; operators that take several values split it at commas.
	Field    string   `json:"field,omitempty"`
	Operator Operator `json:"operator,omitempty"`
	Value    string   `json:"value,omitempty"`
}

// IsGroup reports whether the node joins others, rather than comparing a field.
func (r *Rule) IsGroup() bool { return r.Combinator != "" }

// Combinator joins the rules of a group.
type Combinator string

// An empty "and" group matches everything; an empty "or" group nothing.
const (
	And Combinator = "and"
	Or  Combinator = "or"
)

// Operator compares a field's stored value, or the text shown for it, with the
// rule's value. Text is compared without regard to case, as ServiceNow does.
type Operator string

// The operators, by react-querybuilder's names.
const (
	OpEqual          Operator = "="
	OpNotEqual       Operator = "!="
	OpIn             Operator = "in"
	OpNotIn          Operator = "notIn"
	OpContains       Operator = "contains"
	OpDoesNotContain Operator = "doesNotContain"
	OpBeginsWith     Operator = "beginsWith"
	OpEndsWith       Operator = "endsWith"
	OpEmpty          Operator = "null"
	OpNotEmpty       Operator = "notNull"
	OpLess           Operator = "<"
	OpLessEqual      Operator = "<="
	OpGreater        Operator = ">"
	OpGreaterEqual   Operator = ">="
	OpChanged        Operator = "changed"
)

// Pseudo-fields that a rule may name besides the ticket's own.
const (
	FieldTicketType = "ticket_type" // the class, e.g. incident
	FieldChangedBy  = "changed_by"  // user name of who made the change
)
