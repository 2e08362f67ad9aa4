package pipeline

import (
	"context"
	"fmt"
	"slices"

	"muster/mappings"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/schema"
	"muster/schema/klass"
)

// kind is what records of one kind are held to.
type kind struct {
	name       string
	klass      *klass.Klass // what the org says of its attributes; nil offline
	validator  *schema.Validator
	attributes []mappings.Attribute
}

// kinds are those of a run's inputs, each asked for when it is first met.
type kinds struct {
	ctx    context.Context // of asking the org
	config *Config
	made   map[string]*kind
}

func newKinds(ctx context.Context, c *Config) *kinds {
	return &kinds{ctx: ctx, config: c, made: map[string]*kind{}}
}

// of gives a kind by its name in mappings.
func (k *kinds) of(name string) (*kind, error) {
	if one := k.made[name]; one != nil {
		return one, nil
	}
	org, err := k.klass(name)
	if err != nil {
		return nil, err
	}
	if org != nil && org.Name == "" {
		org.Name = name
	}
	one := &kind{name: name, klass: org, attributes: attributesOf(org)}
	if one.validator, err = validatorOf(name, org); err != nil {
		return nil, err
	}
	k.made[name] = one
	return one, nil
}

// offhand is a kind without what the org says of it, where that would have to be asked for; else as of.
func (k *kinds) offhand(name string) (one *kind, whole bool, err error) {
	body := k.config.klassBody()
	if name != mappings.Customers || body == nil || *body != nil || k.made[name] != nil || k.config.Agree != nil {
		one, err = k.of(name)
		return one, true, err
	}
	one = &kind{name: name}
	one.validator, err = validatorOf(name, nil)
	return one, false, err
}

// klass is what the org says of a kind's attributes; nil without an org.
func (k *kinds) klass(name string) (*klass.Klass, error) {
	viewer := k.config.viewer()
	switch {
	case viewer == nil && k.config.Klasses != "":
		return k.fromFile(name)
	case viewer == nil:
		return nil, nil
	case name != mappings.Customers:
		return ReadKlass(k.ctx, viewer, name)
	}
	body, err := k.config.described(k.ctx)
	if err != nil {
		return nil, err
	}
	return klass.Parse(body)
}

// fromFile is what a file of attributes says of a kind; nil where it does not tell of it.
func (k *kinds) fromFile(name string) (*klass.Klass, error) {
	all, _, err := LoadKlasses(k.config.path(k.config.Klasses))
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Name == name {
			return one, nil
		}
	}
	return nil, nil
}

// viewer is the org's, nil for a check.
func (c *Config) viewer() *kustomer.Viewer {
	switch {
	case c.Org != nil:
		return c.Org.Client.Viewer
	case c.Sight != nil:
		return c.Sight.Viewer
	}
	return nil
}

func validatorOf(name string, k *klass.Klass) (*schema.Validator, error) {
	if name == mappings.Conversations {
		return schema.NewConversationValidator(k)
	}
	return schema.NewValidator(k)
}

func attributesOf(k *klass.Klass) []mappings.Attribute {
	if k == nil {
		return nil
	}
	list := make([]mappings.Attribute, len(k.Attributes))
	for i, a := range k.Attributes {
		list[i] = mappings.Attribute{Name: a.Name, Display: a.Display, Active: a.Active}
	}
	return list
}

// inOrderOfKinds puts the inputs of customers before those of conversations: what others may hang on comes first.
func inOrderOfKinds(inputs []*Input) {
	slices.SortStableFunc(inputs, func(a, b *Input) int { return rankOf(a) - rankOf(b) })
}

func rankOf(in *Input) int {
	if in.binder != nil && in.binder.mapping.Kind == mappings.Conversations {
		return 1
	}
	return 0
}

// Roles that an import of conversations needs.
const (
	RoleConversationRead   = "org.permission.conversation.read"
	RoleConversationUpdate = "org.permission.conversation.update"
)

// conversationsFit refuses to create conversations, and a key that could not describe those that the inputs name.
func (r *run) conversationsFit() error {
	c := r.config
	if !slices.ContainsFunc(r.inputs, func(in *Input) bool { return rankOf(in) > 0 }) {
		return nil
	}
	if c.Verb == Create {
		return &outcome.UsageError{Err: fmt.Errorf("conversations are described, not created: --verb %s does not go with them", c.Verb)}
	}
	var token kustomer.Token
	needs := []string{RoleConversationRead, RoleConversationUpdate}
	switch {
	case c.Org != nil:
		token = c.Org.Token
	case c.Sight != nil:
		token, needs = c.Sight.Token, needs[:1]
	}
	if len(token.Roles) == 0 {
		return nil
	}
	if missing := slices.DeleteFunc(needs, token.Has); len(missing) > 0 {
		return lacksRole("describe conversations", missing...)
	}
	return nil
}
