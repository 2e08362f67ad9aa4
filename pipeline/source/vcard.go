package source

import (
	"bytes"
	"fmt"
	"strings"

	"muster/pipeline/unseen"
)

// vcardReader reads a file of vCards, version 2.1, 3.0 or 4.0: each card is a row. Pictures, sounds and keys inside the
// file are passed over while it is read, so that they are never in memory.
type vcardReader struct {
	in       *input
	header   *Header
	grown    grown
	describe string
	maxRow   int
	columns  int // Options.MaxColumns
	size     int

	store   []byte // read from in
	at      int    // of what of store is not yet taken
	drained bool   // in gives no more
	line    int64  // of store[at]
	number  int64  // cards so far, and one
	end     error  // what Cut answered last, once it was an error
}

const (
	vcardStore = 64 << 10
	// vcardHead is as much of a line as tells what it is: a property's name, its parameters and how its value begins.
	vcardHead = 512
)

const (
	cardOpen     = "the card is not closed: its END:VCARD is missing"
	cardLongName = "a property with a name too long to name a column"
	cardOutside  = "text that stands in no card"
)

// openVCard finds the first card. The error is an *Error.
func openVCard(in *input, o Options) (Reader, error) {
	sample := in.look(sampleSize)
	version := "no version given"
	if n := bytes.Index(bytes.ToUpper(sample), []byte("\nVERSION:")); n >= 0 {
		text := sample[n+len("\nVERSION:"):]
		if v := strings.TrimSpace(string(text[:min(len(text), 4)])); v == "2.1" || v == "3.0" || v == "4.0" {
			version = v
		}
	}
	table := newCardTable(nil)
	r := &vcardReader{in: in, maxRow: o.MaxRow, columns: o.MaxColumns, size: o.ChunkSize, line: 1, number: 1,
		header:   &Header{File: in.name, Sheet: in.sheet, Format: "vcard", Names: table.names(0)},
		describe: describe(in, "vCard", version, "embedded pictures passed over")}
	r.header.Names = append(r.header.Names, r.learn(sample)...)
	return r, nil
}

// learn finds the properties of the sample's cards that the standard's columns do not have, in order of appearance.
func (r *vcardReader) learn(sample []byte) []string {
	end := r.in.end
	if end == nil {
		end = errSampleEnds
	}
	tmp := &vcardReader{in: &input{name: r.in.name, head: sample, end: end}, header: r.header, maxRow: r.maxRow,
		columns: r.columns, size: len(sample), line: 1, number: 1}
	var c Chunk
	var b Block
	if tmp.Cut(&c) != nil {
		return nil
	}
	tmp.Parse(&c, &b)
	return b.Header.Names[len(r.header.Names):]
}

// isVCard says whether a text starts as a vCard does.
func isVCard(text []byte) bool {
	const begin = "BEGIN:VCARD"
	return len(text) >= len(begin) && strings.EqualFold(string(text[:len(begin)]), begin)
}

func (r *vcardReader) Header() *Header  { return r.header }
func (r *vcardReader) Describe() string { return r.describe }
func (r *vcardReader) Size() int64      { return r.in.size }
func (r *vcardReader) Offset() int64    { return r.in.raw.Load() }
func (r *vcardReader) Close() error     { return r.in.close() }

// Cut is Reader.Cut.
func (r *vcardReader) Cut(c *Chunk) error {
	c.window, c.elements = c.window[:0], c.elements[:0]
	c.Data, c.Line, c.Number = nil, r.line, r.number
	if r.end != nil {
		return r.end
	}
	for len(c.window) < r.size && len(c.elements) < 1<<16 && r.card(c) {
	}
	c.Data = c.window
	r.number += int64(len(c.elements))
	if len(c.elements) == 0 {
		r.end = r.in.outcome(r.line)
		return r.end
	}
	return nil
}

// cardState is where in a card the cutter stands.
type cardState struct {
	depth int    // 0: before BEGIN; more than 1: in a card inside the card, which is passed over
	media bool   // the property under way is passed over
	name  string // of the property under way
	soft  bool   // the line before ends in the middle of a quoted-printable value
	quoted,
	agent bool // the property under way is quoted-printable; announces a card inside the card
}

// card puts the next card into c; false: there is none, or the input breaks off inside it.
func (r *vcardReader) card(c *Chunk) bool {
	e := element{start: len(c.window), line: r.line}
	var s cardState
	for {
		head := r.peek()
		if len(head) == 0 {
			return r.lastCard(c, e, s)
		}
		switch what := s.next(head); {
		case s.depth == 0 && r.passMarks():
		case what == lineBlank && s.depth == 0:
			e.line = r.take(c, nil) + 1
		case what == lineBegin && s.depth == 0:
			e.line = r.take(c, nil)
			s = cardState{depth: 1}
		case s.depth == 0:
			return r.outside(c, e)
		case what == lineBegin && s.depth == 1 && !s.agent:
			e.code, e.detail = rowVCard, cardOpen
			return r.closeCard(c, e)
		case what == lineBegin:
			s = cardState{depth: s.depth + 1}
			r.take(c, nil)
		case what == lineEndCard:
			s = cardState{depth: s.depth - 1}
			last := r.line
			if n := gluedBegin(head); n > 0 {
				r.at += n
			} else {
				r.take(c, nil)
			}
			if s.depth == 0 {
				e.lines = last - e.line
				return r.addCard(c, e)
			}
		case s.depth == 1 && s.media && what == lineProperty && e.code == "" && len(c.window)-e.start < r.maxRow:
			c.window = append(c.window, embeddedMark+":"+s.name+"\n"...)
			r.take(c, nil)
		case s.depth > 1 || s.media:
			r.take(c, nil)
		default:
			r.take(c, &e)
			s.soft = s.quoted && bytes.HasSuffix(c.window, []byte("=\n"))
		}
	}
}

// lastCard ends the card at the input's end.
func (r *vcardReader) lastCard(c *Chunk, e element, s cardState) bool {
	if s.depth == 0 || r.in.supply() == broken {
		return false
	}
	e.code, e.detail = rowVCard, cardOpen
	return r.closeCard(c, e)
}

func (r *vcardReader) closeCard(c *Chunk, e element) bool {
	e.lines = max(r.line-1-e.line, 0)
	return r.addCard(c, e)
}

// addCard adds a card whose lines are counted.
func (r *vcardReader) addCard(c *Chunk, e element) bool {
	e.end = len(c.window)
	if e.code != "" {
		c.window, e.end = c.window[:e.start], e.start
	}
	c.elements = append(c.elements, e)
	return true
}

// outside makes one row of the lines up to the next card.
func (r *vcardReader) outside(c *Chunk, e element) bool {
	for head := r.peek(); len(head) > 0 && !isVCard(head[unseenBefore(head):]); head = r.peek() {
		r.take(c, nil)
	}
	e.code, e.detail = rowVCard, cardOutside
	return r.closeCard(c, e)
}

// passMarks passes over what stands before a card on its line and cannot be seen, such as the byte order mark of a file
// that was put behind another.
func (r *vcardReader) passMarks() bool {
	n := unseenBefore(r.peek())
	r.at += n
	return n > 0
}

// unseenBefore is how many bytes before the beginning of a card cannot be seen, 0 where none begins.
func unseenBefore(head []byte) int {
	rest := bytes.TrimLeftFunc(head[:min(len(head), 64)],
		func(r rune) bool { return r != '\n' && r != '\r' && (unseen.IsSpace(r) || unseen.Is(r)) })
	if n := min(len(head), 64) - len(rest); isVCard(head[n:]) {
		return n
	}
	return 0
}

// gluedBegin is where on the line that ends a card the next one begins, 0 where none does: files that do not end their
// last line were put one behind the other.
func gluedBegin(head []byte) int {
	const end = "END:VCARD"
	if len(head) <= len(end) || !strings.EqualFold(string(head[:len(end)]), end) {
		return 0
	}
	rest := head[len(end):]
	if n := unseenBefore(rest); n > 0 || isVCard(rest) {
		return len(end) + n
	}
	return 0
}

// peek is as much of the next line as tells what it is, with what follows it; empty at the input's end.
func (r *vcardReader) peek() []byte {
	r.need(vcardHead)
	return r.store[r.at:]
}

func (r *vcardReader) need(n int) {
	if len(r.store)-r.at >= n || r.drained {
		return
	}
	if cap(r.store) == 0 {
		r.store = make([]byte, 0, vcardStore)
	}
	kept := copy(r.store[:cap(r.store)], r.store[r.at:])
	r.at = 0
	got := r.in.fill(r.store[kept:cap(r.store)])
	r.store = r.store[:kept+got]
	r.drained = kept+got < cap(r.store)
}

// take takes the next line: into c as part of e, or, if e is nil, to nowhere. It gives the line's number. Of an element
// that grows too long no more is kept.
func (r *vcardReader) take(c *Chunk, e *element) int64 {
	for {
		r.need(vcardHead)
		rest := r.store[r.at:]
		n := lineEnd(rest)
		whole := n >= 0 && (n+1 < len(rest) || rest[n] == '\n' || r.drained)
		if n < 0 {
			n = len(rest)
		}
		if e != nil && e.code == "" {
			c.window = append(c.window, rest[:n]...)
			if len(c.window)-e.start > r.maxRow {
				e.code, e.detail = rowTooLong, fmt.Sprintf("longer than %d bytes", r.maxRow)
				c.window = c.window[:e.start]
			}
		}
		r.at += n
		if whole {
			r.at += afterLineEnd(rest, n) - n
		}
		if whole || r.drained && r.at == len(r.store) {
			if e != nil && e.code == "" {
				c.window = append(c.window, '\n')
			}
			r.line++
			return r.line - 1
		}
	}
}

// vcardLine is what a line of a file of vCards is.
type vcardLine int

const (
	lineProperty vcardLine = iota
	lineContinued
	lineBlank
	lineBegin
	lineEndCard
)

// next says what the line is that head starts with, and notes in s what it means for those after it.
func (s *cardState) next(head []byte) vcardLine {
	n := lineEnd(head)
	if n < 0 {
		n = len(head)
	}
	text := head[:n]
	switch {
	case s.soft && !isVCardEnd(text):
		return lineContinued
	case len(bytes.TrimSpace(text)) == 0:
		s.media = false
		return lineBlank
	case text[0] == ' ' || text[0] == '\t':
		return lineContinued
	case isVCard(text):
		return lineBegin
	case isVCardEnd(text):
		return lineEndCard
	case s.media && isBase64(text):
		return lineContinued
	}
	p := parseProperty(text)
	s.name = p.name
	s.media, s.quoted = p.embedded(), p.quotedPrintable()
	s.agent = p.name == "AGENT" && len(bytes.TrimSpace(p.value)) == 0
	return lineProperty
}

func isVCardEnd(text []byte) bool {
	if gluedBegin(text) > 0 {
		return true
	}
	return strings.EqualFold(strings.TrimSpace(string(text[:min(len(text), 64)])), "END:VCARD")
}

// isBase64 says whether a line is one of a long base64 value whose continuations are not marked as such.
func isBase64(line []byte) bool {
	return len(bytes.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n")) == 0
}
