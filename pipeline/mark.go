package pipeline

import (
	"hash/maphash"
	"slices"
)

// mark is one identity of a record, as a number: kind and value hashed to 96 bits. Two different
// identities among a hundred million share one with a chance below one in 10^12.
type mark struct {
	hi   uint64
	lo   uint32
	kind uint8 // index into identityKinds
}

// identityKinds are the identities that are unique across an org
// (https://developer.kustomer.com/api/core-resources/get-customer-by-phone-number), and last what
// stands in for them in a record that has none: two such rows with the same content are one.
var identityKinds = [...]string{"externalId", "email", "phone", "whatsapp", "social", "conversation", "content"}

const byContent = uint8(len(identityKinds) - 1)

// IdentityKinds are the kinds of identities by which the ledger knows customers.
func IdentityKinds() []string { return slices.Clone(identityKinds[:byContent]) }

// kindIndex is the index of an identity's kind. It is asked for every identity of every row.
func kindIndex(kind string) uint8 {
	switch kind {
	case "externalId":
		return 0
	case "email":
		return 1
	case "phone":
		return 2
	case "whatsapp":
		return 3
	case "social":
		return 4
	case "conversation":
		return 5
	}
	panic("pipeline: the mapping names an identity of an unfamiliar kind")
}

// markSeeds makes marks comparable within one run.
type markSeeds struct {
	hi, lo [len(identityKinds)]maphash.Seed
}

func newMarkSeeds() *markSeeds {
	var s markSeeds
	for i := range identityKinds {
		s.hi[i], s.lo[i] = maphash.MakeSeed(), maphash.MakeSeed()
	}
	return &s
}

func (s *markSeeds) mark(kind uint8, value []byte) mark {
	return mark{hi: maphash.Bytes(s.hi[kind], value), lo: uint32(maphash.Bytes(s.lo[kind], value)), kind: kind}
}
