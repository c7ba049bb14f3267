package servicenow

import (
	"cmp"
	"context"

	"github.com/neoagent/neo"
)

// defaultLanguage is that of an instance on which nobody has chosen one.
const defaultLanguage = "en"

// languageOf returns the language in which people see labels: that in which the instance
// shows Neo's account its records, so that what Neo reads and what it is told are the
// same. It is asked for only where the choices have labels in several languages.
func (s *Tickets) languageOf(ctx context.Context, rows []choiceRow) (string, error) {
	several := false
	for i := range rows {
		several = several || rows[i].language != rows[0].language
	}
	if !several {
		if len(rows) > 0 {
			return rows[0].language, nil
		}
		return defaultLanguage, nil
	}
	return remember(s.learnt, "language", func() (string, error) { return s.language(ctx) })
}

// language reads the language of Neo's account, which is the instance's unless the
// account has its own. What may not be read is taken for English.
func (s *Tickets) language(ctx context.Context) (string, error) {
	unread := func(err error) error {
		if _, later := neo.Retryable(err); later {
			return err
		}
		return nil
	}
	if recordID(s.account.RemoteID) {
		r, err := s.client.Get(ctx, "sys_user", s.account.RemoteID, []string{"sys_id", "preferred_language"}, false)
		if own := r["preferred_language"].Value; err == nil && own != "" {
			return own, nil
		}
		if err := unread(err); err != nil {
			return "", err
		}
	}
	page, err := s.client.List(ctx, "sys_properties", ListOptions{Query: "name=glide.sys.language", Fields: []string{"name", "value"}, Limit: 1})
	if err := unread(err); err != nil {
		return "", err
	}
	for _, r := range page.Records {
		if r["name"].Value == "glide.sys.language" {
			return cmp.Or(r["value"].Value, defaultLanguage), nil
		}
	}
	return defaultLanguage, nil
}
