package deliver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"muster/pipeline/block"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
)

// Kinds is what the delivery of records that are no customers knows of an org, shared by all batches of a run. Safe for
// concurrent use; what it remembers is bounded.
type Kinds struct {
	Viewer   *kustomer.Viewer
	Readings *lookup.Reader
	Ledger   *ledger.Ledger // nil: nothing is known but what the org says
	OrgID    string
	Rows     int64 // of the run: what asking for each record by itself may cost
	// who stands in for a user who is not there, by e-mail address; "" nobody does, and the record names none
	Users map[string]string

	Coming *Coming // records of the input that others name; nil: none is known
	Learns bool    // customers that are sent are remembered by all their identities, for records that name them

	asking       sync.Mutex // held while the org is asked for names
	mu           sync.Mutex
	fresh, stale map[named]string // ids of the latest that were named, and of those before them; "" none is there
	teams        map[string]string
	bare         map[string]bool // kinds whose bulk requests take no references
	reffing      map[string]bool // those whose bulk requests do
	rolls        map[string]*roll
	lists        map[string]*list
	missing      map[string]int64 // e-mail addresses and teams that are not there, and how many records name them
}

// named is a record by an identity.
type named struct{ kind, by, value string }

// mostNamed bounds each of the two generations of what is remembered: of 150 bytes each, 30 MB together.
const mostNamed = 100_000

// mostMissing bounds how many users and teams that are not there are listed.
const mostMissing = 10_000

// kind is that of a batch's records, nil where they are customers, or conversations that are described.
func (b *Batch) kind() *object.Kind {
	if len(b.Records) == 0 {
		return nil
	}
	return b.Records[0].Table.Kind
}

// recall gives what is remembered of a name.
func (s *Kinds) recall(n named) (id string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, known = s.fresh[n]; !known {
		if id, known = s.stale[n]; known {
			s.keep(n, id)
		}
	}
	return id, known
}

func (s *Kinds) remember(n named, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(n, id)
}

// keep remembers a name; mu is held.
func (s *Kinds) keep(n named, id string) {
	if s.fresh == nil || len(s.fresh) >= mostNamed {
		s.fresh, s.stale = map[named]string{}, s.fresh
	}
	s.fresh[n] = id
}

// Missing are the users and teams that records name and the org lacks, with how many records name each.
func (s *Kinds) Missing() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missing
}

// Meet remembers a customer that was sent, or would be, by all its identities.
func (s *Kinds) Meet(r *block.Record, id string) {
	if s == nil || !s.Learns || id == "" || !isCustomer(r) {
		return
	}
	for _, key := range r.Keys {
		s.remember(named{"customer", key.Kind, key.Value}, id)
	}
}

func (s *Kinds) miss(n named) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing == nil {
		s.missing = map[string]int64{}
	}
	if _, known := s.missing[n.value]; known || len(s.missing) < mostMissing {
		s.missing[n.value]++
	}
}

// MarkOf is what the ledger knows a record of a kind by.
func MarkOf(l *ledger.Ledger, realm, kind, value string) ledger.KeyHash {
	if realm == "" {
		return l.Key(kind, []byte(value))
	}
	return l.Key(realm+"."+kind, []byte(value))
}

// withoutRefs says whether bulk requests of a kind take no references of our own.
func (s *Kinds) withoutRefs(k *object.Kind) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bare[k.Name]
}

// takesRefs says whether the org has taken references of a kind; accepted: it has now.
func (s *Kinds) takesRefs(k *object.Kind, accepted bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reffing == nil {
		s.reffing = map[string]bool{}
	}
	s.reffing[k.Name] = s.reffing[k.Name] || accepted
	return s.reffing[k.Name]
}

func (s *Kinds) refuseRefs(k *object.Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bare == nil {
		s.bare = map[string]bool{}
	}
	s.bare[k.Name] = true
}

// reffed is a bulk request of a kind of which it is not documented whether it takes references: it is sent with them,
// and where the org refuses them, from then on without. Of the two requests one at most is carried out.
func (s *Kinds) reffed(k *object.Kind, request func(context.Context, string, []kustomer.Item) (string,
	error)) func(context.Context, []kustomer.Item) (string, error) {
	return func(ctx context.Context, items []kustomer.Item) (string, error) {
		if !s.withoutRefs(k) {
			job, err := request(ctx, k.Bulk, items)
			if k.ClientRef || s.takesRefs(k, err == nil) || kustomer.VerdictOf(err) != kustomer.Refused {
				return job, err
			}
		}
		items = slices.Clone(items)
		for i := range items {
			items[i].Ref = ""
		}
		job, err := request(ctx, k.Bulk, items)
		if err == nil {
			s.refuseRefs(k)
		}
		return job, err
	}
}

// MethodOf is how one record of a kind is changed and the rest of it left: notes and messages by PATCH, since a PUT of
// a note must say all of it (https://developer.kustomer.com/api/core-resources/update-note).
func MethodOf(k *object.Kind) string {
	if k.Name == "note" || k.Name == "message" {
		return http.MethodPatch
	}
	return http.MethodPut
}

// textOf is a member of a record that is a text, "" none.
func textOf(record Object, name string) string {
	var s string
	_ = json.Unmarshal(record[name], &s)
	return s
}

// externalIDOf is the external id of a record of a kind.
func externalIDOf(r *block.Record) string {
	if len(r.Keys) == 0 {
		return ""
	}
	return r.Keys[0].Value
}
