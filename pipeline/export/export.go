// Package export writes what an org has of one kind of record as a file that an import takes back: columns bear the
// names of targets, so that importing the file again changes nothing, and changing it first changes what was changed.
package export

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"muster/mappings"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/schema/klass"
)

// Config says what is written.
type Config struct {
	Viewer   *kustomer.Viewer
	Readings *lookup.Reader // for the names of tags
	Org      string         // whose records they are, by its id: an export of another is not taken up
	Kind     string         // customer, or one that object.Called knows
	Klass    *klass.Klass   // the org's attributes of the kind; nil: it has none
	Beside   string         // where the mapping goes
	Whole    bool           // what a record lacks is said, too: a backup, which takes away what was added since

	Pages int // of a list that every org shows; 0: listPages
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// A Row is one record: its values by column, JSON each.
type Row map[string]json.RawMessage

// Columns are those of the file, in their order.
func (c *Config) Columns() []string {
	var list []string
	if k := object.Called(c.Kind); k != nil {
		list = append(list, "externalId")
		for _, f := range k.Fields {
			switch {
			case f.Name == "externalId" || f.Name == "importedAt" || f.Name == "custom" || f.Name == object.Attachments:
			case f.Type == object.Members:
				for _, member := range f.Of {
					list = append(list, f.Name+"."+member)
				}
			default:
				list = append(list, f.Name)
			}
		}
	} else {
		list = append(list, "customerId")
		for _, t := range mappings.Targets() {
			name, _, _ := strings.Cut(t.Path, ".")
			name, _, _ = strings.Cut(name, "[")
			if !slices.Contains(list, name) && !slices.Contains(leftOut(), name) && !strings.Contains(t.Path, "company.") {
				list = append(list, name)
			}
		}
	}
	if c.Klass != nil {
		for _, a := range c.Klass.Attributes {
			if a.Active {
				list = append(list, "custom."+a.Name)
			}
		}
	}
	return list
}

// leftOut are the targets of customers that say nothing that could be brought back.
func leftOut() []string {
	return []string{"importedAt", "rev", "lastActivityAt", "custom", "conversationId", "sentiment"}
}

// row is one record by columns.
func (c *Config) row(columns []string, r *kustomer.Customer) Row {
	row, parts := Row{}, map[string]map[string]json.RawMessage{}
	for _, column := range columns {
		value := r.Attributes[column]
		if head, name, inside := strings.Cut(column, "."); inside {
			if _, read := parts[head]; !read {
				var members map[string]json.RawMessage
				_ = json.Unmarshal(r.Attributes[head], &members) // none: it has no members
				parts[head] = members
			}
			value = parts[head][name]
		}
		if column == "customerId" {
			value, _ = json.Marshal(r.ID) // a text always marshals
		}
		if value = c.writable(column, value); !customer.IsNothing(value) {
			row[column] = value
		}
	}
	return row
}

// writable is a value as a record may bring it; nil where none may.
func (c *Config) writable(column string, value json.RawMessage) json.RawMessage {
	switch {
	case customer.IsNothing(value):
		return nil
	case c.Kind == mappings.Conversations && column == "status" && customer.SameText(value, "snoozed"):
		return nil // a new one is open or done
	case column == "data" && object.Called(c.Kind) != nil: // as text: the members of an object are columns of their own
		value, _ = json.Marshal(string(value))
		return value
	case strings.HasPrefix(column, "meta.") && value[0] != '"':
		return nil // a mapping fills texts alone
	case column == "whatsapps":
		value = json.RawMessage(strings.ReplaceAll(string(value), `"whatsapp:+`, `"+`))
	}
	return customer.WritableValue(column, value)
}
