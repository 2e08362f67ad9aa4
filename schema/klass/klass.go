package klass

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// An Attribute is one attribute of a Klass.
type Attribute struct {
	Name string // system name, "avgSatScoreNum"
	// its suffix: Str Txt Num At Bool Url Id Tree; "" when muster does not know the type: its values are not checked
	Type        string
	Display     string   // the name people see, "Avg Sat Score"; may be ""
	Active      bool     // false: deleted or deactivated, Kustomer refuses it
	Enumeration []string // the only values allowed, nil: any. Of a Tree: the ids of the nodes that can be chosen
	Array       bool     // holds a list of values of Type
	Target      string   // of an Id: the Klass of the objects it names; "" unsaid
}

// A Klass is one of the org's object types and what may stand in its custom object.
type Klass struct {
	Name       string // "customer"
	Attributes []Attribute
}

// Suffixes are the types of custom attributes: a system name ends in one of them, and none of them ends in another. The
// slice belongs to the caller.
func Suffixes() []string { return slices.Clone(suffixes[:]) }

var suffixes = [...]string{"Str", "Txt", "Num", "At", "Bool", "Url", "Id", "Tree"}

// wordsForTypes are other names a metadata document may give a type by.
// https://developer.kustomer.com/docs/concepts/custom-attributes documents the suffixes only; these are what clients
// have seen.
var wordsForTypes = map[string]string{
	"string": "Str", "text": "Txt", "number": "Num", "date": "At", "datetime": "At", "date-time": "At",
	"boolean": "Bool", "bool": "Bool", "url": "Url", "uri": "Url", "id": "Id", "tree": "Tree",
}

// metadata is the body of GET /v1/metadata/{klass}, as far as it is read.
type metadata struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Properties map[string]struct {
				Type        string          `json:"type"`
				DisplayName string          `json:"displayName"`
				Enumeration []any           `json:"enumeration"`
				Array       bool            `json:"array"`
				Multi       bool            `json:"multi"`
				Target      string          `json:"target"`
				Tree        *tree           `json:"tree"`
				LeafOnly    bool            `json:"lastNodeRequired"`
				DeletedAt   json.RawMessage `json:"deletedAt"`
			} `json:"properties"`
		} `json:"attributes"`
	} `json:"data"`
}

// tree is a multi-level list; what a record holds is the id of a node.
type tree struct {
	ID       string `json:"id"`
	Deleted  bool   `json:"deleted"`
	Children []tree `json:"children"`
}

// ErrMetadata is the error of an answer that describes no Klass.
var ErrMetadata = errors.New("metadata of a Klass")

// Parse reads the body of GET /v1/metadata/customer. Attributes come in order of name; one with deletedAt is inactive.
// The error is ErrMetadata; it does not quote the body.
func Parse(body []byte) (*Klass, error) {
	var m metadata
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("%w: not JSON of the documented form", ErrMetadata)
	}
	properties := m.Data.Attributes.Properties
	if properties == nil {
		return nil, fmt.Errorf("%w: data.attributes.properties is missing", ErrMetadata)
	}
	k := &Klass{Name: m.Data.ID}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		p := properties[name]
		a := Attribute{Name: name, Type: TypeOf(name, p.Type), Display: p.DisplayName, Array: p.Array || p.Multi,
			Target: p.Target}
		a.Active = len(p.DeletedAt) == 0 || string(p.DeletedAt) == "null"
		for _, value := range p.Enumeration {
			if text, ok := value.(string); ok {
				a.Enumeration = append(a.Enumeration, text)
			}
		}
		if p.Tree != nil {
			a.Enumeration = p.Tree.choices(a.Enumeration, p.LeafOnly)
		}
		k.Attributes = append(k.Attributes, a)
	}
	return k, nil
}

// choices appends the ids of the nodes below t that can be chosen.
func (t *tree) choices(ids []string, leafOnly bool) []string {
	for i := range t.Children {
		node := &t.Children[i]
		if node.Deleted {
			continue
		}
		if node.ID != "" && (!leafOnly || len(node.Children) == 0) {
			ids = append(ids, node.ID)
		}
		ids = node.choices(ids, leafOnly)
	}
	return ids
}

// TypeOf is the suffix of an attribute's name or, for names without one (those of apps), what the metadata's type
// means.
func TypeOf(name, metadataType string) string {
	for _, suffix := range suffixes {
		if len(name) > len(suffix) && strings.HasSuffix(name, suffix) {
			return suffix
		}
	}
	for _, suffix := range suffixes {
		if strings.EqualFold(metadataType, suffix) {
			return suffix
		}
	}
	return wordsForTypes[strings.ToLower(metadataType)]
}

// Nearest names the active attribute whose system or display name is closest to name, "" when none is close. Case,
// spaces,
// - and _ do not count, nor does a missing type suffix.
func (k *Klass) Nearest(name string) string {
	var candidates []string
	for _, a := range k.Attributes {
		if a.Active {
			candidates = append(candidates, a.Name)
		}
	}
	if near := Nearest(name, candidates); near != "" {
		return near
	}
	displays := map[string]string{}
	var names []string
	for _, a := range k.Attributes {
		if a.Active && a.Display != "" && displays[a.Display] == "" {
			displays[a.Display] = a.Name
			names = append(names, a.Display)
		}
	}
	return displays[Nearest(name, names)]
}

// Nearest is the candidate with the fewest changed letters, the first of equals; "" when more than a third would
// change.
func Nearest(name string, candidates []string) string {
	name = Fold(name)
	best, fewest := "", len(name)/3+1
	for _, candidate := range candidates {
		folded := Fold(candidate)
		distance := levenshtein.ComputeDistance(name, folded)
		if bare := Fold(strings.TrimSuffix(candidate, TypeOf(candidate, ""))); bare != folded {
			distance = min(distance, levenshtein.ComputeDistance(name, bare))
		}
		if distance < fewest {
			best, fewest = candidate, distance
		}
	}
	return best
}

// Fold takes off what people vary in a name.
func Fold(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
}
