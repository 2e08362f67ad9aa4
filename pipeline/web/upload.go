package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline/trust"
)

// mostUpload is the most bytes of one upload: as many as the largest file that a check is known to read in one night.
const mostUpload = 10 << 30

// errNoFile: a form came without a file.
var errNoFile = errors.New("no file was chosen")

// upload takes files that were dropped or chosen. They go to the state directory as they come; memory does not grow
// with them.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, s.mostUpload)
	first, err := s.take(r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		s.refuse(w, r, http.StatusRequestEntityTooLarge,
			fmt.Errorf("the file has more than %d GB: name it on the command line instead, muster ui FILE reads it where it is",
				mostUpload>>30))
	case err != nil:
		s.refuse(w, r, http.StatusBadRequest, err)
	case wantsJSON(r):
		answer(w, map[string]string{"url": first.url("file")})
	default:
		http.Redirect(w, r, first.url("file"), http.StatusSeeOther)
	}
}

// take makes a session of each file of a form, and gives the first. Those with the same columns go into one run.
func (s *Server) take(r *http.Request) (first *session, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, errNoFile
	}
	var all []*session
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if part.FileName() == "" {
			continue
		}
		one, err := s.takeOne(part)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, errNoFile
	}
	return all[0], s.store.gather(r.Context(), all)
}

// takeOne writes one file into a session's folder. A file that does not come whole leaves nothing behind.
func (s *Server) takeOne(part *multipart.Part) (*session, error) {
	one, err := s.store.create()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(one.path("file"), fileName(part.FileName()))
	err = trust.MkdirAll(one.path("file"))
	var file *os.File
	if err == nil {
		file, err = trust.Create(path)
	}
	if err == nil {
		_, err = io.Copy(file, part)
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err != nil {
		return nil, errors.Join(err, s.store.remove(one))
	}
	one.record.File, one.record.Uploaded = path, true
	one.settle()
	return one, s.store.keep(one)
}

// fileName is the last part of a name that a browser sent, as a name that is safe in a folder of ours.
func fileName(sent string) string {
	name := filepath.Base(filepath.Clean(strings.ReplaceAll(sent, `\`, "/")))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == ':' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, ".-")
	if len(name) > 150 {
		name = name[len(name)-150:] // the ending says what it is
	}
	if name == "" {
		name = "file"
	}
	return name
}
