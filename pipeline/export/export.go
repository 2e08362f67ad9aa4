// Package export writes what an org has of one kind of record as a file that an import takes back: columns bear the
// names of targets, so that importing the file again changes nothing, and changing it first changes what was changed.
package export

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/schema/klass"
)

// Config says what is written.
type Config struct {
	Viewer   *kustomer.Viewer
	Readings *lookup.Reader // for the names of tags
	Kind     string         // customer, or one that object.Called knows
	Klass    *klass.Klass   // the org's attributes of the kind; nil: it has none
}

// ErrCut is that the org's list ended before all it had was shown.
var ErrCut = errors.New("the org's list ended in the middle")

// A Row is one record: its values by column, JSON each.
type Row map[string]json.RawMessage

// Columns are those of the file, in their order.
func (c *Config) Columns() []string {
	var list []string
	if k := object.Called(c.Kind); k != nil {
		list = append(list, "externalId")
		for _, f := range k.Fields {
			if f.Name != "externalId" && f.Name != "importedAt" && f.Name != "custom" {
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

// path is where the kind is listed, and how.
func (c *Config) path() (string, url.Values) {
	if k := object.Called(c.Kind); k != nil {
		return k.Path, nil
	}
	return "/v1/customers", url.Values{"sort": {"createdAt"}}
}

// Run hands each record to write, page by page. It reads and never writes to the org.
func Run(ctx context.Context, c Config, write func(Row) error) (n int64, err error) {
	path, query := c.path()
	columns := c.Columns()
	var failed error
	whole, err := c.Viewer.EachRecord(ctx, path, query, func(page []*kustomer.Record, _ int) bool {
		customers := make([]*kustomer.Customer, 0, len(page))
		for _, r := range page {
			if !r.Deleted() {
				customers = append(customers, deliver.Comparable(r))
			}
		}
		if customers, failed = c.Readings.Named(ctx, customers, func(int) bool { return true }); failed != nil {
			return false
		}
		for _, one := range customers {
			if failed = write(c.row(columns, one)); failed != nil {
				return false
			}
			n++
		}
		return ctx.Err() == nil
	})
	switch {
	case failed != nil:
		return n, failed
	case err != nil:
		return n, err
	case ctx.Err() != nil:
		return n, ctx.Err()
	case !whole:
		return n, ErrCut
	}
	return n, nil
}

// row is one record by columns.
func (c *Config) row(columns []string, r *kustomer.Customer) Row {
	var custom map[string]json.RawMessage
	_ = json.Unmarshal(r.Attributes["custom"], &custom) // none: it has no attributes
	row := Row{}
	for _, column := range columns {
		value := r.Attributes[column]
		if name, is := strings.CutPrefix(column, "custom."); is {
			value = custom[name]
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
	case column == "meta":
		return plainMembers(value)
	case column == "whatsapps":
		value = json.RawMessage(strings.ReplaceAll(string(value), `"whatsapp:+`, `"+`))
	}
	return customer.WritableValue(column, value)
}

// plainMembers are the members of a message's meta that a mapping can fill.
func plainMembers(value json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(value, &all) != nil {
		return nil
	}
	kept := map[string]json.RawMessage{}
	for _, name := range object.Called("message").Field("meta").Of {
		if v := all[name]; len(v) > 0 && v[0] == '"' {
			kept[name] = v
		}
	}
	if len(kept) == 0 {
		return nil
	}
	text, _ := json.Marshal(kept) // of what was decoded
	return text
}
