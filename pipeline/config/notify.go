package config

import (
	"net"
	"net/mail"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/trust"
	"muster/pipeline/yamlfile"
)

// channels reads the list of those who are told.
func (p *parser) channels(n *yaml.Node, to *[]Channel) {
	if n.Kind != yaml.SequenceNode {
		p.Mistake(n, "such as - webhook: https://…", "notify must be a list, this is %s", yamlfile.Describe(n))
		return
	}
	for _, item := range n.Content {
		p.channel(item, to)
	}
}

func (p *parser) channel(n *yaml.Node, to *[]Channel) {
	c := Channel{Line: n.Line, Every: "change"}
	kind := func(name string) { c.Kind += name }
	p.object(n, "a notify entry", []rule{
		{"webhook", func(n *yaml.Node) { kind("webhook"); p.target("webhook", &c)(n) }},
		{"slack", func(n *yaml.Node) { kind("slack"); p.target("slack", &c)(n) }},
		{"email", func(n *yaml.Node) { kind("email"); p.email(&c.SMTP)(n) }},
		{"command", func(n *yaml.Node) { kind("command"); p.words("command", &c.Command)(n) }},
		{"secret", p.secret("secret", &c.Secret)},
		{"every", p.choice("every", &c.Every, "change", "run")},
	})
	if n.Kind == yaml.MappingNode && !slices.Contains([]string{"webhook", "slack", "email", "command"}, c.Kind) &&
		!p.mistakenIn(n) {
		p.Mistake(n, "one of webhook, slack, email, command", "a notify entry says in one way whom to tell")
	}
	if !c.Secret.None() && c.Kind != "webhook" {
		p.Mistake(n, "", "only a webhook is signed with a secret")
	}
	*to = append(*to, c)
}

// target reads an address that is written out, or where it is found: a Slack address is a secret itself.
func (p *parser) target(what string, c *Channel) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			p.secret(what, &c.URL)(n)
			return
		}
		p.address(what, &c.Address)(n)
	}
}

func (p *parser) email(s *SMTP) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.object(n, "email", []rule{
			{"server", p.text("server", &s.Server)},
			{"from", p.text("from", &s.From)},
			{"to", p.list("to", &s.To)},
			{"user", p.text("user", &s.User)},
			{"password", p.secret("password", &s.Password)},
			{"plain", p.yes("plain", &s.Plain)},
		})
		if p.mistakenIn(n) {
			return
		}
		host, _, err := net.SplitHostPort(s.Server)
		if err != nil {
			p.Mistake(n, "such as smtp.example.com:587", "email needs a server with its port")
		}
		if s.Plain && !trust.Loopback(host) {
			p.Mistake(n, "leave plain out", "e-mail may go without TLS only to a server on this machine")
		}
		for _, address := range append([]string{s.From}, s.To...) {
			if _, err := mail.ParseAddress(address); err != nil || strings.ContainsAny(address, "\r\n") {
				p.Mistake(n, "such as ops@example.com", "email needs from and to, each an address")
				return
			}
		}
		if len(s.To) == 0 {
			p.Mistake(n, "such as to: [ops@example.com]", "email is to nobody")
		}
	}
}

// check holds what was read against itself: jobs that others need are there and of the same org, and none needs itself.
func (p *parser) check(root *yaml.Node) {
	v := p.project
	for i := range v.Jobs {
		if p.needs[i] != nil {
			p.checkNeeds(&v.Jobs[i], p.needs[i])
		}
	}
	if len(v.Jobs) == 0 && root.Kind == yaml.MappingNode && !p.mistaken("jobs") && !p.grouped {
		p.Mistake(root, "muster init writes one to begin with", "the file has no jobs")
	}
	for i := range v.Jobs {
		if circle := v.circle(v.Jobs[i].Name, nil); len(circle) > 0 {
			p.Mistake(p.keys[i], "take one need out", "job %s needs itself: %s", v.Jobs[i].Name, strings.Join(circle, " → "))
		}
	}
}

// checkNeeds gives the jobs that a job needs their whole names: inside a group one of the group may be named without
// it.
func (p *parser) checkNeeds(j *Job, n *yaml.Node) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for i, name := range j.Needs {
		need := p.project.Job(path.Join(j.Group, name))
		if need == nil {
			need = p.project.Job(name)
		}
		at := n
		if i < len(items) {
			at = items[i]
		}
		switch {
		case need == nil:
			p.Mistake(at, "", "no job is called %q", name)
		case need.Org != j.Org:
			p.Mistake(at, "take the need out", "job %s needs %s, which is of another org: jobs of different orgs do not wait "+
				"for each other", j.Name, need.Name)
		default:
			j.Needs[i] = need.Name
		}
	}
}

// circle is the way by which a job needs itself, nil where it does not.
func (p *Project) circle(name string, way []string) []string {
	if len(way) > 0 && name == way[0] {
		return append(way, name)
	}
	job := p.Job(name)
	if job == nil || slices.Contains(way, name) {
		return nil
	}
	for _, need := range job.Needs {
		if found := p.circle(need, append(slices.Clip(way), name)); found != nil {
			return found
		}
	}
	return nil
}
