// Package attach opens what rows name as attachments of messages and notes: files beside the input, files inside zip
// archives, and web addresses. It is a leaf. Paths may not leave their folder, and addresses of private networks are
// not asked, unless the user says otherwise: a row is not the user's word.
package attach

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/trust"
)

// Most is how many bytes an attachment may have unless the user says otherwise. Kustomer documents no limit; 25 MB is
// what mail servers commonly take.
const Most = 25 << 20

// Source is where the attachments of one input are found.
type Source struct {
	Folder  string // that paths are meant from, and may not leave
	Private bool   // addresses of private networks may be asked
	Most    int64  // bytes
}

// A Refusal is why an attachment cannot be sent, for people; it never holds its path or address.
type Refusal struct{ Says string }

func (e *Refusal) Error() string { return e.Says }

func refusal(format string, args ...any) *Refusal { return &Refusal{fmt.Sprintf(format, args...)} }

// An Item is an attachment that is open.
type Item struct {
	Name, Type string
	Size       int64
	io.ReadCloser
}

// Ended is the error of a file that has more than its Size, of which all was read: somebody wrote to it meanwhile.
func (i *Item) Ended() error {
	if n, _ := i.Read(make([]byte, 1)); n > 0 {
		return refusal("a file that nobody writes to while it is sent")
	}
	return nil
}

// blocked are the extensions that Kustomer's knowledge base refuses; that they hold for attachments is not documented
// (https://developer.kustomer.com/docs/guides/attachments).
func blocked() []string {
	return strings.Fields("bin bat chm com cpl crt exe hlp hta inf ins isp jse lnk mdb msc msi msp mst pcd pif ps1 reg " +
		"scr sct shs vbe vba vbs wsf wsh wsl")
}

// Name is the name of what a reference leads to.
func Name(ref string) string {
	if u := address(ref); u != nil {
		ref = u.Path
	}
	name := path.Base(filepath.ToSlash(ref))
	if name == "." || name == "/" {
		return "attachment"
	}
	return name
}

// address is a reference that is a web address, nil where it is a path.
func address(ref string) *url.URL {
	if !strings.Contains(ref, "://") {
		return nil
	}
	u, err := url.Parse(ref)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// Look says what is wrong with a reference as far as this machine can tell, nil nothing. It asks no other.
func (s *Source) Look(ref string) *Refusal {
	if extension := strings.ToLower(strings.TrimPrefix(path.Ext(Name(ref)), ".")); slices.Contains(blocked(), extension) {
		return refusal("a file whose kind Kustomer takes: not .%s", extension)
	}
	if u := address(ref); u != nil {
		if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			return refusal("an address that begins with https:// and holds no user")
		}
		return nil
	}
	item, err := s.open(ref)
	if err != nil {
		return told(err)
	}
	item.Close()
	return nil
}

// Open opens what a reference leads to. The error is a *Refusal, or ctx's. A file of an archive is read through first:
// its checksum is only compared at its end, when an upload has already sent it.
func (s *Source) Open(ctx context.Context, ref string) (*Item, error) {
	if r := s.Look(ref); r != nil {
		return nil, r
	}
	if u := address(ref); u != nil {
		return s.download(ctx, u)
	}
	item, err := s.open(ref)
	if err == nil {
		if _, packed := item.ReadCloser.(*member); packed {
			_, err = io.Copy(io.Discard, item)
			if err = errors.Join(err, item.Close()); err == nil {
				item, err = s.open(ref)
			}
		}
	}
	if err != nil {
		return nil, told(err)
	}
	return item, nil
}

// told is a failure without the path that it names.
func told(err error) *Refusal {
	var own *Refusal
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, fs.ErrNotExist):
		return refusal("a file that is there")
	case errors.Is(err, fs.ErrPermission):
		return refusal("a file that may be read")
	}
	return refusal("a file that can be read")
}

// open opens a file, or one inside an archive: archive.zip/inside/name.pdf.
func (s *Source) open(ref string) (*Item, error) {
	whole := filepath.FromSlash(ref)
	if !filepath.IsAbs(whole) {
		whole = filepath.Join(s.Folder, whole)
	}
	if archive, inside, is := cutArchive(whole); is {
		return s.unpack(archive, inside)
	}
	if err := s.inside(whole); err != nil {
		return nil, err
	}
	file, err := trust.OpenAny(whole)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		err = s.fits(info.Size())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Item{Name(ref), typeOf(ref), info.Size(), file}, nil
}

// inside holds a path to the folder, links followed.
func (s *Source) inside(whole string) error {
	if _, err := os.Stat(whole); err != nil {
		return err
	}
	if err := trust.Below(s.Folder, whole); err != nil {
		return refusal("a file in the folder of the input, or below it; --attachments FOLDER names another")
	}
	return nil
}

func (s *Source) fits(size int64) error {
	if most := s.most(); size > most {
		return refusal("a file of at most %d bytes (--attachment-bytes)", most)
	}
	return nil
}

func (s *Source) most() int64 {
	if s.Most <= 0 {
		return Most
	}
	return s.Most
}

// cutArchive parts a path that leads into a zip archive.
func cutArchive(whole string) (archive, inside string, is bool) {
	slashed := filepath.ToSlash(whole)
	at := strings.Index(strings.ToLower(slashed), ".zip/")
	if at < 0 {
		return "", "", false
	}
	archive, inside = filepath.FromSlash(slashed[:at+4]), slashed[at+5:]
	info, err := os.Stat(archive)
	return archive, inside, err == nil && info.Mode().IsRegular()
}

// unpack opens one file of an archive. What its directory says of its size is not believed: more or less
// than that is an error.
func (s *Source) unpack(archive, inside string) (*Item, error) {
	if err := s.inside(archive); err != nil {
		return nil, err
	}
	packed, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	for _, f := range packed.File {
		if f.Name != inside || f.FileInfo().IsDir() {
			continue
		}
		size := int64(min(f.UncompressedSize64, 1<<62))
		if err = s.fits(size); err != nil {
			break
		}
		var in io.ReadCloser
		if in, err = f.Open(); err != nil {
			break
		}
		return &Item{Name(inside), typeOf(inside), size, &member{in, packed}}, nil
	}
	if err == nil {
		err = fs.ErrNotExist
	}
	return nil, errors.Join(err, packed.Close())
}

// member is an open file of an archive.
type member struct {
	io.ReadCloser
	archive io.Closer
}

func (m *member) Close() error { return errors.Join(m.ReadCloser.Close(), m.archive.Close()) }

// typeOf is the media type that a name says.
func typeOf(name string) string {
	if t := mime.TypeByExtension(strings.ToLower(path.Ext(name))); t != "" {
		kind, _, _ := strings.Cut(t, ";")
		return kind
	}
	return "application/octet-stream"
}
