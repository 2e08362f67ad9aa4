package dedupe

import (
	"slices"
)

// Resolver says of the rows that share identities which are one customer. It takes them in order of ordinal, and
// belongs to one goroutine. Its memory does not grow with them.
type Resolver struct {
	groups   *groups
	verdicts *Verdicts
	ruled    *groups // of which only the owners are used: who has what must differ by a rule
	common   map[commonKey]*Common

	hits, strong, weak []hit // of the row in hand
}

// Common is one kind of identity of one table, of which many rows have a value in common.
type Common struct {
	Table  int // of the first rows that have them
	Kind   Kind
	Values int64   // that CommonRows rows or more have, and nothing else shows to be one customer
	Rows   int64   // that have them
	Lines  []int64 // of the first rows of some
}

type commonKey struct {
	table int
	kind  Kind
}

// CommonRows is how many rows with one address or number are no family any more.
const CommonRows = 20

// placesKept is how many places of values in common are named.
const placesKept = 3

// NewResolver makes one whose temporary files, if some are needed, are in dir.
func NewResolver(dir string) *Resolver {
	return &Resolver{groups: newGroups(dir), verdicts: &Verdicts{dir: dir}, ruled: newGroups(dir),
		common: map[commonKey]*Common{}}
}

// hit is a shared identity of a row.
type hit struct {
	Share
	owner
}

// Take says how a row stands to those before it. shares are its identities that other rows have, too.
func (x *Resolver) Take(r *Row, shares []Share) (Verdict, error) {
	if err := x.groups.rest(); err != nil {
		return Verdict{}, err
	}
	hits, ruled := x.hits[:0], []Share(nil)
	if at := slices.IndexFunc(shares, func(s Share) bool { return s.Kind >= ruledKind }); at >= 0 {
		shares, ruled = shares[:at], shares[at:]
	}
	for i, s := range shares {
		if i > 0 && s.Number == shares[i-1].Number {
			continue
		}
		o, err := x.groups.owner(s.Number)
		if err != nil {
			return Verdict{}, err
		}
		hits = append(hits, hit{s, o})
	}
	x.hits = hits
	v, g, err := x.judge(r, hits)
	if err == nil && len(ruled) > 0 && (v.Relation == Kept || v.Relation == Folded) {
		if err = x.repeats(r, &v, g, ruled); v.Relation == Repeated {
			g = nil
		}
	}
	if err == nil {
		err = x.note(r, &v, g, hits)
	}
	if err == nil && v.Noted() {
		err = x.verdicts.add(&v)
	}
	return v, err
}

// judge finds the group of a row; nil where it conflicts with one.
func (x *Resolver) judge(r *Row, hits []hit) (v Verdict, g *group, err error) {
	v = Verdict{Ordinal: r.Ordinal, Column: -1}
	x.split(r, hits)
	strong, weak := x.strong, x.weak
	switch {
	case len(strong) > 0:
		g, err = x.groups.of(strong[0].group)
		if err != nil {
			return v, nil, err
		}
		v.of(r, strong[0], g)
		if against := g.against(r, true); against != AgainstNothing &&
			(!strong[0].Kind.own() || against == AgainstIdentity+Against(Own) && strong[0].Kind != Own) {
			v.Relation, v.Against = Conflict, against
			return v, nil, nil
		}
		if r.Folds {
			if at := slices.IndexFunc(weak, func(h hit) bool { return h.group != g.number }); at >= 0 {
				return x.rival(v, r, weak[at])
			}
		}
	case len(weak) > 0:
		if g, err = x.match(&v, r, weak); err != nil || g == nil {
			return v, nil, err
		}
	default:
		return v, x.groups.add(r), nil
	}
	x.relate(&v, r, g)
	return v, g, nil
}

// own says whether the identity is the record's own: rows that share it are one record, whatever else they say.
func (k Kind) own() bool { return k == ExternalID || k == Own || k == Conversation || k == Content }

// split takes the identities of a row that say by themselves that it is another's record from those that do not. Where
// rows are folded, the first identity says it, of which kind it ever is, as long as nothing contradicts it.
func (x *Resolver) split(r *Row, hits []hit) {
	x.strong, x.weak = x.strong[:0], x.weak[:0]
	for _, h := range hits {
		switch {
		case h.group == 0:
		case h.Kind == Own: // goes before every other
			x.strong = slices.Insert(x.strong, 0, h)
		case h.Kind.own(), r.Folds && h.Kind == r.Identities[0].kind:
			x.strong = append(x.strong, h)
		default:
			x.weak = append(x.weak, h)
		}
	}
}

// match finds the group that a row belongs to by identities that say so only where nothing contradicts them.
func (x *Resolver) match(v *Verdict, r *Row, hits []hit) (first *group, err error) {
	var all []*group
	for _, h := range hits {
		g, err := x.groups.of(h.group)
		if err != nil {
			return nil, err
		}
		if against := g.against(r, false); against != AgainstNothing {
			v.of(r, h, g)
			v.Relation, v.Against = Conflict, against
			return nil, nil
		}
		for n, other := range all {
			if other != g && other.contradicts(g) {
				v.of(r, hits[n], other)
				*v, _, err = x.rival(*v, r, h)
				return nil, err
			}
		}
		all = append(all, g)
	}
	at := 0
	for n, g := range all {
		if g.first.Ordinal < all[at].first.Ordinal {
			at = n
		}
	}
	v.of(r, hits[at], all[at])
	for _, g := range all {
		if g != all[at] {
			g.learn(r)
		}
	}
	return all[at], nil
}

// rival ends a row that shares identities with two customers.
func (x *Resolver) rival(v Verdict, r *Row, h hit) (Verdict, *group, error) {
	v.Relation, v.Against, v.Other, v.Rival = Conflict, AgainstEachOther, h.Kind, h.holder
	return v, nil, nil
}

// of names the identity that a row shares with a group.
func (v *Verdict) of(r *Row, h hit, g *group) {
	v.First, v.Kind, v.Holder = g.first, h.Kind, h.holder
	for _, id := range r.Identities {
		if id.kind == h.Kind && (v.Column < 0 || g.has(id.Hash)) {
			v.Column = id.Column
		}
	}
}

// relate says what becomes of a row of a group.
func (x *Resolver) relate(v *Verdict, r *Row, g *group) {
	if r.Folds && r.Ordinal == g.last+1 {
		v.Relation, v.Differs = Folded, g.fold(r)
		v.Spelled = g.spelled(r, v.Differs)
		return
	}
	v.Relation = Duplicate
	v.Differs, v.Adds = g.compare(r)
	v.Spelled = g.spelled(r, v.Differs)
	if r.Folds && v.Lost() {
		v.Relation = Apart
	}
}

// note keeps what a row tells of the rows behind it, and counts what many have in common.
func (x *Resolver) note(r *Row, v *Verdict, g *group, hits []hit) error {
	if g != nil && v.Relation != Kept {
		g.learn(r)
	}
	for _, h := range hits {
		switch {
		case h.group == 0 && g == nil:
			continue // a row that is refused has nothing
		case h.group == 0:
			h.owner = owner{group: g.number, holder: At{r.Ordinal, r.Line, r.Table}}
		default:
			other, err := x.groups.of(h.group)
			if err != nil {
				return err
			}
			if !h.loose(r, g, other) {
				continue
			}
			h.others++
			x.count(&h)
		}
		if err := x.groups.own(h.Number, h.owner); err != nil {
			return err
		}
	}
	return nil
}

// loose says whether nothing but one identity says that a row is of a group.
func (h *hit) loose(r *Row, g, owner *group) bool {
	switch h.Kind {
	case ExternalID:
		return owner.name.Contradicts(r.Name)
	case Email, Phone, WhatsApp:
	default:
		return false
	}
	return g != owner || !slices.ContainsFunc(r.Identities,
		func(id Identity) bool { return id.kind.own() && owner.has(id.Hash) })
}

// count counts a row that has an identity in common with others.
func (x *Resolver) count(h *hit) {
	switch {
	case h.others < CommonRows-1:
		return
	case h.others > CommonRows-1:
		x.common[commonKey{h.holder.Table, h.Kind}].Rows++
		return
	}
	key := commonKey{h.holder.Table, h.Kind}
	c := x.common[key]
	if c == nil {
		c = &Common{Table: key.table, Kind: key.kind}
		x.common[key] = c
	}
	c.Values++
	c.Rows += CommonRows
	if len(c.Lines) < placesKept {
		c.Lines = append(c.Lines, h.holder.Line)
	}
}

// Common is what many rows have in common, in the order of tables.
func (x *Resolver) Common() []Common {
	var list []Common
	for _, c := range x.common {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Common) int {
		if a.Table != b.Table {
			return a.Table - b.Table
		}
		return int(a.Kind) - int(b.Kind)
	})
	return list
}

// Verdicts ends the taking, and gives what was said of every row that is not the first of its customer.
func (x *Resolver) Verdicts() (*Verdicts, error) {
	x.groups.close()
	x.ruled.close()
	return x.verdicts, x.verdicts.rewind()
}

// Close gives up.
func (x *Resolver) Close() {
	x.groups.close()
	x.ruled.close()
	x.verdicts.Close()
}
