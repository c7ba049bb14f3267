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
// rule's value, both as what the field holds: numbers, amounts, times, durations and
// lists by their values, text in one spelling (package spelling). There is no order
// between texts.
//
// Operators that take several values split the rule's value at commas; a value that
// holds a comma stands in double quotes. A value "class:stored", with one of
// TicketClasses, is equal only to that stored value on a ticket of that class, in
// fields whose stored values depend on it.
type Operator string

// The operators, by react-querybuilder's names where it has one.
const (
	OpEqual          Operator = "="
	OpNotEqual       Operator = "!="
	OpIn             Operator = "in"
	OpNotIn          Operator = "notIn"
	OpContains       Operator = "contains"
	OpDoesNotContain Operator = "doesNotContain"
	OpContainsAny    Operator = "containsAny"
	OpContainsAll    Operator = "containsAll"
	OpBeginsWith     Operator = "beginsWith"
	OpEndsWith       Operator = "endsWith"
	OpMatches        Operator = "matches" // RE2, without regard to case
	OpEmpty          Operator = "null"
	OpNotEmpty       Operator = "notNull"
	OpLess           Operator = "<"
	OpLessEqual      Operator = "<="
	OpGreater        Operator = ">"
	OpGreaterEqual   Operator = ">="
	OpBetween        Operator = "between" // two values; both ends belong to it; hours go on past midnight
	OpNotBetween     Operator = "notBetween"
	OpBefore         Operator = "before" // a time, or now
	OpAfter          Operator = "after"
	OpWithinLast     Operator = "withinLast"    // a span: "30m", "4h", "7d"
	OpNotWithinLast  Operator = "notWithinLast" // longer ago than that, or in the future
	OpWithinNext     Operator = "withinNext"    // a span
	OpNotWithinNext  Operator = "notWithinNext" // later than that, or in the past
	OpChanged        Operator = "changed"
	OpChangedFrom    Operator = "changedFrom"
	OpChangedTo      Operator = "changedTo"
)

// Pseudo-fields that a rule may name besides the ticket's own.
const (
	FieldTicketType  = "ticket_type"          // the class, e.g. incident
	FieldChangedBy   = "changed_by"           // user name of who made the change
	FieldByNeo       = "changed_by_neo"       // true or false
	FieldKinds       = "change"               // the kinds of this change, comma-separated
	FieldAge         = "age"                  // since the ticket was created; a span
	FieldSinceUpdate = "since_last_update"    // since the ticket's update before this one; a span
	FieldSinceReply  = "since_customer_reply" // since the customer last wrote; empty if never
	FieldWeekday     = "weekday"              // MON … SUN, in the tenant's time zone
	FieldHour        = "hour"                 // 0 … 23, in the tenant's time zone
	FieldMonthDay    = "day_of_month"         // 1 … 31, in the tenant's time zone
	FieldMonthWeek   = "weekday_of_month"     // "first MON" … "fifth SUN", and "last FRI"
	FieldHoliday     = "holiday"              // true on a holiday of the tenant's Settings
	FieldInHours     = "business_hours"       // true inside the business hours of the Settings
	FieldState       = "state"                // the ticket's own, on which STATE_CHANGED looks
	FieldCreatedAt   = "sys_created_on"       // the ticket's own, from which its age is counted
	FieldUpdatedAt   = "sys_updated_on"       // the ticket's own: when it last changed
)
