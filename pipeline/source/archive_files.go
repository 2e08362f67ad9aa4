package source

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"

	"muster/pipeline/printable"
)

// mostMembers is how many data files an archive may hold to be read as a whole: each is looked at before any is read.
const mostMembers = 50

// archiveReader reads the data files of one archive, one behind the other, as the tables of one input.
type archiveReader struct {
	in       *input
	members  []Reader
	headers  []*Header
	describe string
	at       int
	end      error
}

// dataFiles are the files of an archive that may hold tables; passed names the others.
func (a *archive) dataFiles() (data []*zip.File, passed []string) {
	for _, f := range a.zip.File {
		base := path.Base(f.Name)
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(base, ".") {
			continue
		}
		switch extension(f.Name) {
		case ".csv", ".tsv", ".tab", ".txt", ".ndjson", ".jsonl", ".json", ".vcf":
			data = append(data, f)
		default:
			passed = append(passed, f.Name)
		}
	}
	return data, passed
}

// openMembers opens every data file of the archive. One that is empty is passed over. The error is an *Error.
func openMembers(in *input, a *archive, files []*zip.File, passed []string, o Options) (Reader, error) {
	r := &archiveReader{in: in}
	var said []string
	for _, f := range files {
		member, err := openMember(in, a, f, o)
		if e, ok := err.(*Error); ok && e.Code == fileEmpty {
			passed = append(passed, f.Name+" (empty)")
			continue
		}
		if err != nil {
			r.closeMembers()
			return nil, err
		}
		r.members, r.headers = append(r.members, member), append(r.headers, member.Header())
		said = append(said, f.Name+": "+member.Describe())
	}
	if len(r.members) == 0 {
		return nil, &Error{Code: fileEmpty, File: a.name, Detail: "is an archive whose files are all empty"}
	}
	r.describe = fmt.Sprintf("archive of %s (%s)", printable.Counted(len(r.members), "file"), strings.Join(said, "; "))
	if len(passed) > 0 {
		r.describe += ", passed over: " + quoteList(passed)
	}
	return r, nil
}

func openMember(in *input, a *archive, f *zip.File, o Options) (Reader, error) {
	body, err := a.open(f)
	if err != nil {
		return nil, err
	}
	member := &input{name: in.name, sheet: f.Name, depth: in.depth, body: body, compression: "zip", encoding: "UTF-8"}
	reader, err := Reader(nil), member.unwrap()
	if err == nil && member.packed {
		err = a.refuse("holds %s, an archive or a workbook, among other files; unpack it, or name it with --sheet", f.Name)
	}
	if err == nil {
		o.Sheet = ""
		reader, err = read(member, o)
	}
	if err != nil {
		member.close()
		if e, ok := err.(*Error); ok && e.Sheet == "" {
			e.Sheet = f.Name
		}
		return nil, err
	}
	return reader, nil
}

func (r *archiveReader) Header() *Header    { return r.headers[0] }
func (r *archiveReader) Headers() []*Header { return r.headers }
func (r *archiveReader) Describe() string   { return r.describe }
func (r *archiveReader) Size() int64        { return r.in.size }
func (r *archiveReader) Offset() int64      { return r.in.raw.Load() }

// Cut is Reader.Cut.
func (r *archiveReader) Cut(c *Chunk) error {
	if r.end != nil {
		return r.end
	}
	for {
		member := r.members[r.at]
		err := member.Cut(c)
		if err == nil {
			c.member = member
			return nil
		}
		if e, ok := err.(*Error); ok && e.Sheet == "" {
			e.Sheet = r.headers[r.at].Sheet
		}
		if err != io.EOF || r.at+1 == len(r.members) {
			r.end = err
			return err
		}
		r.at++
	}
}

// Parse is Reader.Parse.
func (r *archiveReader) Parse(c *Chunk, b *Block) { c.member.Parse(c, b) }

// Close is Reader.Close.
func (r *archiveReader) Close() error {
	r.closeMembers()
	return r.in.close()
}

func (r *archiveReader) closeMembers() {
	for _, m := range r.members {
		m.Close()
	}
}
