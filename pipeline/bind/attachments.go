package bind

import (
	"path/filepath"

	"muster/pipeline/attach"
)

// filesOf is where the attachments of an input are found: in the folder that the user names, else in its own.
func (in *Input) filesOf(c *Options) attach.Source {
	s := c.Attachments
	switch {
	case s.Folder != "":
		s.Folder = c.path(s.Folder)
	case in.Name == "-":
		s.Folder = From(c.Directory, ".")
	default:
		s.Folder = filepath.Dir(in.Path)
	}
	if s.Folder == "" {
		s.Folder = "."
	}
	return s
}
