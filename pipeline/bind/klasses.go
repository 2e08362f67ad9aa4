package bind

import (
	"context"
	"fmt"

	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/pipeline/trust"
	"muster/schema/engage"
	"muster/schema/klass"
)

// ReadKlass is what an org has of one Klass. The error is the request's, or that of an answer that describes no Klass.
func ReadKlass(ctx context.Context, v *kustomer.Viewer, name string) (*klass.Klass, error) {
	body, err := v.Metadata(ctx, name)
	if err != nil {
		return nil, err
	}
	k, err := klass.Parse(body)
	if err == nil && k.Name == "" {
		k.Name = name
	}
	return k, err
}

// LoadKlasses reads a file of attributes, or of customer properties of Engage, which become attributes of customers;
// notes say what of those has no place there. The error is a UsageError that holds every mistake.
func LoadKlasses(path string) (klasses []*klass.Klass, notes []string, err error) {
	text, err := trust.ReadText(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the attributes: %w", err)
	}
	if engage.IsDefinitions(text) {
		d, err := engage.ParseDefinitions(path, text, "any") // which channel makes no difference to attributes
		if err != nil {
			return nil, nil, &outcome.UsageError{Err: err}
		}
		return []*klass.Klass{d.Klass()}, d.Carried(), nil
	}
	if klasses, err = klass.ParseFile(path, text); err != nil {
		return nil, nil, &outcome.UsageError{Err: err}
	}
	return klasses, nil, nil
}
