package pipeline

import (
	"context"
	"fmt"
	"slices"

	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/effects"
	"muster/pipeline/kustomer"
	"muster/pipeline/link"
	"muster/pipeline/object"
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
	if !slices.ContainsFunc(r.Inputs, (*bind.Input).Describes) {
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

// kindsFit refuses a key that could not do what records of other kinds than customers need, and says what they will go
// without.
func (r *Running) kindsFit(ctx context.Context) error {
	c := r.Config
	done := map[string]bool{}
	for _, in := range r.Inputs {
		k := in.Table.Kind
		if k == nil || done[k.Name] {
			continue
		}
		done[k.Name] = true
		var token kustomer.Token
		needs := []string{k.Roles.Create, k.Roles.Read, k.Roles.Update}
		switch {
		case c.Org != nil:
			token = c.Org.Token
		case c.ReadOnly != nil:
			token, needs = c.ReadOnly.Token, []string{k.Roles.Read}
		}
		if len(token.Roles) == 0 {
			continue
		}
		if missing := slices.DeleteFunc(needs, token.Has); len(missing) > 0 {
			return kustomer.LacksRole("import "+k.Many, missing...)
		}
		if len(done) == 1 {
			r.sayEffects(ctx)
		}
		if !token.Has(roleAdmin) && slices.ContainsFunc(k.Fields, func(f object.Field) bool { return f.Admin }) {
			c.Progress.Say("the key lacks the role " + roleAdmin + ": Kustomer itself sets when " + k.Many +
				" were made, and by whom")
		}
	}
	return nil
}

// sayEffects says what an import may set off; a plan has it among its totals.
func (r *Running) sayEffects(ctx context.Context) {
	if r.Config.Org == nil {
		return
	}
	for _, one := range effects.Of(ctx, r.Config.Org.Client.Viewer, effects.Kinds(r.Inputs)) {
		r.Config.Progress.Say(one)
	}
}

// roleAdmin lets a key say when messages and notes were made, and by whom.
const roleAdmin = "org.admin"

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
				needs[link.RoleCompanyRead], needs[link.RoleCompanyCreate] = true, true
			}
		}
	}
	var missing []string
	for _, role := range []string{link.RoleCompanyRead, link.RoleCompanyCreate} {
		if needs[role] && !org.Token.Has(role) {
			missing = append(missing, role)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return kustomer.LacksRole("link customers to companies", missing...)
}
