// Package schema says what the CRM asks of a record. One draft-07 JSON Schema (customer.schema.json, completed with the
// org's own attributes) is read twice: by xeipuuv/gojsonschema, which is the judge, and by a small compiler whose rules
// settle the common values in nanoseconds, so that the judge sees only what is in doubt.
//
//	document.go, keyword.go   a schema document, and which keywords are known
//	customer.go               the customer's document, completed with an org's attributes (package klass)
//	judge.go, finding.go      the judge's verdict, put into words
//	rule.go, shape.go         the compiled side: one value (place.go finds its schema); a whole record (proof.go)
//	format.go, pattern.go     what formats and expressions take
package schema

import (
	"strings"

	"muster/schema/klass"
)

// A Validator holds one schema, ready for use. It is immutable: any number of goroutines may use it at once.
type Validator struct {
	doc        *document
	judge      *judge
	klass      *klass.Klass // nil: offline, or a schema that is not the customer's
	isCustomer bool         // custom holds the attributes of a Klass
}

// NewValidator makes the validator of create-customer bodies. k lists the attributes of the org's Customer Klass;
// custom properties that are not among its active ones are findings. A nil k means offline: any name that ends in a
// known type suffix is allowed in custom and checked by that suffix. k must not change afterwards. An error means a
// Klass that no schema can be made of.
func NewValidator(k *klass.Klass) (*Validator, error) {
	doc, err := customerSchema(k)
	if err != nil {
		return nil, err
	}
	return newValidator(doc, k, true)
}

// NewConversationValidator makes the validator of what conversations are described with: an id and attributes.
// Otherwise it is as NewValidator.
func NewConversationValidator(k *klass.Klass) (*Validator, error) {
	doc, err := conversationSchema(k)
	if err != nil {
		return nil, err
	}
	return newValidator(doc, k, true)
}

// Compile makes a validator of any draft-04, -06 or -07 schema document. Refused with an error: what is not a JSON
// object or boolean, newer drafts' keywords ($anchor, $dynamicRef …), references that leave the document or never end.
// The formats of this package have their meaning in every document. Rules are compiled from drafts 06 and 07 only;
// draft-04 is all the judge's.
func Compile(document []byte) (*Validator, error) {
	doc, err := parseDocument(document)
	if err != nil {
		return nil, err
	}
	return newValidator(doc, nil, false)
}

func newValidator(doc *document, k *klass.Klass, isCustomer bool) (*Validator, error) {
	j, err := newJudge(doc, isCustomer && k == nil && doc.nodes["/properties/custom"] != nil)
	if err != nil {
		return nil, err
	}
	return &Validator{doc: doc, judge: j, klass: k, isCustomer: isCustomer}, nil
}

// Validate asks the judge. The findings are in a stable order (by path, list positions as numbers, then by how much
// they explain), at most one for each cause and place; none means that the payload is valid. The error is only for a
// payload that is not JSON; it does not quote it.
func (v *Validator) Validate(payload []byte) ([]Finding, error) {
	value, err := decode(payload)
	if err != nil {
		return nil, err
	}
	if !sane(value) { // the judge cannot be asked about a record that holds such a number
		path := strings.Join(firstInsane(value), ".")
		return []Finding{{Path: path, Keyword: "maximum", Code: codes["maximum"], Expected: "a number of ordinary size"}}, nil
	}
	complaints, err := v.judge.complaints(value)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, c := range complaints {
		findings = append(findings, v.word(c))
	}
	if v.isCustomer {
		findings = v.tooManyUnits(nil, value, findings)
	}
	return tidy(findings), nil
}
