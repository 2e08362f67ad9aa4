package pipeline

import "muster/pipeline/kustomer"

// ReadOnlyOrg is an org that is only looked at: nothing in it can write (law 4).
type ReadOnlyOrg struct {
	Viewer *kustomer.Viewer
	Token  kustomer.Token
	Klass  []byte // body of GET /v1/metadata/customer; nil: it is asked for when a mapping needs it
	Name   string // for people: "sandbox", or what the org calls itself
	Host   string // host[:port]
	Reach  Reach
}

// ReadOnly is the org without what can write to it.
func (o *Org) ReadOnly() *ReadOnlyOrg {
	return &ReadOnlyOrg{Viewer: o.Client.Viewer, Token: o.Token, Klass: o.Klass, Name: o.Name, Host: o.Host, Reach: o.Reach}
}

// ID names the org in the ledger, as [Org] does.
func (s *ReadOnlyOrg) ID() string {
	if s.Token.OrgID != "" {
		return s.Token.OrgID
	}
	return s.Name
}
