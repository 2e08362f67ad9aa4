package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/pipeline/trust"
	"muster/schema/klass"
)

// RoleMetadataUpdate is what a key needs to make attributes.
const RoleMetadataUpdate = "org.permission.metadata.update"

// MappingAttributes is the Klass that a mapping file fills, its attributes known by name only. The error is of the file.
func MappingAttributes(path string) (*klass.Klass, error) {
	text, err := trust.ReadText(path)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	m, err := mappings.Parse(path, text)
	if err != nil {
		return nil, err
	}
	return klass.Wanted(m.Kind, m.Fills()), nil
}

// Lacks are the differences of names alone: what a mapping fills and have does not take.
func Lacks(want, have *klass.Klass) []klass.Difference {
	return slices.DeleteFunc(klass.Compare(want, have), func(d klass.Difference) bool {
		return d.Kind != klass.Lacking && d.Kind != klass.Inactive && d.Kind != klass.Spelling
	})
}

// Amend makes the attributes and adds the choices of list that can be, at most a hundred in a request, and holds the org to it by
// reading the Klass again. It takes nothing away. An answer that was lost is no failure: what the Klass has then decides. Errors:
// the first request's that failed, ErrNotMade.
func Amend(ctx context.Context, client *kustomer.Client, name string, list []klass.Difference) error {
	properties := map[string]json.RawMessage{}
	var lost error
	send := func() error {
		err := client.AlterKlass(ctx, name, properties)
		if kustomer.VerdictOf(err) == kustomer.InDoubt {
			lost, err = err, nil
		}
		clear(properties)
		return err
	}
	for _, d := range list {
		if !d.CanApply() {
			continue
		}
		properties[d.Name] = d.Property()
		if len(properties) == kustomer.MaxProperties {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(properties) > 0 {
		if err := send(); err != nil {
			return err
		}
	}
	err := made(ctx, client.Viewer, name, list)
	if errors.Is(err, outcome.ErrNotMade) && lost != nil {
		return lost // it was not made because the request never arrived
	}
	return err
}

// made holds the Klass as it is now to what was asked for.
func made(ctx context.Context, v *kustomer.Viewer, name string, list []klass.Difference) error {
	have, err := bind.ReadKlass(ctx, v, name)
	if err != nil {
		return err
	}
	var missing []string
	for _, d := range list {
		if !d.CanApply() {
			continue
		}
		want := &klass.Klass{Name: name, Attributes: []klass.Attribute{d.Want}}
		if slices.ContainsFunc(klass.Compare(want, have), klass.Difference.Asks) {
			missing = append(missing, d.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: %s of the Klass %s", outcome.ErrNotMade, strings.Join(missing, ", "), name)
	}
	return nil
}

// createAttributes makes the attributes that the inputs fill and the org lacks, once the user has agreed, and binds the inputs anew.
func (r *run) createAttributes(ctx context.Context) error {
	if r.config.Agree == nil || r.config.Org == nil {
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
	body, err := r.config.Org.Client.Metadata(ctx, mappings.Customers)
	if err != nil {
		return err
	}
	r.config.Org.Klass = body
	r.kinds = bind.NewKinds(ctx, r.config.binding())
	for _, in := range r.inputs {
		if err := in.BindAgain(r.kinds); err != nil {
			return err
		}
	}
	return nil
}

// createIn makes what one Klass lacks, and says whether there was anything to make.
func (r *run) createIn(ctx context.Context, have *klass.Klass) (made bool, err error) {
	c := r.config
	list := r.lacking(have)
	if !slices.ContainsFunc(list, klass.Difference.CanApply) {
		return false, nil
	}
	if !c.Org.Token.Has(RoleMetadataUpdate) && len(c.Org.Token.Roles) > 0 {
		return false, lacksRole("make attributes", RoleMetadataUpdate)
	}
	if err := c.Agree(have.Name, list); err != nil {
		return false, err
	}
	return true, Amend(ctx, c.Org.Client, have.Name, list)
}

// lacksRole is the error of a key without roles, before anything is asked with it.
func lacksRole(purpose string, roles ...string) error {
	return &kustomer.Error{Verdict: kustomer.Forbidden, Act: "the key lacks " + kustomer.InWords(roles...) + ", which it needs to " + purpose}
}

// lacking are the attributes that the inputs fill and the org does not take, called as their columns are.
func (r *run) lacking(have *klass.Klass) []klass.Difference {
	shown := map[string]string{}
	var names []string
	for _, in := range r.inputs {
		if in.Binder.Mapping.Kind != have.Name {
			continue
		}
		for _, t := range in.Table.Sheets {
			for name, column := range t.Plan.Fills() {
				names = append(names, name)
				if called := strings.TrimSpace(t.Column(column)); called != "" && len(called) <= 60 && strings.ContainsRune(called, ' ') {
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
	return Lacks(want, have)
}

// defined is an attribute as the inputs' definitions of customer properties have it; nil where they have none of the name.
func (r *run) defined(name string) *klass.Attribute {
	for _, in := range r.inputs {
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
