package link

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/schema"
)

// Roles that an import needs which names companies by other means than their ids.
const (
	RoleCompanyRead   = "org.permission.company.read"
	RoleCompanyCreate = "org.permission.company.create"
	RoleSearch        = "org.permission.search.create"
)

// Linker is the stage that puts ids of companies where records name them by external id or by name. It asks once for
// each company and makes those that the org lacks, each under an external id of its own: that is what tells, should an
// answer be lost, whether it was made. It belongs to one goroutine; what it remembers is bounded.
type Linker struct {
	viewer *kustomer.Viewer
	client *kustomer.Client // nil: companies are looked for and none is made
	// told of an org that cannot be asked; the rows that hang on it are not sent. nil: Link's error says it
	halt  func(error)
	sleep func(context.Context, time.Duration) error
	// Promises: what the org lacks is said to be made, and none is, as a plan has it
	Promises bool
	Coming   *deliver.Coming // companies that are records of the input; nil: none is

	ledger *ledger.Ledger
	book   *ledger.Run // where links are kept for those who come after; nil: nowhere
	failed error       // why no company can be looked for any more

	fresh, stale map[companyRef]companyLink // of the latest, and of those before them
	found, made  int64

	filter capitals
}

// companyRef names a company: by external id, else by name.
type companyRef struct{ externalID, name string }

// companyLink is what a companyRef came to: the company's id, or why it has none.
type companyLink struct {
	id, code, detail string
	made             bool // by this run
	promised         bool // it would be made
}

// mostLinks bounds each of the two generations of remembered companies: of 200 bytes each, 20 MB together.
const mostLinks = 50_000

// mostMakings is how often a company is tried to be made; with the waits between, an org in trouble gets half a minute.
const mostMakings = 6

// New makes one that only looks for companies.
func New(v *kustomer.Viewer) *Linker {
	return &Linker{viewer: v, fresh: map[companyRef]companyLink{}}
}

// Makes lets the linker make companies, too.
func (l *Linker) Makes(client *kustomer.Client, halt func(error),
	sleep func(context.Context, time.Duration) error) *Linker {
	l.client, l.halt, l.sleep = client, halt, sleep
	return l
}

// Keeps has the linker note in the ledger which company is which, and take up what is noted there.
func (l *Linker) Keeps(in *ledger.Ledger, book *ledger.Run) *Linker {
	l.ledger, l.book = in, book
	return l
}

// Link replaces what the rows of w say of their companies. A row whose company the org refuses is rejected; one whose
// company could not be asked for is held back, unsent. The error is of the org being out of reach, where nobody is to
// be told of it otherwise.
func (l *Linker) Link(ctx context.Context, w *block.Block) error {
	if !w.Table.Links {
		return nil
	}
	for i := range w.Rows {
		if w.Rows[i].Status == outcome.Unsent {
			l.row(ctx, w, i)
		}
	}
	if l.failed != nil && l.halt == nil {
		return l.failed
	}
	return nil
}

func (l *Linker) row(ctx context.Context, w *block.Block, i int) {
	var record deliver.Object
	out := &w.Rows[i]
	if json.Unmarshal(w.Payload(out), &record) != nil {
		return // the checker made it: it is one
	}
	ref := takeRef(record)
	if ref == (companyRef{}) {
		return
	}
	if record["company"] == nil {
		link, err := l.resolve(ctx, ref)
		switch {
		case err != nil:
			out.Held = true
			return
		case link.promised:
			l.promise(w, i, ref)
		case link.id == "":
			l.refuse(w, i, link)
			return
		}
		if link.id != "" {
			record["company"], _ = json.Marshal(link.id)
		}
	}
	text, err := json.Marshal(record)
	if err != nil {
		return
	}
	out.Payload.From = len(w.Arena)
	w.Arena = append(w.Arena, text...)
	out.Payload.To = len(w.Arena)
}

// promise notes the company that would be made for a row.
func (l *Linker) promise(w *block.Block, i int, ref companyRef) {
	from := len(w.Arena)
	w.Arena = append(w.Arena, cmp.Or(ref.name, ref.externalID)...)
	w.Rows[i].Promised = block.Span{From: from, To: len(w.Arena)}
}

// takeRef takes what a record says of its company out of it.
func takeRef(record deliver.Object) (ref companyRef) {
	for i, to := range []*string{&ref.externalID, &ref.name} {
		field := schema.CompanyFields()[i]
		_ = json.Unmarshal(record[field], to) // the schema holds it to be a text
		*to = strings.TrimSpace(*to)
		delete(record, field)
	}
	return ref
}

// refuse gives up a row for its company: rejected where the org refused that, held where it is a row of the input that
// was not sent, else invalid.
func (l *Linker) refuse(w *block.Block, i int, link companyLink) {
	switch link.code {
	case "kustomer.company":
		w.Rows[i].Status = outcome.Rejected
	case deliver.NoParent:
		w.Rows[i].Held = true
	default:
		w.Rows[i].Status = outcome.Invalid
	}
	w.Rows[i].Problems = block.Span{From: len(w.Problems), To: len(w.Problems) + 1}
	column := slices.Max([]int{w.Table.ColumnOf("companyName"), w.Table.ColumnOf("companyExternalId")})
	w.Problems = append(w.Problems, outcome.Problem{Code: link.code, Column: column, Detail: link.detail})
}

// resolve gives the company of a reference. The error is that of an org that could not be asked.
func (l *Linker) resolve(ctx context.Context, ref companyRef) (companyLink, error) {
	key := companyRef{externalID: ref.externalID}
	if key.externalID == "" {
		key.name = kustomer.CompanyName(ref.name)
	}
	if link, known := l.fresh[key]; known {
		return link, nil
	}
	link, known := l.stale[key]
	if !known {
		if l.failed != nil {
			return companyLink{}, l.failed
		}
		var err error
		if link, err = l.seek(ctx, ref, key); err != nil {
			l.failed = err
			if l.halt != nil && ctx.Err() == nil {
				l.halt(err)
			}
			return companyLink{}, err
		}
	}
	if len(l.fresh) >= mostLinks {
		l.fresh, l.stale = map[companyRef]companyLink{}, l.fresh
	}
	l.fresh[key] = link
	return link, nil
}

// landed is the company that this ledger landed as a record of its own, "" none.
func (l *Linker) landed(ref companyRef) (string, error) {
	if ref.externalID == "" || l.ledger == nil {
		return "", nil
	}
	known, err := l.ledger.Known(l.book.Info().OrgID,
		[]ledger.KeyHash{deliver.MarkOf(l.ledger, "company", "externalId", ref.externalID)})
	if err != nil || !known[0].Found {
		return "", err
	}
	return known[0].CustomerID, nil
}

// seek takes the company that the run linked to before it was interrupted, or finds one and notes it.
func (l *Linker) seek(ctx context.Context, ref, key companyRef) (link companyLink, err error) {
	if l.Promises && l.Coming.Made("company", "externalId", ref.externalID) {
		return companyLink{promised: true}, nil
	}
	if l.book == nil {
		return l.find(ctx, ref)
	}
	if id, err := l.landed(ref); id != "" || err != nil {
		l.found++
		return companyLink{id: id}, err
	}
	noted := l.ledger.CompanyKey(key.externalID, key.name)
	if link.id, err = l.book.LinkedCompany(noted); link.id != "" || err != nil {
		return link, err
	}
	if link, err = l.find(ctx, ref); link.id != "" && err == nil {
		err = l.book.LinkCompany(noted, link.id, link.made)
	}
	return link, err
}

// find looks for a company by its external id, or the one muster gives to a company of that name, then by its name.
func (l *Linker) find(ctx context.Context, ref companyRef) (companyLink, error) {
	externalID := ref.externalID
	if externalID == "" {
		externalID = companyIDOf(ref.name)
	}
	link, err := l.lookUp(ctx, externalID)
	if link == (companyLink{}) && err == nil && ref.externalID == "" {
		link, err = l.named(ctx, ref.name)
	}
	if kustomer.VerdictOf(err) == kustomer.Refused { // of this company alone: it costs its rows
		return refusedCompany(err), nil
	}
	if link != (companyLink{}) || err != nil {
		return link, err
	}
	if l.Coming.Refused("company", "externalId", ref.externalID) {
		return companyLink{code: deliver.NoParent, detail: deliver.NotSent("company")}, nil
	}
	name := cmp.Or(ref.name, ref.externalID)
	switch n := utf8.RuneCountInString(name); {
	case n < schema.ShortestCompanyName || n > schema.LongestCompanyName:
		return companyLink{code: "identity.company", detail: fmt.Sprintf(
			"the org has no company with this external id, and none can be made: its name would have %d characters, Kustomer "+
				"takes %d to %d; "+
				"map a column to company.name", n, schema.ShortestCompanyName, schema.LongestCompanyName)}, nil
	case l.Promises:
		l.made++
		return companyLink{promised: true}, nil
	case l.client == nil:
		return companyLink{code: "identity.company", detail: "the org has no such company"}, nil
	}
	return l.make(ctx, externalID, name)
}

// lookUp finds the one company that has an external id; the zero link: there is none.
func (l *Linker) lookUp(ctx context.Context, externalID string) (companyLink, error) {
	all, err := l.viewer.CompaniesByExternalID(ctx, externalID)
	if err != nil || len(all) == 0 {
		return companyLink{}, err
	}
	if len(all) > 1 {
		return several(all, "external id"), nil
	}
	if l.ours(&all[0]) { // the answer to its making was lost
		l.made++
		return companyLink{id: all[0].ID, made: true}, nil
	}
	l.found++
	l.filter.learn(&all[0])
	return companyLink{id: all[0].ID}, nil
}

// several is a link that is for a person to make.
func several(all []kustomer.Company, what string) companyLink {
	ids := make([]string, 0, len(all))
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return companyLink{code: "identity.company", detail: fmt.Sprintf("%d companies have this %s: %s", len(ids), what,
		strings.Join(ids, ", "))}
}

// refusedCompany is a company that the org refused to find or to make, with its reason.
func refusedCompany(err error) companyLink {
	e, _ := err.(*kustomer.Error)
	return companyLink{code: "kustomer.company", detail: deliver.Refusal(e)}
}

// ours says whether this run made a company: it carries the moment the run began.
func (l *Linker) ours(c *kustomer.Company) bool {
	if l.book == nil || c.ImportedAt == "" {
		return false
	}
	at, err := json.Marshal(c.ImportedAt)
	return err == nil && customer.SameMoment(at, l.book.Info().Stamp)
}

// make makes a company. What became of a request without an answer, or of one that another was faster than, is asked by
// the company's external id.
func (l *Linker) make(ctx context.Context, externalID, name string) (companyLink, error) {
	company := map[string]string{"externalId": externalID, "name": name}
	if l.book != nil {
		company["importedAt"] = l.book.Info().Stamp
	}
	payload, _ := json.Marshal(company) // texts always marshal
	var last error
	for try := range mostMakings {
		if try > 0 && l.sleep(ctx, time.Second<<(try-1)) != nil {
			return companyLink{}, last
		}
		c, err := l.client.CreateCompany(ctx, payload)
		if err == nil {
			l.made++
			l.filter.learn(c)
			return companyLink{id: c.ID, made: true}, nil
		}
		verdict := kustomer.VerdictOf(err)
		switch verdict {
		case kustomer.InDoubt, kustomer.Conflict, kustomer.Refused, kustomer.NotFound, kustomer.TooLarge:
			link, lost := l.lookUp(ctx, externalID)
			if link != (companyLink{}) || lost != nil {
				return link, lost
			}
		default:
			return companyLink{}, err
		}
		// A conflict may be with one that was faster and is not listed yet; another is with a company that has something else
		// in common.
		if verdict != kustomer.InDoubt && (verdict != kustomer.Conflict || try > 0) {
			return refusedCompany(err), nil
		}
		last = err
	}
	return companyLink{}, last
}

// companyIDOf is the external id of a company that muster makes for a name: the same name gives the same, whatever its
// capitals.
func companyIDOf(name string) string {
	id := "name:" + kustomer.CompanyName(name)
	if len(id) <= 255 { // the limit of external ids
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "name:" + hex.EncodeToString(sum[:])
}

// Says tells in one line what became of companies; "" where none was named.
func (l *Linker) Says() string {
	if l == nil || l.found+l.made == 0 {
		return ""
	}
	if l.Promises {
		return fmt.Sprintf("companies: %d found in the org, %d would be made", l.found, l.made)
	}
	return fmt.Sprintf("companies: %d found in the org, %d made", l.found, l.made)
}
