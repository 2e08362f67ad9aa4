package dedupe

// repeats says which of the values that must differ by rules of the mapping a row has in common with one that stays. A
// row that is refused for it holds none of its own; one that is another's duplicate is not asked.
func (x *Resolver) repeats(r *Row, v *Verdict, g *group, shares []Share) error {
	var free []Share
	refused := false
	for i, s := range shares {
		if i > 0 && s.Number == shares[i-1].Number {
			continue
		}
		o, err := x.ruled.owner(s.Number)
		if err != nil {
			return err
		}
		rule := int(s.Kind - ruledKind)
		switch o.group {
		case 0:
			free = append(free, s)
		case g.number:
		default:
			v.Repeats = append(v.Repeats, Repeat{Rule: rule, Holder: o.holder})
			refused = refused || r.Warns>>rule&1 == 0
		}
	}
	if refused {
		v.Relation = Repeated
		return nil
	}
	for _, s := range free {
		if err := x.ruled.own(s.Number, owner{group: g.number, holder: At{r.Ordinal, r.Line, r.Table}}); err != nil {
			return err
		}
	}
	return nil
}

// Stays says whether the row is one of its own.
func (v *Verdict) Stays() bool { return v.Relation == Kept }

// Noted says whether something must be said of the row.
func (v *Verdict) Noted() bool { return v.Relation != Kept || len(v.Repeats) > 0 }
