package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"slices"
)

// The packed form of a batch. Items: a form byte, the CRC-32C of what follows
// (not in the first form, of which old files have some), then per item a uvarint
// (the step from the ordinal before, doubled; its low bit set when a key
// follows), the key if any, the payload hash. Ends: the same two, then per item
// one byte (the status and what follows it), the customer's id, and code and
// detail. Texts are a uvarint length and their bytes.
const (
	packFormUnsummed = 1
	packForm         = 2
	packHead         = 1 + crc32.Size

	endStatus   = 0x0f // mask: the status, an index into Statuses from 1
	endHexID    = 0x10 // 12 bytes follow: an id of 24 lower-case hex digits, Kustomer's form
	endTextID   = 0x20 // a text follows: any other id
	endProblem  = 0x40 // two texts follow: code and detail
	hexIDDigits = 24
)

// errPacked says that a blob is not what packItems or packEnds wrote.
var errPacked = errors.New("damaged: a batch is not as it was written")

// Statuses are the ends an item can come to: the statuses of the report, and
// those of a run that takes another back. Their order is part of the file's
// form: new ones go to the end, and there is room for two more.
func Statuses() []string {
	return []string{"created", "updated", "unchanged", "duplicate", "skipped", "invalid", "rejected", "unsent", "unknown",
		"deleted", "restored", "kept", "failed"}
}

func packItems(items []Item) []byte {
	packed := make([]byte, packHead, packHead+len(items)*(binary.MaxVarintLen16+2*len(KeyHash{})))
	before := int64(0)
	for i := range items {
		step := uint64(items[i].Ordinal-before) << 1
		before = items[i].Ordinal
		if items[i].Key == (KeyHash{}) {
			packed = binary.AppendUvarint(packed, step)
		} else {
			packed = binary.AppendUvarint(packed, step|1)
			packed = append(packed, items[i].Key[:]...)
		}
		packed = append(packed, items[i].Hash[:]...)
	}
	return summed(packed)
}

// summed fills in the head of what is packed.
func summed(packed []byte) []byte {
	packed[0] = packForm
	binary.LittleEndian.PutUint32(packed[1:], checksum(packed))
	return packed
}

// checksum is of what follows the head.
func checksum(packed []byte) uint32 {
	return crc32.Checksum(packed[packHead:], crc32.MakeTable(crc32.Castagnoli))
}

// packedBody takes the head off; false: what is packed is not as it was written.
func packedBody(packed []byte) (body []byte, ok bool) {
	switch {
	case len(packed) > 0 && packed[0] == packFormUnsummed:
		return packed[1:], true
	case len(packed) < packHead || packed[0] != packForm:
		return nil, false
	}
	return packed[packHead:], binary.LittleEndian.Uint32(packed[1:]) == checksum(packed)
}

func unpackItems(packed []byte) ([]Item, error) {
	body, ok := packedBody(packed)
	if !ok {
		return nil, errPacked
	}
	in := reader{rest: body}
	items := make([]Item, 0, MaxItems)
	before := int64(0)
	for len(in.rest) > 0 && !in.broken {
		step := in.uvarint()
		item := Item{Ordinal: before + int64(step>>1)}
		before = item.Ordinal
		if step&1 == 1 {
			copy(item.Key[:], in.take(len(item.Key)))
		}
		copy(item.Hash[:], in.take(len(item.Hash)))
		items = append(items, item)
	}
	if in.broken {
		return nil, errPacked
	}
	return items, nil
}

// packEnds packs ends whose statuses have been checked.
func packEnds(ends []Settled) []byte {
	statuses := Statuses()
	packed := make([]byte, packHead, packHead+len(ends)*(1+hexIDDigits/2))
	for i := range ends {
		end := &ends[i]
		mark := byte(slices.Index(statuses, end.Status) + 1)
		id := packID(end.CustomerID)
		switch id.(type) {
		case []byte:
			mark |= endHexID
		case string:
			mark |= endTextID
		}
		if end.Code != "" || end.Detail != "" {
			mark |= endProblem
		}
		packed = append(packed, mark)
		switch id := id.(type) {
		case []byte:
			packed = append(packed, id...)
		case string:
			packed = appendText(packed, id)
		}
		if mark&endProblem != 0 {
			packed = appendText(appendText(packed, end.Code), end.Detail)
		}
	}
	return summed(packed)
}

func unpackEnds(packed []byte) ([]Settled, error) {
	statuses := Statuses()
	body, ok := packedBody(packed)
	if !ok {
		return nil, errPacked
	}
	in := reader{rest: body}
	ends := make([]Settled, 0, MaxItems)
	for len(in.rest) > 0 && !in.broken {
		mark := in.byte()
		status := int(mark & endStatus)
		if status < 1 || status > len(statuses) {
			return nil, errPacked
		}
		end := Settled{Status: statuses[status-1]}
		if mark&endHexID != 0 {
			end.CustomerID = hex.EncodeToString(in.take(hexIDDigits / 2))
		}
		if mark&endTextID != 0 {
			end.CustomerID = in.text()
		}
		if mark&endProblem != 0 {
			end.Code, end.Detail = in.text(), in.text()
		}
		ends = append(ends, end)
	}
	if in.broken {
		return nil, errPacked
	}
	return ends, nil
}

// packID gives a customer's id the form in which it is stored: 12 bytes for
// 24 lower-case hex digits, else the string itself; nil for none.
func packID(id string) any {
	if id == "" {
		return nil
	}
	if len(id) != hexIDDigits {
		return id
	}
	packed, err := hex.DecodeString(id)
	if err != nil || hex.EncodeToString(packed) != id {
		return id
	}
	return packed
}

func unpackID(stored any) (string, error) {
	switch id := stored.(type) {
	case []byte:
		return hex.EncodeToString(id), nil
	case string:
		return id, nil
	}
	return "", errPacked
}

// packPicks packs indexes below n as one bit each, or nil when they are all.
func packPicks(picks []int, n int) []byte {
	if len(picks) == n {
		return nil
	}
	bits := make([]byte, (n+7)/8)
	for _, i := range picks {
		bits[i/8] |= 1 << (i % 8)
	}
	return bits
}

func unpackPicks(bits []byte, n int) []int {
	picks := make([]int, 0, n)
	for i := range n {
		if bits == nil || i/8 < len(bits) && bits[i/8]&(1<<(i%8)) != 0 {
			picks = append(picks, i)
		}
	}
	return picks
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// reader takes a packed form apart. Once broken it yields zeroes.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.rest, r.broken = nil, true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.rest, r.broken = nil, true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.rest, r.broken = nil, true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	return string(r.take(int(min(r.uvarint(), 1<<30))))
}
