package pipeline

import (
	"fmt"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
)

// Roles that an import of conversations needs.
const (
	RoleConversationRead   = "org.permission.conversation.read"
	RoleConversationUpdate = "org.permission.conversation.update"
)

// conversationsFit refuses to create conversations, and a key that could not describe those that the inputs name.
func (r *Running) conversationsFit() error {
	c := r.Config
	if !slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return bind.RankOf(in) > 0 }) {
		return nil
	}
	if c.Verb == deliver.Create {
		return &outcome.UsageError{Err: fmt.Errorf("conversations are described, not created: --verb %s does not go with them", c.Verb)}
	}
	var token kustomer.Token
	needs := []string{RoleConversationRead, RoleConversationUpdate}
	switch {
	case c.Org != nil:
		token = c.Org.Token
	case c.ReadOnly != nil:
		token, needs = c.ReadOnly.Token, needs[:1]
	}
	if len(token.Roles) == 0 {
		return nil
	}
	if missing := slices.DeleteFunc(needs, token.Has); len(missing) > 0 {
		return kustomer.LacksRole("describe conversations", missing...)
	}
	return nil
}

// viewer is the org's, nil for a check.
func (c *Config) viewer() *kustomer.Viewer {
	switch {
	case c.Org != nil:
		return c.Org.Client.Viewer
	case c.ReadOnly != nil:
		return c.ReadOnly.Viewer
	}
	return nil
}

// companyRoles refuses a key that could not find and make the companies that the inputs name.
func (r *Running) companyRoles() error {
	org := r.Config.Org
	if org == nil || len(org.Token.Roles) == 0 {
		return nil
	}
	needs := map[string]bool{}
	for _, in := range r.Inputs {
		for _, t := range in.Table.Sheets {
			if t.Links {
				needs[deliver.RoleCompanyRead], needs[deliver.RoleCompanyCreate] = true, true
			}
		}
	}
	var missing []string
	for _, role := range []string{deliver.RoleCompanyRead, deliver.RoleCompanyCreate} {
		if needs[role] && !org.Token.Has(role) {
			missing = append(missing, role)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return kustomer.LacksRole("link customers to companies", missing...)
}
