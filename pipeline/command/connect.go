package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/sandbox"
	"muster/pipeline/trust"
)

// needed are the roles an import cannot do without
// (https://developer.kustomer.com/docs/get-started/api-keys-and-roles).
var needed = [...]string{
	"org.permission.customer.create",
	"org.permission.customer.read",
	"org.permission.customer.update",
	"org.permission.bulk.read",
	"org.permission.metadata.read",
}

// completed fills in what no flag says: from the environment, and what is not there either from the project file of the
// working directory, where there is one.
func (a *app) completed(f *orgFlags) (*orgFlags, error) {
	whole := *f
	if whole.to == "" {
		whole.to, _ = a.Lookup("KUSTOMER_URL")
	} else {
		whole.named = a.namedAgain(f)
	}
	if strings.EqualFold(whole.to, "sandbox") {
		whole.to = "sandbox"
	}
	if whole.to == "" || whole.to != "sandbox" && whole.keyFile == "" && whole.secret.None() &&
		!a.told("KUSTOMER_API_KEY") {
		p, err := config.Load(config.FileName)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.As(err, new(*trust.Stranger)):
			return nil, err
		case err != nil:
			return nil, &hinted{&outcome.UsageError{Err: err},
				"muster lint says what is wrong with muster.yaml; --to and --key-file do without it"}
		default:
			if whole.to == "" {
				whole.to, whole.named = p.Org.Address, finderOf(p)
			}
			if whole.to == "" && len(p.Orgs) > 1 {
				return nil, &hinted{usage("muster.yaml names %d orgs, and not which of them is meant", len(p.Orgs)), "--to " +
					printable.Word(p.Orgs[0].Address) + " names one"}
			}
			a.keyOf(&whole, p, finderOf(p))
		}
	}
	if whole.to == "" {
		return nil, noOrg()
	}
	var err error
	if whole.to, err = a.orgNamed(whole.to); err != nil {
		return nil, err
	}
	return &whole, nil
}

// told says whether a variable of the environment says anything.
func (a *app) told(name string) bool {
	value, _ := a.Lookup(name)
	return strings.TrimSpace(value) != ""
}

// connect reaches the org named by the flags and asks it who we are. end gives back what was opened.
func (a *app) connect(ctx context.Context, f *orgFlags, state string) (org *pipeline.Org, end func(), err error) {
	return a.connectWith(ctx, f, state, missingRoles)
}

// connectWith is connect for what needs other roles than an import.
func (a *app) connectWith(ctx context.Context, f *orgFlags, state string,
	lacks func(kustomer.Token) []string) (org *pipeline.Org, end func(), err error) {
	f, err = a.completed(f)
	if err != nil {
		return nil, nil, err
	}
	to := f.to
	config, name, end, err := a.address(ctx, f, to, state)
	if err != nil {
		return nil, nil, err
	}
	client, err := kustomer.New(config)
	var seen *pipeline.ReadOnlyOrg
	var asked time.Time
	if err == nil {
		seen, asked, err = introduce(ctx, client.Viewer, state, name, lacks)
	} else {
		err = noAddress(err)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	a.remember(config.Key, config.URL, name, state)
	return &pipeline.Org{Client: client, Token: seen.Token, Asked: asked, Klass: seen.Klass, Name: seen.Name,
		Host: hostOf(config.URL), Reach: f.reach(to), Enter: f.entering()}, end, nil
}

func (f *orgFlags) reach(to string) pipeline.Reach {
	return pipeline.Reach{To: to, Share: f.share, Timeout: f.timeout, SandboxRate: f.rate}
}

// entering are the flags with which a command that names a run or a plan enters its org as this one did.
func (f *orgFlags) entering() string {
	switch {
	case f.to == "sandbox":
		return ""
	case f.keyFile != "":
		return " --key-file " + printable.Word(f.keyFile)
	case f.keyed == byFound && len(f.secret.Command) > 0:
		return " --yes-org " + printable.Word(hostOf(f.to))
	}
	return ""
}

// see is connect for who only looks: what it gives cannot write, and needs no role for writing.
func (a *app) see(ctx context.Context, f *orgFlags, state string) (seen *pipeline.ReadOnlyOrg, end func(), err error) {
	f, err = a.completed(f)
	if err != nil {
		return nil, nil, err
	}
	to := f.to
	config, name, end, err := a.address(ctx, f, to, state)
	if err != nil {
		return nil, nil, err
	}
	viewer, err := kustomer.NewViewer(config)
	if err == nil {
		seen, _, err = introduce(ctx, viewer, state, name, func(kustomer.Token) []string { return nil })
	} else {
		err = noAddress(err)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	a.remember(config.Key, config.URL, name, state)
	seen.Host, seen.Reach, seen.Enter = hostOf(config.URL), f.reach(to), f.entering()
	return seen, end, nil
}

func noOrg() error {
	return &hinted{usage("no org is named"), "--to sandbox tries the built-in org; --to " +
		"https://ORG.api.kustomerapp.com names yours"}
}

func noAddress(err error) error {
	return &hinted{&outcome.UsageError{Err: err}, "--to https://ORG.api.kustomerapp.com names an org, --to sandbox the " +
		"built-in one"}
}

// address works out where the org is and with which key it is entered; the built-in org is started.
func (a *app) address(ctx context.Context, f *orgFlags, to, state string) (config kustomer.Config, name string,
	end func(), err error) {
	share, err := f.budget()
	if err != nil {
		return config, "", nil, err
	}
	config = kustomer.Config{URL: to, UserAgent: "muster/" + a.version(), Timeout: f.timeout, Share: share, Proxy: a.Proxy,
		Waits: a.waiting}
	if to == "sandbox" {
		server, err := a.startSandbox(state, sandbox.Config{RatePerMinute: f.rate, Admin: true})
		if err != nil {
			return config, "", nil, err
		}
		config.URL, config.Key = server.URL(), server.Key()
		return config, "sandbox", func() { server.Close() }, nil
	}
	if err = a.mayRun(f, config.URL); err == nil {
		config.Key, err = a.key(ctx, f)
	}
	if err == nil {
		err = a.mayGo(f, config.Key, config.URL, state)
	}
	return config, hostOf(to), func() {}, err
}

// namerOf is who speaks in a project file: its owner, where nobody else can have written it.
func namerOf(p *config.Project) namer {
	if p.Stranger != nil {
		return byFile
	}
	return byProject
}

// finderOf is namerOf for a project file that was found: the command was not told to do it.
func finderOf(p *config.Project) namer {
	if p.Stranger != nil {
		return byFile
	}
	return byFound
}

// keyOf has the key come from where the project file says, for the org that the same entry of the file names and no
// other. A key that is found in the environment already may be the one that the file names.
func (a *app) keyOf(f *orgFlags, p *config.Project, by namer) {
	org := p.At(f.to)
	if org == nil || f.keyFile != "" || !f.secret.None() {
		return
	}
	told := a.told("KUSTOMER_API_KEY")
	if told && org.Key.Env != "KUSTOMER_API_KEY" || org.Key.None() {
		return
	}
	f.secret, f.secrets, f.keyed = org.Key, a.secrets(p), by
	if f.named == byFile { // a run of this project: its file names the same org
		f.named = f.keyed
	}
}

// namedAgain is who named the org of a run or a plan: whoever has KUSTOMER_URL say the same did, else what was named
// before.
func (a *app) namedAgain(f *orgFlags) namer {
	if address, _ := a.Lookup("KUSTOMER_URL"); trust.Origin(address) != "" && trust.Origin(address) == trust.Origin(f.to) {
		return byPerson
	}
	return f.named
}

// startSandbox opens the built-in org that lives in the state directory.
func (a *app) startSandbox(state string, c sandbox.Config) (*sandbox.Server, error) {
	if err := trust.State(state); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	c.Path = filepath.Join(state, "sandbox.db")
	server, err := sandbox.Start(c)
	if errors.Is(err, sandbox.ErrInUse) {
		a.code = exit.Locked
		return nil, &hinted{fmt.Errorf("start the sandbox: %w", err),
			"wait until that one ends; or, if it is muster sandbox, name the address it printed: --to http://127.0.0.1:PORT " +
				"--key-file " +
				printable.File(filepath.Join(state, keyName))}
	}
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	return server, nil
}

// introduce asks the org who the key is, unless the state directory remembers it, and refuses a key that lacks a role
// before anything is sent. asked is when; zero: it was not.
func introduce(ctx context.Context, viewer *kustomer.Viewer, state, name string,
	lacks func(kustomer.Token) []string) (seen *pipeline.ReadOnlyOrg, asked time.Time, err error) {
	in, err := pipeline.Introduce(ctx, viewer, state, time.Now(), func(t kustomer.Token) error {
		missing := lacks(t)
		if len(missing) == 0 {
			return nil
		}
		return &hinted{&kustomer.Error{Verdict: kustomer.Forbidden, Act: "the key lacks " + kustomer.InWords(missing...)},
			"make a key that has these roles in Kustomer: Settings › Security › API Keys (roles of a key cannot be changed)"}
	})
	if refused := (*hinted)(nil); err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return nil, asked, err
	}
	if in.Token.OrgName != "" && name != "sandbox" {
		name = in.Token.OrgName
	}
	return &pipeline.ReadOnlyOrg{Viewer: viewer, Token: in.Token, Klass: in.Klass, Name: name}, in.Asked, nil
}

// missingRoles lists the roles the key lacks; a key that does not say its roles is believed.
func missingRoles(t kustomer.Token) []string { return lacking(t, needed[:]...) }

func lacking(t kustomer.Token, roles ...string) (missing []string) {
	if len(t.Roles) == 0 {
		return nil
	}
	for _, role := range roles {
		if !t.Has(role) {
			missing = append(missing, role)
		}
	}
	return missing
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// readLine reads a line, which may be empty at the end of the stream.
func readLine(r io.Reader) ([]byte, error) {
	line, err := lineOf(r)
	if err == io.EOF {
		err = nil
	}
	return line, err
}

// lineOf reads a key, or an answer, from a stream that may hold an input behind it. The error is io.EOF where nothing
// is left.
func lineOf(r io.Reader) ([]byte, error) {
	var line []byte
	var b [1]byte
	for len(line) < 1<<16 {
		n, err := r.Read(b[:])
		if n == 1 && b[0] == '\n' {
			return line, nil
		}
		line = append(line, b[:n]...)
		if err == io.EOF && len(line) > 0 {
			return bytes.TrimSpace(line), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return line, nil
}
