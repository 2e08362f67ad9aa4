package config

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// file reads the whole project.
func (p *parser) file(root *yaml.Node) {
	v := p.project
	p.guards = defaultGuards()
	var version string
	var groups, groupNames []*yaml.Node
	p.object(root, "a project file", append(p.orgRules(p.top), []rule{
		{"version", p.choice("version", &version, "1")},
		{"timeout", p.span("timeout", &v.Timeout)},
		{"grace", p.span("grace", &v.Grace)},
		{"overlap", p.overlap},
		{"guards", p.guardRules(&p.guards)},
		{"jobs", func(n *yaml.Node) {
			p.Members(n, "jobs", func(key, value *yaml.Node) { p.names, p.jobs = append(p.names, key), append(p.jobs, value) })
		}},
		{"groups", func(n *yaml.Node) {
			p.Members(n, "groups", func(key, value *yaml.Node) {
				groupNames, groups = append(groupNames, key), append(groups, value)
			})
		}},
		{"heartbeat", p.heartbeat(&v.Heartbeat)},
		{"metrics", p.text("metrics", &v.Metrics)},
		{"retention", p.retention},
		{"backup", func(n *yaml.Node) {
			p.object(n, "backup", []rule{{"to", p.text("to", &v.Backup.To)}, {"keep", p.span("keep", &v.Backup.Keep)}})
		}},
	}...))
	if root.Kind == yaml.MappingNode && version == "" && !p.mistaken("version") {
		p.Mistake(root, "begin the file with version: 1", "the file does not say its version")
	}
	v.Org, v.Notify = p.top.org, p.top.notify
	for i, key := range p.names {
		p.job(key, p.jobs[i], p.top, "", "")
	}
	p.grouped = len(groupNames) > 0
	for i, key := range groupNames {
		p.group(key, groups[i])
	}
}

// surely reads what must be right for anything of the file to be believed.
func (p *parser) surely(read func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		before := len(p.Mistakes)
		read(n)
		p.unsure = p.unsure || len(p.Mistakes) > before
	}
}

// heartbeat reads one address, or one for each thing that is to be known.
func (p *parser) heartbeat(to *Heartbeat) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			p.address("heartbeat", &to.Good)(n)
			return
		}
		p.object(n, "heartbeat", []rule{{"start", p.address("start", &to.Start)}, {"good", p.address("good", &to.Good)},
			{"failure", p.address("failure", &to.Failure)}})
	}
}

// mistaken says whether a key has a mistake already.
func (p *parser) mistaken(key string) bool {
	return slices.ContainsFunc(p.Mistakes, func(m Mistake) bool { return strings.HasPrefix(m.Message, key+" ") })
}

func (p *parser) overlap(n *yaml.Node) {
	o := &p.project.Overlap
	if n.Kind == yaml.MappingNode {
		p.object(n, "overlap", []rule{{"wait", p.span("wait", &o.Wait)}})
		o.Policy = "wait"
		return
	}
	p.choice("overlap", &o.Policy, "fail", "skip")(n)
}

func (p *parser) retention(n *yaml.Node) {
	p.object(n, "retention", []rule{{"runs", p.span("runs", &p.project.Retention.Runs)}})
}

func (p *parser) guardRules(g *Guards) func(*yaml.Node) {
	rule3 := func(name string, to *Rule) rule {
		return rule{name, func(n *yaml.Node) {
			var s string
			p.choice(name, &s, string(Stop), string(Warn), string(Off))(n)
			if s != "" {
				*to = Rule(s)
			}
		}}
	}
	return func(n *yaml.Node) {
		p.object(n, "guards", []rule{
			rule3("columns", &g.Columns), rule3("new-columns", &g.NewColumns), rule3("order", &g.Order),
			rule3("types", &g.Types),
			rule3("rows", &g.Rows), rule3("nulls", &g.Nulls), rule3("rejects", &g.Rejects), rule3("empty", &g.Empty),
			rule3("stale", &g.Stale), rule3("passed-over", &g.PassedOver),
			{"history", p.count("history", &g.History)},
		})
	}
}

var jobName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// nameForm is what names of jobs, groups and rows are made of.
const nameForm = "small letters, digits, - and _"

// job reads one job, which may be of a group.
func (p *parser) job(key, n *yaml.Node, around *entry, group, each string) {
	own := &entry{}
	j := Job{Name: path.Join(group, key.Value), Group: group, Each: each, Line: key.Line, Options: DefaultOptions(),
		Guards: p.guards, Resume: true, Canary: true, OnMissing: Missing{Act: "report", AtMost: 1},
		// 10 s: whoever writes a file without pause touches it more often than that.
		Source: Source{Stable: 10 * time.Second}}
	if !jobName.MatchString(key.Value) {
		p.Mistake(key, nameForm, "a job cannot be called %q", key.Value)
	}
	var needs *yaml.Node
	rules := append(p.orgRules(own), []rule{
		{"source", p.source(&j.Source)},
		{"needs", func(n *yaml.Node) {
			p.list("needs", &j.Needs)(n)
			needs = n
		}},
		{"limits", func(n *yaml.Node) {
			l := &j.Limits
			p.object(n, "limits", []rule{{"invalid", p.allowance("invalid", &l.Invalid)},
				{"rejected", p.allowance("rejected", &l.Rejected)},
				{"create", p.allowance("create", &l.Create)}, {"update", p.allowance("update", &l.Update)}})
		}},
		{"on-missing", p.missing(&j.OnMissing)},
		{"guards", p.guardRules(&j.Guards)},
		{"retry", p.retry(&j.Retry)},
		{"resume", p.yes("resume", &j.Resume)},
		{"canary", p.yes("canary", &j.Canary)},
	}...)
	for _, o := range j.All() {
		rules = append(rules, p.option(o))
	}
	p.object(n, "job "+j.Name, rules)
	if j.Source.From == "" && len(j.Source.Command) == 0 && !p.mistakenIn(n) {
		p.Mistake(key, "such as source: /srv/feed/customers-*.csv", "job %s has no source", j.Name)
	}
	whole := own.within(around, key.Value)
	j.Org, j.Notify = p.orgOf(key, j.Name, whole.org), whole.notify
	p.project.Jobs = append(p.project.Jobs, j)
	p.keys, p.needs = append(p.keys, key), append(p.needs, needs)
}

// option is the rule of an option of import.
func (p *parser) option(o Option) rule {
	switch to := o.To.(type) {
	case *bool:
		return rule{o.Name, p.yes(o.Name, to)}
	case *int:
		return rule{o.Name, p.number(o.Name, to)}
	case *[]string:
		return rule{o.Name, p.list(o.Name, to)}
	case *string:
		switch {
		case len(o.Words) > 0:
			return rule{o.Name, p.choice(o.Name, to, o.Words...)}
		case o.Allowance:
			return rule{o.Name, p.allowance(o.Name, to)}
		}
		return rule{o.Name, p.text(o.Name, to)}
	default:
		panic("an option of a kind that nobody reads: " + o.Name)
	}
}

// mistakenIn says whether anything from a node on has a mistake already.
func (p *parser) mistakenIn(n *yaml.Node) bool {
	return slices.ContainsFunc(p.Mistakes, func(m Mistake) bool { return m.Line >= n.Line })
}

func (p *parser) allowance(what string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		number, share := strings.CutSuffix(n.Value, "%")
		f, err := strconv.ParseFloat(number, 64)
		if n.Kind != yaml.ScalarNode || err != nil || f < 0 || share && f > 100 || !share && f != float64(int64(f)) {
			p.Mistake(n, "a number of rows or a share, such as 20 or 2%", "%s cannot be %s", what, shown(n))
			return
		}
		*to = n.Value
	}
}

func (p *parser) missing(to *Missing) func(*yaml.Node) {
	return func(n *yaml.Node) {
		acts := []string{"ignore", "report", "tag", "delete"}
		if n.Kind != yaml.MappingNode {
			p.choice("on-missing", &to.Act, acts...)(n)
		} else {
			p.object(n, "on-missing", []rule{
				{"do", p.choice("do", &to.Act, acts...)},
				{"tag", p.text("tag", &to.Tag)},
				{"at-most", p.percent("at-most", &to.AtMost)},
			})
		}
		if to.Act == "tag" && to.Tag == "" {
			to.Tag = "gone-from-feed"
		}
	}
}

func (p *parser) source(to *Source) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			p.from(to)(n)
			return
		}
		p.object(n, "source", []rule{
			{"from", p.from(to)},
			{"command", p.words("command", &to.Command)},
			{"take", p.either("take", &to.All, "newest", "all")},
			{"order", p.either("order", &to.ByName, "time", "name")},
			{"stable", p.span("stable", &to.Stable)},
			{"max-size", p.size("max-size", &to.MaxSize)},
			{"max-age", p.span("max-age", &to.MaxAge)},
			{"authorization", p.secret("authorization", &to.Authorization)},
			{"user", p.text("user", &to.User)},
			{"password", p.secret("password", &to.Password)},
			{"private-key", p.text("private-key", &to.PrivateKey)},
			{"known-hosts", p.text("known-hosts", &to.KnownHosts)},
			{"access-key", p.secret("access-key", &to.AccessKey)},
			{"secret-key", p.secret("secret-key", &to.SecretKey)},
			{"region", p.text("region", &to.Region)},
			{"endpoint", p.address("endpoint", &to.Endpoint)},
		})
		if to.From != "" && len(to.Command) > 0 {
			p.Mistake(n, "leave one out", "source has both from and command")
		}
	}
}

// from reads where a file comes from.
func (p *parser) from(to *Source) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.text("source", &s)(n)
		scheme, rest, remote := strings.Cut(s, "://")
		switch {
		case s == "":
			return
		case !remote:
			if _, err := path.Match(s, ""); err != nil {
				p.Mistake(n, "only * and ? and [a-z] in the last part", "source is no pattern of names")
				return
			}
			if strings.ContainsAny(path.Dir(s), "*?[") {
				p.Mistake(n, "write the folder out", "only the last part of a source may have * and ?")
				return
			}
		case scheme == "http" || scheme == "https":
			p.address("source", &s)(n)
		case scheme == "sftp" || scheme == "s3" || scheme == "gs" || scheme == "az":
			if u, err := url.Parse(s); err == nil && scheme == "az" && strings.Count(u.Path, "/") < 2 {
				p.Mistake(n, "such as az://ACCOUNT/CONTAINER/folder/customers-*.csv", "source names no file in a container")
				return
			} else if err != nil && !strings.ContainsAny(rest, "*?") || err == nil &&
				(u.Host == "" || u.Path == "" || strings.HasSuffix(u.Path, "/")) {
				p.Mistake(n, fmt.Sprintf("such as %s://HOST/folder/customers-*.csv", scheme), "source names no file")
				return
			} else if err == nil && u.User != nil && hasPassword(u.User) {
				p.Mistake(n, "name where it is found with password", "source holds a password")
				return
			}
		default:
			p.Mistake(n, "a path, https://, sftp://, s3://, gs:// or az://; for anything else a command that writes the "+
				"file: command: [rclone, copyto, …, \"{}\"]",
				"no files are fetched from %s://", scheme)
			return
		}
		to.From = s
	}
}

func hasPassword(u *url.Userinfo) bool { _, has := u.Password(); return has }
