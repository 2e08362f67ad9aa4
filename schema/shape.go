package schema

// A Shape is the schema bound to the places a plan fills, once for each plan. Immutable, safe for concurrent use.
type Shape struct{}

// Shape binds the schema to paths, the places of the plan's slots in slot order: "name", "custom.vipBool", "tags[]",
// "emails[].email". A path may stand there more than once.
func (v *Validator) Shape(paths []string) *Shape { return &Shape{} }

// A Proof goes over the values of one record after the other and says of each record whether it is certainly valid.
// It is scratch space: one goroutine owns it and uses it again and again.
//
//	proof.Begin()
//	for i := range rec.Values { proof.Add(slot, item, kind, text) }
//	switch proof.End() {
//	case schema.Proven: // nothing more to do
//	case schema.Found:  // findings = proof.Findings(findings[:0])
//	case schema.Unsure: // build the payload, ask Validate
//	}
type Proof struct{}

// A Verdict is what the compiled rules can say of a record.
type Verdict uint8

const (
	Unsure Verdict = iota // the judge must look at the payload
	Proven                // certainly valid: the judge would find nothing
	Found                 // certainly invalid: Findings gives what the judge would find
)

// NewProof makes the scratch space for records of this shape.
func (s *Shape) NewProof() *Proof { return &Proof{} }

// Begin forgets the record before.
func (p *Proof) Begin() {}

// Add takes one value of the record. slot is the index into the paths of Shape; item the position in its list, counted from
// 0 without gaps, -1 outside lists; kind and text as for Rule.Proves. text must stay as it is until End and Findings are done.
func (p *Proof) Add(slot, item int, kind byte, text []byte) {}

// End gives the verdict over all values added since Begin: the values themselves, the number of items in each list, that no
// two of them are equal, required fields of each item, the number of properties. It does not allocate.
func (p *Proof) End() Verdict { return Unsure }

// Proves is End() == Proven.
func (p *Proof) Proves() bool { return p.End() == Proven }

// Findings appends what is wrong with the record after End said Found: the findings, and the order, that Validate would
// give for its payload.
func (p *Proof) Findings(dst []Finding) []Finding { return dst }
