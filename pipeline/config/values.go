package config

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
	"muster/pipeline/trust"
	"muster/pipeline/yamlfile"
)

// text reads one value as it is written.
func (p *parser) text(what string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
			p.Mistake(n, "", "%s must be one value, this is %s", what, yamlfile.Describe(n))
			return
		}
		*to = n.Value
	}
}

// choice reads one of a few words.
func (p *parser) choice(what string, to *string, words ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		word := n.Value
		if word == "false" && n.Tag == "!!bool" || word == "off" {
			word = "off" // YAML 1.1 reads off as false
		}
		if n.Kind != yaml.ScalarNode || !slices.Contains(words, word) {
			fix := "write " + strings.Join(words, " or ")
			if near := spelling.Nearest(n.Value, words); near != "" {
				fix = "did you mean " + near + "?"
			}
			p.Mistake(n, fix, "%s cannot be %s", what, shown(n))
			return
		}
		*to = word
	}
}

func shown(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return yamlfile.Describe(n)
	}
	return strconv.Quote(n.Value)
}

// yes reads true or false.
func (p *parser) yes(what string, to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			p.Mistake(n, "write true or false", "%s must be true or false", what)
			return
		}
		*to = strings.EqualFold(n.Value, "true")
	}
}

// either reads one of two words; the second makes it true.
func (p *parser) either(what string, to *bool, first, second string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var word string
		p.choice(what, &word, first, second)(n)
		*to = word == second
	}
}

// list reads a list of texts, or one text.
func (p *parser) list(what string, to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			var s string
			p.text(what, &s)(item)
			if s != "" {
				*to = append(*to, s)
			}
		}
	}
}

// words reads a command: a list of its words. One text is not taken apart, since nobody could be sure how.
func (p *parser) words(what string, to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			p.Mistake(n, `such as [sh, -c, "pass show kustomer"]`, "%s must be a list of words, this is %s", what,
				yamlfile.Describe(n))
			return
		}
		p.list(what, to)(n)
		if p.project.Command == 0 || n.Line < p.project.Command {
			p.project.Command = n.Line
		}
	}
}

// span reads a length of time: 90s, 15m, 26h, 30d.
func (p *parser) span(what string, to *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d, err := ParseSpan(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			p.Mistake(n, "such as 90s, 15m, 26h or 30d", "%s cannot be %s", what, shown(n))
			return
		}
		*to = d
	}
}

// ParseSpan reads a length of time as Go does, with d for days of 24 hours.
func ParseSpan(s string) (time.Duration, error) {
	if days, is := strings.CutSuffix(s, "d"); is {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 || n > 36500 {
			return 0, strconv.ErrRange
		}
		return time.Duration(n * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = strconv.ErrRange
	}
	return d, err
}

// size reads a number of bytes: 500MB.
func (p *parser) size(what string, to *int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		size, ok := parseSize(n.Value)
		if n.Kind != yaml.ScalarNode || !ok {
			p.Mistake(n, "such as 500MB or 20GB", "%s cannot be %s", what, shown(n))
			return
		}
		*to = size
	}
}

// units of sizes, each a thousand of the one before.
const units = "kMGT"

// parseSize reads a size with its unit, which is B, kB, MB, GB or TB.
func parseSize(s string) (size int64, ok bool) {
	number, ok := strings.CutSuffix(strings.ReplaceAll(s, " ", ""), "B")
	factor := 1.0
	for i, unit := range units {
		if cut, is := strings.CutSuffix(number, string(unit)); is {
			number, factor = cut, math.Pow(1000, float64(i+1))
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if f *= factor; !ok || err != nil || !(f >= 1 && f < 1e18) {
		return 0, false
	}
	return int64(f), true
}

// Size is a number of bytes as people write it.
func Size(n int64) string {
	f, unit := float64(n), ""
	for i := range units {
		if f < 1000 {
			break
		}
		f, unit = f/1000, units[i:i+1]
	}
	return strconv.FormatFloat(f, 'f', -1, 64) + " " + unit + "B"
}

// percent reads a share: 2%.
func (p *parser) percent(what string, to *float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		share, is := strings.CutSuffix(n.Value, "%")
		f, err := strconv.ParseFloat(share, 64)
		if n.Kind != yaml.ScalarNode || !is || err != nil || f < 0 || f > 100 {
			p.Mistake(n, "such as 2%", "%s cannot be %s", what, shown(n))
			return
		}
		*to = f
	}
}

// count reads a whole number from 1.
func (p *parser) count(what string, to *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 1 || i > 60 {
			p.Mistake(n, "a number from 1 to 60", "%s cannot be %s", what, shown(n))
			return
		}
		*to = i
	}
}

// retry reads how often within what time: 3 in 1h.
func (p *parser) retry(to *Retry) func(*yaml.Node) {
	return func(n *yaml.Node) {
		times, within, both := strings.Cut(n.Value, " in ")
		count, err := strconv.Atoi(strings.TrimSpace(times))
		span, wrong := ParseSpan(strings.TrimSpace(within))
		if n.Kind != yaml.ScalarNode || !both || err != nil || wrong != nil || count < 1 || count > 100 || span <= 0 ||
			span > 24*time.Hour {
			p.Mistake(n, "how often within what time, such as 3 in 1h", "retry cannot be %s", shown(n))
			return
		}
		*to = Retry{count, span}
	}
}

// number reads a whole number from 0.
func (p *parser) number(what string, to *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 {
			p.Mistake(n, "a whole number", "%s cannot be %s", what, shown(n))
			return
		}
		*to = i
	}
}

// address reads a web address. plain http is for this machine only: it would carry the message in the open.
func (p *parser) address(what string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.text(what, &s)(n)
		if s == "" {
			return
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			p.Mistake(n, "", "%s must be a web address, https://…", what)
		case u.Scheme == "http" && !trust.Loopback(u.Hostname()):
			p.Mistake(n, "write https://", "%s may be plain http only on this machine", what)
		case u.User != nil:
			p.Mistake(n, "name where the secret is found instead", "%s holds a user or password", what)
		default:
			*to = s
		}
	}
}

// secret reads where a secret is found. The secret itself is a mistake.
func (p *parser) secret(what string, to *Secret) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			p.Mistake(n, "such as {file: /etc/muster/key}, {env: NAME}, {keyring: SERVICE/USER} or {command: [pass, show, "+
				"kustomer]}",
				"%s says where the secret is found, it never holds the secret itself", what)
			return
		}
		p.object(n, what, []rule{
			{"file", p.text("file", &to.File)},
			{"env", p.text("env", &to.Env)},
			{"keyring", p.text("keyring", &to.Keyring)},
			{"command", p.words("command", &to.Command)},
		})
		if to.Env != "" {
			p.project.Hidden = append(p.project.Hidden, to.Env)
		}
		if len(n.Content) > 2 {
			p.Mistake(n, "leave all but one out", "%s is to be found in one place", what)
		}
		if service, user, both := strings.Cut(to.Keyring, "/"); to.Keyring != "" && (!both || service == "" || user == "") {
			p.Mistake(n, "such as {keyring: muster/acme}", "keyring is SERVICE/USER")
		}
	}
}
