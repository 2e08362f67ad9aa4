package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// tailSize bounds what stands behind the rows of a sheet.
const tailSize = 32 << 20

// behindLegacyDrawing are the elements of a sheet that stand behind the one that leads to its comments (ECMA-376 part
// 1, section 18.3.1.99).
var behindLegacyDrawing = [...]string{"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
	"webPublishItems", "tableParts", "extLst"}

// tail copies the rest of the sheet and puts in what leads to the comments.
func (s *sheetWriter) tail() error {
	if s.comments == nil || s.comments.kept == 0 {
		if err := s.pass(len(s.held)); err != nil {
			return err
		}
		if _, err := io.Copy(s.out, s.in); err != nil {
			return err
		}
		return s.out.Flush()
	}
	for !bytes.Contains(s.held, []byte("</sheetData>")) {
		if keep := len(s.held) - 16; keep > 1<<16 {
			if err := s.pass(keep); err != nil {
				return err
			}
		}
		if more, err := s.fill(); err != nil || !more {
			return errors.Join(err, ErrUnfit)
		}
	}
	if err := s.pass(bytes.Index(s.held, []byte("</sheetData>"))); err != nil {
		return err
	}
	for {
		more, err := s.fill()
		if err != nil || len(s.held) > tailSize {
			return errors.Join(err, ErrUnfit)
		}
		if !more {
			break
		}
	}
	at := placeOfDrawing(s.held)
	if at < 0 {
		return ErrUnfit
	}
	s.out.Write(s.held[:at])
	fmt.Fprintf(s.out, `<legacyDrawing xmlns:r="%s" r:id="%s"/>`, relationsNamespace, s.comments.relID)
	s.out.Write(s.held[at:])
	return s.out.Flush()
}

// placeOfDrawing is where in the end of a sheet, from </sheetData> on, the element that leads to comments belongs.
func placeOfDrawing(tail []byte) int {
	depth := 0
	for at := len("</sheetData>"); ; {
		i := bytes.IndexByte(tail[at:], '<')
		if i < 0 {
			return -1
		}
		at += i
		end := bytes.IndexByte(tail[at:], '>')
		if end < 0 {
			return -1
		}
		tag := tail[at+1 : at+end]
		switch {
		case bytes.HasPrefix(tag, []byte("/worksheet")) && depth == 0:
			return at
		case len(tag) > 0 && tag[0] == '/':
			depth--
		case len(tag) > 0 && (tag[0] == '!' || tag[0] == '?'):
		default:
			name, _, _ := bytes.Cut(tag, []byte{' '})
			name = bytes.TrimSuffix(name, []byte{'/'})
			for _, behind := range behindLegacyDrawing {
				if depth == 0 && string(name) == behind {
					return at
				}
			}
			if !bytes.HasSuffix(tag, []byte{'/'}) {
				depth++
			}
		}
		at += end + 1
	}
}
