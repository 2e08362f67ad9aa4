package guess

import (
	"slices"
	"strings"

	"muster/mappings"
)

// settle makes one mapping of what the columns say each for itself: of several columns for one place
// the surest has it.
func (g *Guess) settle() {
	g.settleNames()
	g.settleIDs()
	g.settleAddresses()
	g.settleLonely()
	g.settleDoubles()
	g.settleKeys()
}

func (g *Guess) each(do func(c *Column)) {
	for i := range g.Columns {
		do(&g.Columns[i])
	}
}

// demote gives a column what its values say, or leaves it out.
func (g *Guess) demote(c *Column, why string) {
	c.Split, c.Layout, c.Values, c.Join = "", "", "", false
	base, _ := mappings.SystemName(c.Name)
	if base == "" || c.look.filled == 0 {
		c.take(mappings.Ignore, 0.6, why)
		return
	}
	suffix, _ := c.suffix()
	c.take("custom."+mappings.WithSuffix(base, suffix), 0.6, why)
}

// settleNames lets a full name stand before its parts, and takes a first name without a last one for a
// full name.
func (g *Guess) settleNames() {
	full, last := false, false
	g.each(func(c *Column) {
		full = full || c.Target == "name" && !c.Join && c.look.filled > 0
		last = last || c.Target == "name" && c.read.concept == "@last"
	})
	g.each(func(c *Column) {
		switch {
		case c.Target != "name":
		case full && c.Join:
			c.Join = false
			c.take(mappings.Ignore, 0.9, "a column for the full name is there")
		case full || !last:
			if c.Join && !last {
				c.because("no column for last names: taken for the full name")
			}
			c.Join = false
		case !c.Join: // an empty full name beside parts
			c.take(mappings.Ignore, 0.7, "the parts of the name are there")
		}
	})
}

// settleIDs chooses the one id by which a customer is known: your own before another system's.
func (g *Guess) settleIDs() {
	var best *Column
	rank := func(c *Column) int {
		for i, w := range [][]string{{"external", "identifier", "extern"},
			{"customer", "kunden", "client", "klant", "cliente", "member"}, {"record", "contact", "person", "user", "hs"}} {
			if slices.ContainsFunc(c.words, func(x string) bool {
				return slices.Contains(w, x) || len(w[0]) > 4 &&
					strings.HasPrefix(x, w[0])
			}) {
				return i
			}
		}
		return 3
	}
	g.each(func(c *Column) {
		if c.Target == "externalId" && (best == nil || rank(c) < rank(best)) {
			best = c
		}
	})
	g.each(func(c *Column) {
		if c.Target != "externalId" || c == best {
			return
		}
		if best.look.filled < g.Rows && c.look.filled == g.Rows && len(c.words) == 1 && !best.Prefer {
			best.Prefer, c.Prefer = true, true
			c.because("fills the gaps of %q", best.Name)
			return
		}
		g.demote(c, "another column is the customer's id")
	})
}

// settleAddresses writes country and region as a code or a name, whichever a cell holds, where an
// address has one column for it.
func (g *Guess) settleAddresses() {
	for _, pair := range []struct{ code, name, either string }{{"countryCode", "countryName", "country"},
		{"regionCode", "regionName", "region"}} {
		count := map[string]int{}
		key := func(c *Column) string {
			if head, member, ok := strings.Cut(c.Target, "]."); ok && strings.HasPrefix(head, "locations") &&
				(member == pair.code || member == pair.name) {
				return head
			}
			if c.Target == "locations."+pair.code || c.Target == "locations."+pair.name {
				return "locations"
			}
			return ""
		}
		g.each(func(c *Column) { count[key(c)]++ })
		g.each(func(c *Column) {
			if k := key(c); k != "" && count[k] == 1 && strings.HasSuffix(c.Target, pair.name) {
				c.Target = strings.TrimSuffix(c.Target, pair.name) + pair.either
			}
		})
	}
}

// settleLonely is less sure of a region, country or position where no other part of an address is there:
// it can be where somebody signed up, which is not where they live.
func (g *Guess) settleLonely() {
	lives := false
	g.each(func(c *Column) {
		_, member, _ := strings.Cut(c.read.concept, ".")
		lives = lives || strings.HasPrefix(c.Target, "locations") &&
			slices.Contains([]string{"address", "cityName", "zipCode"}, member)
	})
	g.each(func(c *Column) {
		if !lives && strings.HasPrefix(c.Target, "locations") && c.Confidence > 0.9 {
			c.Confidence = 0.9
			c.because("no street, city or postal code is there")
		}
	})
}

// settleDoubles leaves each single place to its surest column; lists take all.
func (g *Guess) settleDoubles() {
	holder := map[string]*Column{}
	g.each(func(c *Column) {
		to, err := mappings.ParsePlace(c.Target)
		if err != nil || c.Join || c.Prefer || c.Target == mappings.Ignore {
			return
		}
		if to.Many {
			return
		}
		path := to.Path
		old := holder[path]
		switch {
		case old == nil:
			holder[path] = c
		case old.Confidence >= c.Confidence:
			g.demoteDouble(c, path)
		default:
			g.demoteDouble(old, path)
			holder[path] = c
		}
	})
}

func (g *Guess) demoteDouble(c *Column, path string) {
	if strings.HasPrefix(c.Target, "custom.") {
		c.take(mappings.Ignore, 0.5, "another column goes to "+path)
		return
	}
	g.demote(c, "another column goes to "+path)
	for i := range g.Columns {
		if o := &g.Columns[i]; o != c && o.Target == c.Target {
			c.take(mappings.Ignore, 0.5, "another column has its name")
		}
	}
}

// settleKeys names the identities that the file has. Phones find customers only where nothing else
// does: people share them, and files are full of placeholders.
func (g *Guess) settleKeys() {
	has := map[string]bool{}
	g.each(func(c *Column) {
		head, _, _ := strings.Cut(c.Target, "[")
		has[head] = true
	})
	switch {
	case has["externalId"]:
		g.Keys = append(g.Keys, "externalId")
		fallthrough
	case has["emails"]:
		if has["emails"] {
			g.Keys = append(g.Keys, "email")
		}
	case has["phones"]:
		g.Keys = append(g.Keys, "phone")
	}
}
