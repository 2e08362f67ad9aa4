package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/attributes"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/schema/klass"
)

// createAttributes makes the attributes that the inputs fill and the org lacks, once the user has agreed, and binds the
// inputs anew.
func (r *Running) createAttributes(ctx context.Context) error {
	if r.Config.Agree == nil || r.Config.Org == nil {
		return nil
	}
	made := false
	for _, name := range slices.Sorted(maps.Keys(r.kinds.Made)) {
		if have := r.kinds.Made[name].Klass; have != nil {
			some, err := r.createIn(ctx, have)
			if made = made || some; err != nil {
				return err
			}
		}
	}
	if !made {
		return nil
	}
	body, err := r.Config.Org.Client.Metadata(ctx, mappings.Customers)
	if err != nil {
		return err
	}
	r.Config.Org.Klass = body
	r.kinds = bind.NewKinds(ctx, r.Config.binding())
	for _, in := range r.Inputs {
		if err := in.BindAgain(r.kinds); err != nil {
			return err
		}
	}
	return nil
}

// createIn makes what one Klass lacks, and says whether there was anything to make.
func (r *Running) createIn(ctx context.Context, have *klass.Klass) (made bool, err error) {
	c := r.Config
	list := r.lacking(have)
	if !slices.ContainsFunc(list, klass.Difference.CanApply) {
		return false, nil
	}
	if !c.Org.Token.Has(attributes.RoleMetadataUpdate) && len(c.Org.Token.Roles) > 0 {
		return false, kustomer.LacksRole("make attributes", attributes.RoleMetadataUpdate)
	}
	if err := c.Agree(have.Name, list); err != nil {
		return false, err
	}
	return true, attributes.Amend(ctx, c.Org.Client, have.Name, list)
}

// lacking are the attributes that the inputs fill and the org does not take, called as their columns are.
func (r *Running) lacking(have *klass.Klass) []klass.Difference {
	shown := map[string]string{}
	var names []string
	for _, in := range r.Inputs {
		if in.Binder.Mapping.Kind != have.Name {
			continue
		}
		for _, t := range in.Table.Sheets {
			for name, column := range t.Plan.Fills() {
				names = append(names, name)
				if called := strings.TrimSpace(t.Column(column)); called != "" && len(called) <= 60 &&
					strings.ContainsRune(called, ' ') {
					shown[name] = called
				}
			}
		}
	}
	want := klass.Wanted(have.Name, names)
	for i := range want.Attributes {
		a := &want.Attributes[i]
		a.Display = shown[a.Name]
		if defined := r.defined(a.Name); defined != nil {
			*a = *defined
		}
	}
	return attributes.Lacks(want, have)
}

// defined is an attribute as the inputs' definitions of customer properties have it; nil where they have none of the
// name.
func (r *Running) defined(name string) *klass.Attribute {
	for _, in := range r.Inputs {
		if in.Definitions == nil {
			continue
		}
		for _, a := range in.Definitions.Klass().Attributes {
			if a.Name == name {
				return &a
			}
		}
	}
	return nil
}
