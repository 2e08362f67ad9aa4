package dedupe

import (
	"cmp"
	"encoding/binary"
	"slices"

	"muster/pipeline/extsort"
)

// Share says that a row has an identity that other rows have, too.
type Share struct {
	Ordinal int64 // of the row
	Number  int64 // of the identity: rows that share it have the same, from 1, in the order of the first rows
	Kind    Kind
	first   int64 // ordinal of the first row that has it
}

// Shares are the identities that several rows have, in order of the rows' ordinals. They are held in memory up to a
// limit and in sorted runs on disk beyond it.
type Shares struct {
	dir    string
	sorter *extsort.Sorter[Share]
	cursor *extsort.Cursor[Share]
	ruled  *Shares // see With
}

// held is how many shares wait in memory: 96 k of 32 bytes are 3 MiB.
const held = 96 << 10

func newShares(dir string, order func(a, b Share) int) *Shares {
	return &Shares{dir: dir, sorter: extsort.New(dir, &extsort.Record[Share]{
		Name: "shared identities",
		Size: 24,
		Held: held,
		Append: func(dst []byte, one Share) []byte {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(one.Ordinal))
			dst = binary.LittleEndian.AppendUint64(dst, uint64(one.Number)<<8|uint64(one.Kind))
			return binary.LittleEndian.AppendUint64(dst, uint64(one.first))
		},
		Read: func(b []byte) Share {
			rest := binary.LittleEndian.Uint64(b[8:])
			return Share{int64(binary.LittleEndian.Uint64(b)), int64(rest >> 8), Kind(rest),
				int64(binary.LittleEndian.Uint64(b[16:]))}
		},
		Compare: order,
	})}
}

func (s *Shares) add(one Share) error { return s.sorter.Add(one) }

// sort ends the adding.
func (s *Shares) sort() (err error) {
	if err = s.sorter.Sort(); err == nil {
		s.cursor, err = s.sorter.Cursor()
	}
	return err
}

// With adds what rows have in common where rules of the mapping ask for values that differ. They are told from
// identities by their kinds, and belong to s.
func (s *Shares) With(ruled *Shares) { s.ruled = ruled }

// ruledKind is the kind of what rows have in common by the first rule; those of the others follow.
const ruledKind Kind = 0x80

// Some says whether there is any left.
func (s *Shares) Some() bool {
	_, some := s.cursor.Peek()
	return some || s.ruled != nil && s.ruled.Some()
}

// Before appends the shares of the rows before an ordinal that were not given yet, row by row; those by rules are the
// last of their row.
func (s *Shares) Before(ordinal int64, dst []Share) ([]Share, error) {
	from := len(dst)
	dst, err := s.before(ordinal, dst)
	if err != nil || s.ruled == nil {
		return dst, err
	}
	at := len(dst)
	if dst, err = s.ruled.before(ordinal, dst); err != nil || at == len(dst) {
		return dst, err
	}
	for i := at; i < len(dst); i++ {
		dst[i].Kind += ruledKind
	}
	slices.SortStableFunc(dst[from:], func(a, b Share) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	return dst, nil
}

func (s *Shares) before(ordinal int64, dst []Share) ([]Share, error) {
	for {
		one, some := s.cursor.Peek()
		if !some || one.Ordinal >= ordinal {
			return dst, nil
		}
		dst = append(dst, one)
		if err := s.cursor.Drop(); err != nil {
			return dst, err
		}
	}
}

// Close gives the temporary files back.
func (s *Shares) Close() {
	s.sorter.Close()
	if s.ruled != nil {
		s.ruled.Close()
	}
}

// byRow and byIdentity are the orders that shares are brought into.
func byRow(a, b Share) int {
	switch { // one after the other: this is where a file of duplicates spends its time
	case a.Ordinal != b.Ordinal:
		return cmp.Compare(a.Ordinal, b.Ordinal)
	case a.Kind != b.Kind:
		return cmp.Compare(a.Kind, b.Kind)
	}
	return cmp.Compare(a.Number, b.Number)
}

func byIdentity(a, b Share) int {
	if a.first != b.first {
		return cmp.Compare(a.first, b.first)
	}
	return cmp.Compare(a.Number, b.Number)
}

// inOrder numbers identities in the order of their first rows, so that what is kept of them is met in the order in
// which it was kept, and puts the shares in the order of rows.
func (s *Shares) inOrder() (*Shares, error) {
	defer s.Close()
	if err := s.sort(); err != nil {
		return nil, err
	}
	rows, number, before := newShares(s.dir, byRow), int64(0), int64(0)
	for one, some := s.cursor.Peek(); some; one, some = s.cursor.Peek() {
		if err := s.cursor.Drop(); err != nil {
			return rows, err
		}
		if one.Number != before {
			before = one.Number
			number++
		}
		one.Number = number
		if err := rows.add(one); err != nil {
			return rows, err
		}
	}
	return rows, rows.sort()
}
