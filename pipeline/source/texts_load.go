package source

import (
	"bytes"
	"errors"
	"fmt"
)

var (
	errDamagedXML = errors.New("the XML is damaged")
	errTooMany    = errors.New("more rows or texts than a spreadsheet can hold")
)

// sharedTexts is how many strings the cells of a workbook may share: 64 columns of them, all different, in the
// longest sheet that Excel allows.
const sharedTexts = 64 << 20

// loadTexts reads shared strings until number need is shown, or all for -1. Whoever needs one reads on, so that rows
// are parsed beside it; what is wrong with the strings is said again at each call. Safe for concurrent use.
func (b *book) loadTexts(need int) error {
	b.loading.Lock()
	defer b.loading.Unlock()
	for !b.textsDone && b.textsError == nil && (need < 0 || need >= b.texts.turned) {
		if b.textsError = b.loadMore(); b.textsError != nil {
			b.textsFailed.Store(true)
		}
	}
	return b.textsError
}

// loadMore reads some more shared strings.
func (b *book) loadMore() error {
	if b.textsPart == nil {
		b.endTexts()
		return nil
	}
	if b.textCutter == nil {
		if err := b.openTexts(); err != nil {
			return err
		}
	}
	turned := b.texts.turned
	long, err := b.textCutter.cut(&b.textChunk)
	if err == nil && !long {
		b.textScratch, err = b.addTexts(b.textChunk.Data, b.textScratch)
	}
	switch {
	case long:
		return b.unreadable(fmt.Sprintf("a text in it is longer than %d bytes", b.textCutter.limit))
	case err != nil && b.textCutter.ended:
		b.endTexts()
	case err != nil:
		return b.broken(nil, err)
	case b.texts.turned > turned:
		b.texts.show(false)
	}
	return nil
}

func (b *book) endTexts() {
	b.textsDone = true
	b.texts.show(true)
	b.textChunk, b.textScratch = Chunk{}, nil
}

func (b *book) openTexts() (err error) {
	k, err := b.openPart(b.textsPart, 64<<10)
	if err != nil {
		return err
	}
	k.elements = 0
	k.carry = k.fill(k.carry, 64<<10)
	b.textSpaces = documentSpaces(k.carry)
	tag := b.textSpaces.tag(k.carry, "", "sst")
	if err := checkMarkup(b.in.name, k.head(string(tag), 1<<20)); err != nil {
		return err
	}
	if _, empty, ok := k.enter(string(tag)); !ok || empty {
		if !ok {
			return b.broken(nil, k.fault())
		}
		k.ended = true
	}
	k.tag, k.last = b.textSpaces.tag(k.carry, "", "si"), []byte("</"+prefixOf(tag)+"sst")
	b.textCutter = k
	return nil
}

// addTexts takes over the strings of one chunk. scratch is room to unescape in.
func (b *book) addTexts(data, scratch []byte) ([]byte, error) {
	if !validUTF8(data) {
		b.textsInvalid.Store(true)
	}
	m := b.textSpaces.markup(data)
	for {
		text, ok := m.commonText()
		if !ok {
			kind := m.next()
			if kind == tokenEnd {
				break
			}
			if kind != tokenOpen || string(m.name) != "si" {
				continue
			}
			if text, scratch, ok = m.richText(scratch[:0]); !ok {
				return scratch, errDamagedXML
			}
		}
		if b.texts.count == sharedTexts {
			return scratch, errTooMany
		}
		if err := b.texts.add(text); err != nil {
			return scratch, err
		}
	}
	if m.bad {
		return scratch, errDamagedXML
	}
	return scratch, nil
}

// commonText is the next shared string if it is written as most are: <si><t>text</t></si>, with nothing to resolve.
func (m *markup) commonText() ([]byte, bool) {
	const start, end = "<si><t>", "</t></si>"
	rest := m.data[m.i:]
	if len(rest) < len(start) || string(rest[:len(start)]) != start {
		return nil, false
	}
	rest = rest[len(start):]
	n := bytes.IndexByte(rest, '<')
	if n < 0 || len(rest) < n+len(end) || string(rest[n:n+len(end)]) != end || !plain(rest[:n], true) {
		return nil, false
	}
	m.i += len(start) + n + len(end)
	return rest[:n], true
}

// richText is the text of the element whose tokenOpen came last: that of all its runs, without phonetic guides. It
// aliases data, or scratch, which is given back. false: a reference in it is unknown.
func (m *markup) richText(scratch []byte) (text, room []byte, ok bool) {
	ok = true
	if m.empty {
		return nil, scratch, true
	}
	from, inText, copied := len(scratch), false, false
	for depth := 1; depth > 0; {
		switch m.next() {
		case tokenEnd:
			return text, scratch, false
		case tokenOpen:
			if string(m.name) == "rPh" {
				m.skip()
				continue
			}
			if !m.empty {
				depth++
				inText = len(m.name) == 1 && m.name[0] == 't'
			}
		case tokenClose:
			depth--
			inText = false
		case tokenText:
			if !inText {
				continue
			}
			if text == nil && !copied && (m.literal || plain(m.text, true)) {
				text = m.text
				continue
			}
			if !copied {
				scratch, copied = append(scratch, text...), true
			}
			if m.literal {
				scratch = append(scratch, m.text...)
			} else {
				var known bool
				scratch, known = appendUnescaped(scratch, m.text, true)
				ok = ok && known
			}
			text = scratch[from:len(scratch):len(scratch)]
		}
	}
	return text, scratch, ok
}
