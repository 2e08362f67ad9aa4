package deliver

import (
	"strconv"

	"muster/pipeline/kustomer"
	"muster/pipeline/object"
)

// Load counts the requests that records of any kind but customers take where all of them are new. Records come in the
// order in which they will be sent. The zero Load is one of none.
type Load struct {
	kinds []*kindLoad
}

// kindLoad is that of one kind.
type kindLoad struct {
	name           string
	full           int64 // batches
	items, bytes   int   // of the batch that is filling
	ends           int64 // conversations that are ended behind the others
	single, read50 int64 // requests for one record; records that are read 50 at a time
}

func (l *Load) of(k *object.Kind) *kindLoad {
	for _, one := range l.kinds {
		if one.name == k.Name {
			return one
		}
	}
	one := &kindLoad{name: k.Name}
	l.kinds = append(l.kinds, one)
	return one
}

// Makes counts a record whose payload, with its references, has so many bytes. ends: it is a conversation that is ended
// behind its messages.
func (l *Load) Makes(k *object.Kind, ordinal int64, size int, ends bool) {
	one := l.of(k)
	one.add(recordSize(ordinal, size) + growth)
	if ends {
		one.ends++
	}
}

// Changes counts a record that is changed: it is read before, with others where the org takes that.
func (l *Load) Changes(k *object.Kind) {
	one := l.of(k)
	switch {
	case k.Name == "conversation":
		one.read50++
		one.add(0)
	case k.ClientRef:
		one.single++
		one.add(0)
	default:
		one.single += 2
	}
}

func (one *kindLoad) add(size int) {
	if one.items == kustomer.MaxItems || one.items > 0 && one.bytes+size+1 > kustomer.MaxBody {
		one.full, one.items, one.bytes = one.full+1, 0, 0
	}
	one.items, one.bytes = one.items+1, one.bytes+size
}

// Requests is how many there will be: to submit and to read the results of each batch, and what is asked before.
func (l *Load) Requests() (n int64) {
	upTo := func(n, size int64) int64 { return (n + size - 1) / size }
	for _, one := range l.kinds {
		batches := one.full
		if one.items > 0 {
			batches++
		}
		n += 2*batches + 2*upTo(one.ends, kustomer.MaxItems) + one.single + upTo(one.read50, kustomer.MostIDs) + 1
	}
	return n
}

// recordSize is how many bytes a record's payload, of so many, has in a bulk request.
func recordSize(ordinal int64, payload int) int {
	return kustomer.Item{Ref: "row-" + strconv.FormatInt(ordinal, 10), Payload: []byte("{\"\":0}")}.Size() - len("{\"\":0}") +
		payload + stampSize
}

// growth is by how much a record of a kind may grow once its references are ids and it says what a message must say: an
// id of 24 digits in the place of each of two names, "app" and "createdAt".
const growth = 2*26 + len(`"app":"muster",`) + len(`"createdAt":"2006-01-02T15:04:05.000Z",`)
