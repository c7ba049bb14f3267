package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Permission is what Neo may do in one part of the ticket system.
type Permission struct {
	Group    neo.PermissionGroup `json:"group" enum:"TICKETS,WORK_NOTES,CLIENT_NOTES,TIME_ENTRIES,EMAIL,USERS_AND_GROUPS,COMPANIES,CONFIGURATION_ITEMS,KNOWLEDGE_BASE,ATTACHMENTS,SLAS"`
	Label    string              `json:"label,omitempty" doc:"For people; not looked at when saved"`
	Level    neo.PermissionLevel `json:"level" enum:"DISABLED,READ_ONLY,READ_WRITE"`
	AskFirst bool                `json:"ask_first,omitempty" doc:"With READ_WRITE: each write waits until a technician has approved it"`
}

// Permissions are what Neo may do in an instance.
type Permissions struct {
	Permissions []Permission `json:"permissions" nullable:"false" doc:"All groups, in the order in which people see them. When saved, a group that is left out becomes READ_ONLY"`
}

func (s *Server) registerPermissions(api huma.API) {
	huma.Register(api, op("get-permissions", http.MethodGet, "/integrations/{id}/permissions", "Integrations", "What Neo may do in the instance"), s.getPermissions)
	huma.Register(api, op("save-permissions", http.MethodPut, "/integrations/{id}/permissions", "Integrations", "Choose what Neo may do in the instance; holds from the next call on"), s.savePermissions)
}

func (s *Server) getPermissions(ctx context.Context, in *idInput) (*out[Permissions], error) {
	i, err := s.integrationOf(ctx, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, shownPermissions(i.Permissions)), nil
}

type permissionsInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body Permissions
}

func (s *Server) savePermissions(ctx context.Context, in *permissionsInput) (*out[Permissions], error) {
	p, err := permissions(in.Body.Permissions)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.store.SavePermissions(ctx, userOf(ctx).TenantID, in.ID, p); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.given(ctx, in.ID, p); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.catalogue.forget(in.ID) // it may see more now, or less
	s.options.Live.Changed()
	s.log.Info("permissions were changed", "integration", in.ID, "user", userOf(ctx).Email, "permissions", p)
	return answer(ctx, shownPermissions(p)), nil
}

// given ends the alerts about permissions that workflows lacked and now have.
func (s *Server) given(ctx context.Context, integrationID string, p neo.Permissions) error {
	tenant := userOf(ctx).TenantID
	refused, err := s.store.RefusedBy(ctx, tenant, integrationID)
	for _, a := range refused {
		if err == nil && p.Of(a.Group).Level.Allows(a.Needs) {
			_, err = s.store.ResolveAlert(ctx, tenant, a.Key, s.now())
		}
	}
	return err
}

// permissions checks what a person chose; groups and levels are known already.
func permissions(chosen []Permission) (neo.Permissions, error) {
	p := neo.Permissions{}
	for i, c := range chosen {
		if _, twice := p[c.Group]; twice {
			return nil, invalid(fmt.Sprintf("permissions[%d].group", i), c.Group.Label()+" is in the list twice. Choose one level for it.")
		}
		if c.AskFirst && c.Level != neo.ReadWrite {
			return nil, invalid(fmt.Sprintf("permissions[%d].ask_first", i), "Neo writes nothing in "+c.Group.Label()+" at this level, so there is nothing to ask for. Choose Read-Write, or do not ask.")
		}
		p[c.Group] = neo.Permission{Level: c.Level, AskFirst: c.AskFirst}
	}
	return p, nil
}

func shownPermissions(p neo.Permissions) Permissions {
	shown := Permissions{}
	for _, g := range neo.PermissionGroups {
		is := p.Of(g.Group)
		shown.Permissions = append(shown.Permissions, Permission{Group: g.Group, Label: g.Label, Level: is.Level, AskFirst: is.AskFirst})
	}
	return shown
}
