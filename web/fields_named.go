package web

import (
	"context"
	"fmt"
	"time"

	"github.com/neoagent/neo"
)

// fieldsTime is how long a save waits to hear which fields there are. A ticket system
// that is slow or away keeps nobody from saving.
const fieldsTime = 3 * time.Second

// unknownFields returns a mistake for each place of a definition that names a field
// which no connected ticket system has. Nothing is said when one of them does not tell
// all of its fields.
func (s *Server) unknownFields(ctx context.Context, d neo.Definition) ([]neo.Mistake, error) {
	named := s.options.FieldsNamed(d)
	if len(named) == 0 {
		return nil, nil
	}
	integrations, err := s.store.Integrations(ctx, userOf(ctx).TenantID)
	if err != nil || len(integrations) == 0 {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, fieldsTime)
	defer cancel()
	known := map[string]bool{}
	for _, i := range integrations {
		q, err := s.ask(asking, CatalogueQuery{Integration: i.ID})
		if err != nil {
			return nil, err
		}
		byClass := q.fields(asking, neo.TicketClasses, neo.TicketClasses)
		if len(q.warnings) > 0 {
			return nil, nil
		}
		for _, fields := range byClass {
			for _, f := range fields {
				known[f.Name] = true
			}
		}
	}
	var mistakes []neo.Mistake
	for _, n := range named {
		if !known[n.Field] {
			mistakes = append(mistakes, neo.Mistake{Path: n.Path, Message: fmt.Sprintf(
				"No connected ticket system has a field %q, as far as Neo's account may see. Check the spelling, or let the account read the field.", n.Field)})
		}
	}
	return mistakes, nil
}
