package command

import (
	"fmt"
	"net/url"
	"strings"

	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// A namer is who named an org, or a key.
type namer int

const (
	byPerson  namer = iota // on the command line or in the environment
	byProject              // in a project file that nobody else can have written, and that the command was told to do
	// in such a file that was found in the working directory: it may have come with the export beside it
	byFound
	byFile // in a file that happens to lie there: a project file of anybody's, a run's settings, a plan
)

// A destination is where a key is about to go. A key goes only to an org that its owner named; what is named by a file
// may have been written by anybody.
type destination struct {
	address string
	host    string // with its port
	org     namer
	key     namer
}

// doubt says why nobody can be sure that the key is meant for this org; "" it is.
func (d *destination) doubt() string {
	name := d.host
	if u, err := url.Parse(d.address); err == nil {
		name = u.Hostname()
	}
	switch {
	case !trust.Kustomers(name) && !trust.Loopback(name):
		return "that is neither a host of Kustomer's nor this machine"
	case d.org == byPerson && d.key != byFile, d.org == byProject && d.key == byProject:
		return ""
	case d.org == byProject:
		return "muster.yaml names that org, and does not say that this key is for it"
	case d.org == byFound:
		return "a muster.yaml that nobody named names that org, and this key has not been there before"
	default:
		return "a file names that org, and this key has not been there before"
	}
}

// is says whether a word names the destination: its host, or of one of Kustomer's hosts the first part. What an org
// calls itself is not known before it has been asked.
func (d *destination) is(word string) bool {
	name, _, _ := strings.Cut(d.host, ":")
	first, _, _ := strings.Cut(d.host, ".")
	return word != "" && (strings.EqualFold(word, d.host) || strings.EqualFold(word, name) ||
		trust.Kustomers(name) && strings.EqualFold(word, first))
}

// mayRun makes sure, before it is run, that a command that tells the key is the person's: one of a project file that
// was found is, where a person names the org of it.
func (a *app) mayRun(f *orgFlags, address string) error {
	if len(f.secret.Command) == 0 || f.keyFile != "" || f.keyed != byFound || f.named == byPerson {
		return nil
	}
	d := destination{address: address, host: hostOf(address)}
	return a.confirmed(f, &d, doubt{says: "a muster.yaml that nobody named would run a command",
		not:   "the command for the API key is not run for " + d.host,
		would: "a command would be run for the API key of " + d.host,
		hint: "--yes-org " + printable.Word(d.host) + " says that it may, and so does the org in KUSTOMER_URL; muster " +
			"run runs what its project file says"})
}

// mayGo makes sure, before a byte leaves, that the key belongs to the org: its owner named both, or the state directory
// remembers that the key has gone there, or somebody says so now.
func (a *app) mayGo(f *orgFlags, key, address, state string) error {
	d := destination{address: address, host: hostOf(address), org: f.named, key: f.keyed}
	says := d.doubt()
	if says == "" || trust.Origin(address) == "" || trust.Remembers(state, key, address) {
		return nil // what is no address is refused by whoever would ask it
	}
	hint := "--yes-org " + printable.Word(d.host) + " says that the key is meant for it, and need be said only once"
	if f.named == byProject && f.keyed != byProject {
		hint += `; in muster.yaml "key: {env: KUSTOMER_API_KEY}" says so for good`
	}
	return a.confirmed(f, &d, doubt{says: says, not: "the API key is not sent to " + d.host,
		would: "the API key would go to " + d.host, hint: hint})
}

// A doubt is why something is not done before somebody says so.
type doubt struct{ says, not, would, hint string }

// confirmed has the person say that the host is the right one, by --yes-org or now. What is said now holds for the
// command.
func (a *app) confirmed(f *orgFlags, d *destination, why doubt) error {
	switch {
	case d.is(f.yesOrg):
		return nil
	case f.yesOrg != "":
		return &hinted{usage("%s: %s, and --yes-org does not name that host", why.not, why.says),
			"look whether the host is right; --yes-org " + printable.Word(d.host) + " says that it is"}
	case !a.Watched || !a.Asked || f.keyFile == "-":
		return &hinted{usage("%s: %s", why.not, why.says), why.hint}
	}
	a.asking.Lock() // jobs of different orgs are done side by side, and one question is asked at a time
	defer a.asking.Unlock()
	fmt.Fprintf(a.Stderr, "muster: %s: %s. Type the host to go on: ", why.would, why.says)
	line, err := readLine(a.Stdin)
	if err != nil {
		return err
	}
	if !d.is(strings.TrimSpace(string(line))) {
		return &hinted{usage("that is not the host; nothing was sent"), "the host is " + d.host}
	}
	a.named, f.yesOrg = d.host, d.host
	return nil
}

// remember has the state directory know that a key belongs to an org, once the org has taken it. What cannot be
// remembered is asked for again.
func (a *app) remember(key, address, name, state string) {
	if name == "sandbox" {
		return
	}
	if err := trust.Remember(state, key, address); err != nil {
		fmt.Fprintf(a.Stderr, "muster: %v\n", err)
	}
}
