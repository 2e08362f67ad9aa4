package lookup

import (
	"context"
	"strings"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

// FindProfile reads the customer that a key names: an id of 24 hex digits, an e-mail address, a phone number with its
// plus, else an external id. kind says which it is where that is not plain; "": as it looks.
func FindProfile(ctx context.Context, v *kustomer.Viewer, kind, key string) (*kustomer.Profile, error) {
	if kind == "" {
		kind = kindOfKey(key)
	}
	if kind != "id" {
		c, err := v.Lookup(ctx, kind, key)
		if err != nil {
			return nil, err
		}
		key = c.ID
	}
	return v.Profile(ctx, key)
}

func kindOfKey(key string) string {
	switch {
	case customer.IsObjectID(key):
		return "id"
	case strings.Contains(key, "@"):
		return "email"
	case strings.HasPrefix(key, "+"):
		return "phone"
	}
	return "externalId"
}
