package pipeline

import (
	"context"

	"muster/mappings"
	"muster/pipeline/kustomer"
)

// ReadOnlyOrg is an org that is only looked at: nothing in it can write (law 4).
type ReadOnlyOrg struct {
	Viewer *kustomer.Viewer
	Token  kustomer.Token
	Klass  []byte // body of GET /v1/metadata/customer; nil: it is asked for when a mapping needs it
	Name   string // for people: "sandbox", or what the org calls itself
	Host   string // host[:port]
	Reach  Reach
	Enter  string // see [Org]
}

// ReadOnly is the org without what can write to it.
func (o *Org) ReadOnly() *ReadOnlyOrg {
	return &ReadOnlyOrg{Viewer: o.Client.Viewer, Token: o.Token, Klass: o.Klass, Name: o.Name, Host: o.Host,
		Reach: o.Reach, Enter: o.Enter}
}

// ID names the org in the ledger, as [Org] does.
func (s *ReadOnlyOrg) ID() string {
	if s.Token.OrgID != "" {
		return s.Token.OrgID
	}
	return s.Name
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

// described is what the org says of customers' attributes, asked for when it is first needed; nil without an org.
func (c *Config) described(ctx context.Context) ([]byte, error) {
	body, viewer := c.klassBody(), c.viewer()
	if body == nil {
		return nil, nil
	}
	if *body == nil {
		text, err := viewer.Metadata(ctx, mappings.Customers)
		if err != nil {
			return nil, err
		}
		*body = text
	}
	return *body, nil
}

// klassBody is where that is kept; nil without an org.
func (c *Config) klassBody() *[]byte {
	switch {
	case c.Org != nil:
		return &c.Org.Klass
	case c.ReadOnly != nil:
		return &c.ReadOnly.Klass
	}
	return nil
}
