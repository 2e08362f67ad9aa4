package sandbox

import (
	"encoding/binary"
	"encoding/hex"
)

// The ids of this org's things are 24 hex digits like Kustomer's: 7 bytes of the org, one for the kind of thing, and
// the number of its row in 4. So a thing is found by its row without an index of ids.
const (
	customerKind byte = 1 + iota
	companyKind
	jobKind
	batchKind
	conversationKind
	messageKind
	noteKind
	kobjectKind
	attachmentKind
	userKind
	teamKind
	edgeKind
)

// orgSeed is the part of every id that is the org's own.
type orgSeed [7]byte

func (o orgSeed) id(kind byte, row int64) string {
	var b [12]byte
	copy(b[:], o[:])
	b[7] = kind
	binary.BigEndian.PutUint32(b[8:], uint32(row))
	return hex.EncodeToString(b[:])
}

// row is the row of an id, 0 when the id is not one of this org's things of that kind.
func (o orgSeed) row(kind byte, id string) int64 {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 12 || orgSeed(b[:7]) != o || b[7] != kind {
		return 0
	}
	return int64(binary.BigEndian.Uint32(b[8:]))
}
