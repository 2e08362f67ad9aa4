package bind

import (
	"context"
	"slices"

	"muster/mappings"
	"muster/pipeline/object"
	"muster/schema"
	"muster/schema/klass"
)

// kind is what records of one kind are held to.
type kind struct {
	name      string
	Klass     *klass.Klass // what the org says of its attributes; nil offline
	validator *schema.Validator
	// of records that are made, where validator is for those that are described; nil: validator
	makes      *schema.Validator
	attributes []mappings.Attribute
}

// Kinds are those of a run's inputs, each asked for when it is first met.
type Kinds struct {
	ctx     context.Context // of asking the org
	options *Options
	Made    map[string]*kind
}

// NewKinds asks nothing yet; ctx is that of asking the org.
func NewKinds(ctx context.Context, o *Options) *Kinds {
	return &Kinds{ctx: ctx, options: o, Made: map[string]*kind{}}
}

// of gives a kind by its name in mappings.
func (k *Kinds) of(name string) (*kind, error) {
	if one := k.Made[name]; one != nil {
		return one, nil
	}
	org, err := k.klass(name)
	if err != nil {
		return nil, err
	}
	if org != nil && org.Name == "" {
		org.Name = name
	}
	one := &kind{name: name, Klass: org, attributes: attributesOf(org)}
	if one.validator, one.makes, err = validatorOf(name, org); err != nil {
		return nil, err
	}
	k.Made[name] = one
	return one, nil
}

// offhand is a kind without what the org says of it, where that would have to be asked for; else as of.
func (k *Kinds) offhand(name string) (one *kind, whole bool, err error) {
	if name != mappings.Customers || k.options.Viewer == nil || k.options.Described() || k.Made[name] != nil ||
		k.options.Create {
		one, err = k.of(name)
		return one, true, err
	}
	one = &kind{name: name}
	one.validator, one.makes, err = validatorOf(name, nil)
	return one, false, err
}

// klass is what the org says of a kind's attributes; nil without an org.
func (k *Kinds) klass(name string) (*klass.Klass, error) {
	viewer := k.options.Viewer
	switch {
	case viewer == nil && k.options.Klasses != "":
		return k.fromFile(name)
	case viewer == nil:
		return nil, nil
	case name != mappings.Customers:
		kind := object.Called(name)
		if kind == nil || kind.Klass == "" {
			return nil, nil
		}
		return ReadKlass(k.ctx, viewer, kind.Klass)
	}
	body, err := k.options.Describe(k.ctx)
	if err != nil {
		return nil, err
	}
	return klass.Parse(body)
}

// fromFile is what a file of attributes says of a kind; nil where it does not tell of it.
func (k *Kinds) fromFile(name string) (*klass.Klass, error) {
	all, _, err := LoadKlasses(k.options.path(k.options.Klasses))
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

// validatorOf are the validators of a kind: of its records, and where some are described and others made, of these.
func validatorOf(name string, k *klass.Klass) (validator, makes *schema.Validator, err error) {
	kind := object.Called(name)
	if kind == nil {
		validator, err = schema.NewValidator(k)
		return validator, nil, err
	}
	if makes, err = schema.NewKindValidator(kind, k); err != nil || name != mappings.Conversations {
		return makes, nil, err
	}
	validator, err = schema.NewConversationValidator(k)
	return validator, makes, err
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

// inOrderOfKinds puts the inputs in the order of delivery: what others are of, or name, comes first.
func inOrderOfKinds(inputs []*Input) {
	slices.SortStableFunc(inputs, func(a, b *Input) int { return RankOf(a) - RankOf(b) })
}

// RankOf is an input's place in the order of kinds.
func RankOf(in *Input) int { return object.RankOf(in.Kind()) }

// Kind is the kind of the input's records, as mappings name it.
func (in *Input) Kind() string {
	if in.Binder == nil {
		return mappings.Customers
	}
	return in.Binder.Mapping.Kind
}

// Describes says whether the input's records are attributes of conversations that are there.
func (in *Input) Describes() bool { return in.Table != nil && in.Table.IsConversation() }

// takes holds records to what the org says of them.
func (b *Binder) takes(records *kind) {
	b.Validator, b.makes, b.options.Attributes = records.validator, records.makes, records.attributes
}
