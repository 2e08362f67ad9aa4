// Package attributes makes the attributes in an org that a mapping fills and the org lacks.
package attributes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// MappingAttributes is the Klass that a mapping file fills, its attributes known by name only. The error is of the
// file.
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

// Amend makes the attributes and adds the choices of list that can be, at most a hundred in a request, and holds the
// org to it by reading the Klass again. It takes nothing away. An answer that was lost is no failure: what the Klass
// has then decides. Errors: the first request's that failed, ErrNotMade.
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
