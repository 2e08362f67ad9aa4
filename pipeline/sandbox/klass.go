package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// attribute is what the metadata of a Klass says of one custom attribute. Its JSON form is the wire's.
type attribute struct {
	Type        string          `json:"type"`
	DisplayName string          `json:"displayName"`
	Enumeration []string        `json:"enumeration,omitempty"`
	Array       bool            `json:"array,omitempty"`
	Multi       bool            `json:"multi,omitempty"`
	Required    bool            `json:"required,omitempty"`
	Target      string          `json:"target,omitempty"`
	Tree        json.RawMessage `json:"tree,omitempty"`
	ModifiedAt  string          `json:"modifiedAt,omitempty"`
	ModifiedBy  string          `json:"modifiedBy,omitempty"`
	UpdatedAt   string          `json:"updatedAt,omitempty"`
	DeletedAt   string          `json:"deletedAt,omitempty"`
	DeletedBy   string          `json:"deletedBy,omitempty"`
}

// klass is a Klass by attribute name. A stored one is never changed: an update makes another.
type klass map[string]attribute

// suffix is a kind of custom attribute: how its name ends and what its values are
// (https://developer.kustomer.com/docs/concepts/custom-attributes).
type suffix struct {
	ending string
	kind   string // the type that metadata gives
	rule   func() *rule
}

func suffixes() []suffix {
	return []suffix{
		{"Str", "string", func() *rule { return words(1024) }},
		{"Txt", "string", func() *rule { return words(1024) }},
		{"Num", "number", func() *rule { return &rule{shape: number} }},
		{"At", "date", func() *rule { return formatted("date-time") }},
		{"Bool", "boolean", func() *rule { return &rule{shape: flag} }},
		{"Url", "url", func() *rule { return formatted("uri") }},
		{"Id", "id", func() *rule { return formatted("object-id") }},
		{"Tree", "tree", func() *rule { return words(1024) }},
	}
}

// suffixOf is the suffix of an attribute's name; ok is false when the name has none or nothing before it.
func suffixOf(name string) (suffix, bool) {
	for _, s := range suffixes() {
		if before, ok := strings.CutSuffix(name, s.ending); ok && before != "" {
			return s, true
		}
	}
	return suffix{}, false
}

// isAttributeName reports whether a name has only the characters that names of Klasses may have.
func isAttributeName(name string) bool {
	return len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == '-')
	})
}

// customRule is the closed object of the active attributes of k, each of which null clears.
func (k klass) customRule(w Switches) *rule {
	r := &rule{shape: group, max: 100, fields: fields{}}
	for name, a := range k {
		if s, ok := suffixOf(name); ok && a.DeletedAt == "" {
			r.fields[name] = a.rule(s, w).orNull()
		}
	}
	return r
}

func (a attribute) rule(s suffix, w Switches) *rule {
	r := s.rule()
	if choices := slices.Concat(a.Enumeration, a.leaves()); len(choices) > 0 && !w.EnumerationsOpen {
		r.enum = quoted(choices)
	}
	if a.Array || a.Multi {
		return &rule{shape: list, item: r}
	}
	return r
}

// branch is a node of a multi-level list.
type branch struct {
	ID       string   `json:"id"`
	Deleted  bool     `json:"deleted"`
	Children []branch `json:"children"`
}

// leaves are the ids of all nodes of the attribute's tree that are not deleted.
func (a attribute) leaves() []string {
	var root branch
	if len(a.Tree) == 0 || json.Unmarshal(a.Tree, &root) != nil {
		return nil
	}
	var ids []string
	var walk func(branch)
	walk = func(b branch) {
		for _, child := range b.Children {
			if !child.Deleted {
				ids = append(ids, child.ID)
				walk(child)
			}
		}
	}
	walk(root)
	return ids
}

// title is the display name an attribute gets when none is given: avgSatScoreNum is Avg Sat Score.
func title(name string) string {
	if s, ok := suffixOf(name); ok {
		name = strings.TrimSuffix(name, s.ending)
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// merged is k with the properties of a metadata update laid over it. A null property is deactivated.
func (k klass) merged(properties map[string]json.RawMessage, now time.Time, by string) (klass, error) {
	next := maps.Clone(k)
	if next == nil {
		next = klass{}
	}
	for _, name := range slices.SortedFunc(maps.Keys(properties), cmp.Compare[string]) {
		s, ok := suffixOf(name)
		if !ok || !isAttributeName(name) {
			return nil, badParameter(name, "Invalid property name", "/properties/properties/additionalProperties")
		}
		a := next[name]
		a.Type, a.DisplayName = s.kind, cmp.Or(a.DisplayName, title(name))
		a.UpdatedAt, a.ModifiedAt, a.ModifiedBy = stamp(now), stamp(now), by
		if string(properties[name]) == "null" {
			a.DeletedAt, a.DeletedBy = stamp(now), by
		} else if err := json.Unmarshal(properties[name], &a); err != nil || a.Type != s.kind {
			return nil, badParameter(name, "Invalid property definition", "/properties/properties/"+name)
		}
		next[name] = a
	}
	return next, nil
}

// demoKlass is the customer Klass of a new org: the attributes that the samples use.
func demoKlass(now time.Time) klass {
	k := klass{}
	for _, name := range []string{
		"avgSatScoreNum", "loyaltyTierStr", "vipBool", "lastOrderAt", "profileUrl", "notesTxt", "ordersNum",
		"accountManagerStr", "sourceStr", "legacyScoreNum",
	} {
		s, _ := suffixOf(name)
		k[name] = attribute{Type: s.kind, DisplayName: title(name), UpdatedAt: stamp(now)}
	}
	tier, vip, legacy := k["loyaltyTierStr"], k["vipBool"], k["legacyScoreNum"]
	tier.Enumeration = []string{"bronze", "silver", "gold", "platinum"}
	vip.DisplayName = "VIP"
	legacy.DeletedAt = stamp(now)
	k["loyaltyTierStr"], k["vipBool"], k["legacyScoreNum"] = tier, vip, legacy
	return k
}

// document is the metadata resource of a Klass as GET and PUT answer it.
func (k klass) document(name, org string) ([]byte, error) {
	return json.Marshal(map[string]any{"data": map[string]any{
		"type": "metadata", "id": name,
		"attributes":    map[string]any{"properties": k},
		"relationships": map[string]any{"org": relation("org", org, "/v1/orgs/"+org)},
		"links":         map[string]string{"self": fmt.Sprintf("/v1/metadata/%s", name)},
	}})
}

// relation is a member of a resource's relationships.
func relation(kind, id, self string) any {
	return map[string]any{"links": map[string]string{"self": self}, "data": map[string]string{"type": kind, "id": id}}
}
