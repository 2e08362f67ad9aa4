package command

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/spelling"
	"muster/pipeline/trust"
)

// instead is the command that was given with one word in the place of another, as a question; "" there is no better
// word.
func (a *app) instead(word, better string) string {
	at := slices.Index(a.Args, word)
	if better == "" || at < 0 {
		return ""
	}
	other := *a
	other.Args = slices.Clone(a.Args)
	other.Args[at] = better
	return "did you mean  " + other.again()
}

// unknownCommand is the error of a first word that is no command: it may be a misspelt one, or a file.
func (a *app) unknownCommand(root *cobra.Command, word string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	hint := a.instead(word, spelling.Nearest(word, names))
	if hint == "" && exists(word) {
		hint = "muster check " + printable.File(word) + " looks at a file"
	}
	if hint == "" {
		hint = "muster --help lists the commands"
	}
	return &hinted{usage("there is no command %q", word), hint}
}

// unknownFlag is the error of flags that cannot be read.
func (a *app) unknownFlag(c *cobra.Command, err error) error {
	hint := c.CommandPath() + " --help lists the flags"
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		name := unknown.GetSpecifiedName()
		word := "--" + name
		for _, arg := range a.Args {
			if flag, value, with := strings.Cut(arg, "="); with && flag == word {
				word = arg
				name = name + "=" + value
			}
		}
		bare, value, with := strings.Cut(name, "=")
		if near := spelling.Nearest(bare, names); near != "" {
			if with {
				near += "=" + value
			}
			if better := a.instead(word, "--"+near); better != "" {
				hint = better
			}
		}
	}
	return &hinted{&outcome.UsageError{Err: err}, hint}
}

// missingFile is the hint for a file that is not there: the one beside it whose name is most like its own,
// with and without the extension.
func (a *app) missingFile(err error) string {
	gone := (*fs.PathError)(nil)
	if !errors.As(err, &gone) || !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	dir, name := filepath.Split(gone.Path)
	entries, _ := os.ReadDir(filepath.Clean("./" + dir))
	if filepath.IsAbs(gone.Path) {
		entries, _ = os.ReadDir(dir)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if name == bareName(e.Name()) {
			return a.instead(gone.Path, dir+e.Name())
		}
	}
	near := spelling.Nearest(name, names)
	if near != "" && spelling.Nearest(bareName(name), []string{bareName(near)}) != "" {
		return a.instead(gone.Path, dir+near)
	}
	if dir == "" {
		return a.instead(name, spelling.Nearest(name, presetNames()))
	}
	return ""
}

// bareName is the name of a file without its extension, which most files share.
func bareName(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

func presetNames() (names []string) {
	for _, m := range mappings.Presets() {
		names = append(names, bind.PresetName(m))
	}
	return names
}

// orgNamed is the address that --to means. What is none, but shows which org is meant, is refused with the address in
// the hint: a key goes nowhere that nobody wrote.
func (a *app) orgNamed(to string) (string, error) {
	if strings.EqualFold(to, "sandbox") {
		return "sandbox", nil
	}
	if u, err := url.Parse(to); err == nil && u.Host != "" &&
		(!trust.Kustomers(u.Hostname()) || strings.Contains(u.Hostname(), ".api.") && strings.Trim(u.Path, "/") == "") {
		return to, nil
	}
	better := orgAddress(to)
	if spelling.Nearest(to, []string{"sandbox"}) != "" {
		better = "sandbox"
	}
	if hint := a.instead(to, better); hint != "" {
		return "", &hinted{usage("--to is not the address of an org's API"), hint}
	}
	return to, nil
}

// orgAddress is the address of the API of the org that a word names: its short name, a host without https://, or a page
// of the web app, of which the first part of the host is the org; "" it names none.
func orgAddress(word string) string {
	if _, rest, has := strings.Cut(word, "://"); has {
		word = rest
	}
	host, _, _ := strings.Cut(word, "/")
	org, rest, dotted := strings.Cut(strings.ToLower(host), ".")
	plain := org != "" && strings.Trim(org, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if !plain || dotted && !trust.Kustomers("x."+strings.TrimPrefix(rest, "api.")) && rest != "kustomerapp.com" &&
		rest != "api.kustomerapp.com" {
		return ""
	}
	return "https://" + org + ".api.kustomerapp.com"
}
