package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
	"muster/pipeline/lookup"
	"muster/pipeline/outcome"
)

// OnConflict says what becomes of a row whose identities belong to different customers of the org. Two
// customers are never made one.
type OnConflict struct {
	Policy string   // RejectConflict, SkipConflict or PreferInConflict; "" is the first
	Prefer []string `json:",omitempty"` // PreferInConflict: kinds of keys in their order
}

// The policies.
const (
	RejectConflict   = "reject" // the row is rejected, and the customers are named
	SkipConflict     = "skip"   // the row is skipped, and the customers are named
	PreferInConflict = "prefer" // the row is written to one of them, without what belongs to the others
)

// ParseOnConflict reads "reject", "skip" or "prefer=KEY,KEY…"; a space or a colon may stand for "=".
func ParseOnConflict(s string) (OnConflict, error) {
	policy, keys, _ := strings.Cut(strings.NewReplacer(" ", "=", ":", "=").Replace(strings.TrimSpace(s)), "=")
	o := OnConflict{Policy: policy}
	for key := range strings.SplitSeq(keys, ",") {
		if key = strings.Trim(key, "= "); key != "" {
			o.Prefer = append(o.Prefer, key)
		}
	}
	return o, o.Check()
}

// Check says what is wrong with it.
func (o OnConflict) Check() error {
	switch {
	case o.Policy == PreferInConflict && len(o.Prefer) == 0:
		return fmt.Errorf("prefer names no key: say which comes first, as in prefer=externalId,email")
	case o.Policy == PreferInConflict:
		for _, key := range o.Prefer {
			if !lookup.Finds(key) {
				return fmt.Errorf("%q is no key by which the org finds a customer: id, externalId, email or phone", key)
			}
		}
	case !slices.Contains([]string{"", RejectConflict, SkipConflict}, o.Policy):
		return fmt.Errorf("%q is none of reject, skip, prefer=KEY,KEY", o.Policy)
	case len(o.Prefer) > 0:
		return fmt.Errorf("%s takes no keys", o.Policy)
	}
	return nil
}

// String is the policy as it is written.
func (o OnConflict) String() string {
	if len(o.Prefer) == 0 {
		return o.Policy
	}
	return o.Policy + "=" + strings.Join(o.Prefer, ",")
}

// Owner is a customer that has an identity of a record.
type Owner struct {
	Key      customer.Identity
	Customer *kustomer.Customer
}

func (o Owner) String() string { return o.Key.Kind + " → " + o.Customer.ID }

// keys are a record's identities by which the org finds customers, without those that are left out of it.
func (p *inFlight) keys(i int) (keys []customer.Identity) {
	for _, key := range p.batch.Records[i].Keys {
		if lookup.Finds(key.Kind) && !slices.Contains(p.states[i].omitted, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// owners asks the org who has each of a record's keys.
func (p *inFlight) owners(ctx context.Context, i int) (owners []Owner, err error) {
	for _, key := range p.keys(i) {
		c, err := p.Client.Lookup(kustomer.Detached(ctx), key.Kind, key.Value)
		switch {
		case err == nil:
			owners = append(owners, Owner{Key: key, Customer: c})
		case kustomer.VerdictOf(err) != kustomer.NotFound:
			return nil, err
		}
	}
	return owners, nil
}

// conflict ends a record whose update the org refuses because an identity is another customer's, and
// names the customers, or prefers one of them. Where none but the updated one can be found the org's own
// words must do.
func (p *inFlight) conflict(ctx context.Context, i int, words, column string) {
	owners, err := p.owners(ctx, i)
	if err != nil {
		p.unasked(i, err)
		return
	}
	own := p.states[i].id
	var named []string
	others := false
	for _, o := range owners {
		own = cmp.Or(own, o.Customer.ID)
		others = others || o.Customer.ID != own
		named = append(named, o.String())
	}
	switch {
	case p.states[i].payload == nil && p.prefer(ctx, i, owners):
	case !others && Expected(p.payload(i)) > 0: // nobody else has its identities, so that it was the revision
		p.reject(i, StaleRev, "somebody wrote to the customer in this moment", "rev")
	case !others:
		p.clash(i, "kustomer.duplicate", cmp.Or(words, "refused without a reason"), column)
	default:
		p.clash(i, "identity.conflict", strings.Join(named, ", "), "")
	}
}

// OtherwiseNamed says whether the customer found has another external id than the record: then they
// share an address and are not the same customer, and writing one over the other would lose it.
func OtherwiseNamed(r *block.Record, c *kustomer.Customer) bool {
	own := r.ExternalID()
	return own != "" && !customer.IsNull(c.Attributes["externalId"]) && !customer.SameText(c.Attributes["externalId"], own)
}

// otherName deals with a record that was found by another key under another external id.
func (p *inFlight) otherName(ctx context.Context, i int, c *kustomer.Customer) {
	if p.Clashes.Policy == PreferInConflict {
		owners, err := p.owners(ctx, i)
		if err != nil {
			p.unasked(i, err)
			return
		}
		if p.prefer(ctx, i, owners) {
			return
		}
	}
	p.clash(i, "identity.conflict", "it matches → "+c.ID+", which has another external id", "")
}

// clash ends a record in conflict as the policy says.
func (p *inFlight) clash(i int, code, detail, column string) {
	if p.Clashes.Policy != SkipConflict {
		p.reject(i, code, detail, column)
		return
	}
	e := &p.states[i]
	e.phase, e.status, e.id, e.detail = ended, outcome.Skipped, "", code+": "+detail
}

// prefer goes on with the customer that the first of the preferred keys finds, and leaves out of the
// record what belongs to another. It is false when no preferred key finds one, or the policy is another.
func (p *inFlight) prefer(ctx context.Context, i int, owners []Owner) bool {
	at := -1
	for _, kind := range p.Clashes.Prefer {
		if at < 0 {
			at = slices.IndexFunc(owners, func(o Owner) bool { return o.Key.Kind == kind })
		}
	}
	if at < 0 {
		return false
	}
	r, e, chosen := p.batch.Records[i], &p.states[i], owners[at].Customer
	var left []string
	var omitted []customer.Identity
	payload := r.Payload
	for _, o := range owners {
		if o.Customer.ID != chosen.ID {
			payload, omitted = without(payload, o.Key), append(omitted, o.Key)
			left = append(left, o.Key.Kind+", which is "+o.Customer.ID+"'s")
		}
	}
	own := customer.Identity{Kind: "externalId", Value: r.ExternalID()}
	if OtherwiseNamed(r, chosen) && !slices.ContainsFunc(owners, func(o Owner) bool { return o.Key == own }) {
		payload, omitted = without(payload, own), append(omitted, own)
		left = append(left, "externalId, in whose place it has another")
	}
	if len(left) == 0 {
		return false // what is refused of it is no key by which anybody is found
	}
	e.payload, e.omitted, e.tries, e.updating, e.write = payload, omitted, 1, false, nil
	e.left = "written to the customer of its " + owners[at].Key.Kind + "; left out: " + strings.Join(left, "; ")
	e.detail = e.left
	p.found(ctx, i, chosen, true)
	return true
}

// payload is what is to be written of a record: all of it, or what does not belong to other customers.
func (p *inFlight) payload(i int) []byte {
	if e := &p.states[i]; e.payload != nil {
		return e.payload
	}
	return p.batch.Records[i].Payload
}

// without is a payload without one identity.
func without(payload []byte, key customer.Identity) []byte {
	var row Object
	if json.Unmarshal(payload, &row) != nil {
		return payload
	}
	field := map[string]string{"externalId": "externalIds", "email": "emails", "phone": "phones"}[key.Kind]
	want := lookup.Normal(key.Kind, key.Value)
	var own string
	if json.Unmarshal(row[key.Kind], &own) == nil && lookup.Normal(key.Kind, own) == want {
		delete(row, key.Kind)
	}
	var items []Object
	if json.Unmarshal(row[field], &items) == nil {
		items = slices.DeleteFunc(items, func(item Object) bool {
			var value string
			return json.Unmarshal(item[key.Kind], &value) == nil && lookup.Normal(key.Kind, value) == want
		})
		if row[field], _ = json.Marshal(items); len(items) == 0 {
			delete(row, field)
		}
	}
	text, err := json.Marshal(row)
	if err != nil {
		return payload
	}
	return text
}

// unasked ends a refused record of which the org could not be asked whether another customer has one of
// its identities. The next run goes on with it.
func (p *inFlight) unasked(i int, err error) {
	p.unknown(i, "it was refused, and the org could not be asked whether an identity of it is another customer's")
	p.Halt.Stop(err)
}
