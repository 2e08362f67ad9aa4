package dedupe

import "hash/maphash"

// Hash is one identity of a record, as a number: kind and value hashed to 96 bits. Two different
// identities among a hundred million share one with a chance below one in 10^12.
type Hash struct {
	hi   uint64
	lo   uint32
	kind Kind
}

// Kind is what an identity is.
type Kind uint8

// The identities that are unique across an org
// (https://developer.kustomer.com/api/core-resources/get-customer-by-phone-number), and last what
// stands in for them in a record that has none: two such rows with the same content are one.
const (
	ExternalID Kind = iota
	Email
	Phone
	WhatsApp
	Social
	Conversation
	Own
	Content
	kinds
)

// row is a kind as the mapping names it, and in words, in the order of the constants.
func (k Kind) row() (name, words string) {
	switch k {
	case ExternalID:
		return "externalId", "external id"
	case Email:
		return "email", "e-mail address"
	case Phone:
		return "phone", "phone number"
	case WhatsApp:
		return "whatsapp", "WhatsApp number"
	case Social:
		return "social", "social account"
	case Conversation:
		return "conversation", "conversation"
	case Own:
		return "id", "id in Kustomer"
	default:
		return "content", "content"
	}
}

// String is the kind as the mapping and the ledger name it.
func (k Kind) String() string { name, _ := k.row(); return name }

// Words is the kind as people call it.
func (k Kind) Words() string { _, words := k.row(); return words }

// Names are the kinds of identities by which the ledger knows customers.
func Names() []string {
	names := make([]string, Content)
	for k := range names {
		names[k] = Kind(k).String()
	}
	return names
}

// KindNamed is the inverse of String. It is asked for every identity of every row.
func KindNamed(name string) Kind {
	switch name {
	case "externalId":
		return ExternalID
	case "email":
		return Email
	case "phone":
		return Phone
	case "whatsapp":
		return WhatsApp
	case "social":
		return Social
	case "conversation":
		return Conversation
	case "id":
		return Own
	}
	panic("dedupe: the mapping names an identity of an unfamiliar kind")
}

// Seeds make hashes comparable within one run.
type Seeds struct {
	hi, lo [kinds]maphash.Seed
}

// NewSeeds makes those of a run.
func NewSeeds() *Seeds {
	var s Seeds
	for k := range s.hi {
		s.hi[k], s.lo[k] = maphash.MakeSeed(), maphash.MakeSeed()
	}
	return &s
}

// Hash is that of one identity.
func (s *Seeds) Hash(kind Kind, value []byte) Hash {
	return Hash{hi: maphash.Bytes(s.hi[kind], value), lo: uint32(maphash.Bytes(s.lo[kind], value)), kind: kind}
}

// HashRule is that of what a row has where a rule of the mapping asks for values that differ, for an index of these
// alone.
func (s *Seeds) HashRule(rule int, value []byte) Hash {
	return Hash{hi: maphash.Bytes(s.hi[Content], value), lo: uint32(maphash.Bytes(s.lo[Content], value)), kind: Kind(rule)}
}

// Value is a seed for hashes of values that are no identities.
func (s *Seeds) Value() maphash.Seed { return s.hi[Content] }
