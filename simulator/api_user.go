package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// ui serves /api/now/ui/user/current_user: who the caller is.
func (c *apiCall) ui() error {
	if !slices.Equal(c.path, []string{"user", "current_user"}) {
		return errNoSuchURI
	}
	if m := c.method(); m != http.MethodGet && m != http.MethodHead {
		return errMethod
	}
	initials := ""
	for _, part := range strings.Fields(c.who.name) {
		initials += strings.ToUpper(part[:1])
	}
	body, err := json.Marshal(map[string]any{"result": map[string]any{
		"user_sys_id": c.who.id, "user_name": c.who.userName, "user_display_name": c.who.name, "user_initials": initials,
		"user_avatar": "", "user_has_roles": len(c.who.roles) > 0,
	}})
	if err != nil {
		return err
	}
	c.reply(http.StatusOK, body)
	return nil
}
