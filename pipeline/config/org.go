package config

import (
	"net"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/trust"
)

// Org is where records go: which org it is, with which key it is entered, how much of its budget may be used, and where
// what is remembered of it lies. Its jobs are done one after another, under one lock and within one budget.
type Org struct {
	Label   string // what its folders are called; "": it is the one of the whole file
	Address string // "sandbox", or an address; "": from KUSTOMER_URL
	Name    string // to say that this one is meant; a key of another stops the night
	Key     Secret // of this org; none: it is remembered, or asked for, with which key the org is entered
	Share   string // of the org's budget, such as "50%"
	State   string // directory of ledger and reports
}

// sandboxed is the address of the built-in org, of which each state directory has one.
const sandboxed = "sandbox"

// is says whether two are the same org.
func (o *Org) is(other *Org) bool {
	if o.Address == sandboxed || other.Address == sandboxed {
		return o.Address == other.Address && filepath.Clean(o.State) == filepath.Clean(other.State)
	}
	return o.Address == other.Address || trust.Origin(o.Address) != "" &&
		trust.Origin(o.Address) == trust.Origin(other.Address)
}

// label is what the folders of an org are called: the name of one of Kustomer's orgs, the host of another. A sandbox is
// told from others by the entry that names it.
func label(address, entry string) string {
	u, err := url.Parse(address)
	switch {
	case address == sandboxed || err != nil || u.Host == "":
		return entry
	case trust.Kustomers(u.Hostname()):
		first, _, _ := strings.Cut(u.Hostname(), ".")
		return first
	}
	host, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		return u.Host
	}
	return strings.Trim(strings.ReplaceAll(host, ":", "-"), "-") + "-" + port
}

// An entry is a part of the file that says of an org what may be said at the whole file, at a group and at a job, and
// whom to tell.
type entry struct {
	org    Org
	notify []Channel
	told   bool // notify is said
}

// rules read what an entry says of its org.
func (p *parser) orgRules(e *entry) []rule {
	return []rule{
		{"org", func(n *yaml.Node) {
			if n.Value == sandboxed {
				e.org.Address = n.Value
				return
			}
			p.address("org", &e.org.Address)(n)
		}},
		{"org-name", p.text("org-name", &e.org.Name)},
		{"key", p.secret("key", &e.org.Key)},
		{"share", func(n *yaml.Node) {
			var f float64
			if p.percent("share", &f)(n); f > 0 {
				e.org.Share = n.Value
			}
		}},
		{"state", p.surely(p.text("state", &e.org.State))},
		{"notify", p.surely(func(n *yaml.Node) {
			e.told = true
			p.channels(n, &e.notify)
		})},
	}
}

// within is what holds for an entry inside another one. A key belongs to the org that its own entry names, or to the
// one around it where it names none: an org that is named anew gets no key of the entries around it.
func (e *entry) within(outer *entry, called string) *entry {
	whole := *e
	o, around := &whole.org, &outer.org
	if !e.told {
		whole.notify = outer.notify
	}
	if o.Share == "" {
		o.Share = around.Share
	}
	if o.Address == "" || o.Address == around.Address && (o.Address != sandboxed || o.State == "") {
		o.Address, o.Label = around.Address, around.Label
		if o.Name == "" {
			o.Name = around.Name
		}
		if o.Key.None() {
			o.Key = around.Key
		}
		if o.State == "" {
			o.State = around.State
		}
		return &whole
	}
	if o.Label = label(o.Address, called); o.State == "" {
		o.State = path.Join(filepath.ToSlash(around.State), "orgs", o.Label)
	}
	return &whole
}

// orgOf gives a job its org. Jobs of one org say the same of it, and those of different orgs remember in different
// places.
func (p *parser) orgOf(n *yaml.Node, job string, o Org) *Org {
	for i, known := range p.project.Orgs {
		first := p.project.firstOf(known)
		switch {
		case !known.is(&o) && filepath.Clean(known.State) == filepath.Clean(o.State):
			p.Mistake(n, "give each a state of its own", "jobs %s and %s go to different orgs and have one state directory, %s",
				first, job, o.State)
			return p.project.Orgs[i]
		case !known.is(&o):
			continue
		}
		for _, said := range []struct {
			what string
			same bool
		}{{"another state directory", filepath.Clean(known.State) == filepath.Clean(o.State)},
			{"another key", known.Key.is(o.Key)}, {"another share", known.Share == o.Share},
			{"another org-name", known.Name == o.Name}} {
			if !said.same {
				p.Mistake(n, "say it once, at a group of both", "jobs %s and %s go to one org, and each names %s", first, job,
					said.what)
			}
		}
		return known
	}
	p.project.Orgs = append(p.project.Orgs, &o)
	return &o
}

// firstOf is the first job of an org.
func (p *Project) firstOf(o *Org) string {
	for i := range p.Jobs {
		if p.Jobs[i].Org == o {
			return p.Jobs[i].Name
		}
	}
	return ""
}

// At is what the file says of the org at an address; nil where it names none.
func (p *Project) At(address string) *Org {
	asked := Org{Address: address}
	for _, o := range append([]*Org{&p.Org}, p.Orgs...) {
		if address != "" && (o.Address == address || o.is(&asked)) {
			return o
		}
	}
	return nil
}
