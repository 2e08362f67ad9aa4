package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
)

// Missing is what the file names and is not there: mappings, keys and files of secrets. It looks at names only.
func (p *Project) Missing() (mistakes Mistakes) {
	look := func(line int, what, name string) {
		if name == "" || name == "-" {
			return
		}
		if _, err := os.Stat(p.Path(name)); errors.Is(err, fs.ErrNotExist) {
			mistakes = append(mistakes, Mistake{File: p.File, Line: line, Column: 1, Message: what + " is not there: " +
				p.Path(name)})
		}
	}
	look(1, "the file of the key", p.Org.Key.File)
	for i := range p.Jobs {
		j := &p.Jobs[i]
		if !j.Org.Key.is(p.Org.Key) {
			look(j.Line, "the key of job "+j.Name, j.Org.Key.File)
		}
		if !j.preset() {
			look(j.Line, "the mapping of job "+j.Name, j.Mapping)
		}
		look(j.Line, "the properties of job "+j.Name, j.Properties)
		look(j.Line, "the private key of job "+j.Name, j.Source.PrivateKey)
		look(j.Line, "known-hosts of job "+j.Name, j.Source.KnownHosts)
		for _, s := range []Secret{j.Source.Authorization, j.Source.Password, j.Source.AccessKey, j.Source.SecretKey} {
			look(j.Line, "a secret of job "+j.Name, s.File)
		}
		for i := range j.Notify {
			c := &j.Notify[i]
			for _, s := range []Secret{c.URL, c.Secret, c.SMTP.Password} {
				look(c.Line, "a secret of notify", s.File)
			}
		}
	}
	return slices.Compact(slices.SortedStableFunc(slices.Values(mistakes),
		func(a, b Mistake) int { return a.Line - b.Line }))
}
