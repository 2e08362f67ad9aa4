package kustomer

// Limits of one bulk request.
const (
	// MaxItems is Kustomer's documented limit: https://developer.kustomer.com/docs/guides/bulk-operations
	MaxItems = 100
	// MaxBody is in bytes: 90 % of the 100 kB that https://developer.kustomer.com/kustomer-api-docs/reference/errors names for 413.
	MaxBody = 90_000
)

// Item is one record of a bulk request.
type Item struct {
	Ref     string // comes back with the item's result; 1..255 bytes and unique in the request, or empty in every item of it
	ID      string // the customer's id; BulkUpdate only
	Payload []byte // a JSON object without _clientRef and id; read, never kept
}

// Size is how many bytes the item adds to a bulk body, _clientRef, id and the comma after it included; a body of n items is
// one byte longer than the sum of their sizes.
func (i Item) Size() int { return len(i.Payload) }
