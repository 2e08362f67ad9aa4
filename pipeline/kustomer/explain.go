package kustomer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"muster/pipeline/kustomer/words"
)

// maxExplained is in bytes: a longer error body is some gateway's page, or a list that no one reads to its end.
const maxExplained = 1 << 20

// fault is one error of an answer, in any of the documented shapes
// (https://developer.kustomer.com/docs/concepts/errors): {status, code, title, source.parameter, detail},
// {code, message, meta}, {status, code, title, detail, source.pointer}; one whose particulars stand in meta.subErrors
// (as a public client reads them: https://github.com/PipedreamHQ/pipedream, components/kustomer); or a mere text.
type fault struct {
	Code    loose       `json:"code"`
	Title   loose       `json:"title"`
	Message loose       `json:"message"`
	Detail  loose       `json:"detail"`
	Source  faultSource `json:"source"`
	Meta    faultMeta   `json:"meta"`
}

// faultMeta holds the errors that an error consists of.
type faultMeta struct {
	SubErrors []fault `json:"subErrors"`
}

// UnmarshalJSON takes anything that holds no list of errors for an empty meta.
func (m *faultMeta) UnmarshalJSON(b []byte) error {
	type plain faultMeta
	if json.Unmarshal(b, (*plain)(m)) != nil {
		m.SubErrors = nil
	}
	return nil
}

type faultSource struct {
	Pointer    loose `json:"pointer"`
	Parameter  loose `json:"parameter"`
	Parameters loose `json:"parameters"`
}

// UnmarshalJSON takes anything but an object for an empty source.
func (s *faultSource) UnmarshalJSON(b []byte) error {
	type plain faultSource
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, (*plain)(s))
	}
	return nil
}

// UnmarshalJSON takes a text for a message.
func (f *fault) UnmarshalJSON(b []byte) error {
	type plain fault
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, (*plain)(f))
	}
	return f.Message.UnmarshalJSON(b)
}

func (f fault) text() string {
	for _, s := range []loose{f.Title, f.Message} {
		if s != "" {
			return string(s)
		}
	}
	if strings.Contains(string(f.Detail), " ") {
		return string(f.Detail) // a sentence, not a place
	}
	return ""
}

// faultsOf reads the errors of an answer's body, or of an item's result; nil when it holds none that can be read. One
// that consists of others is those.
func faultsOf(body []byte) (all []fault) {
	for _, f := range faultsIn(body) {
		if len(f.Meta.SubErrors) == 0 {
			all = append(all, f)
		}
		for _, sub := range f.Meta.SubErrors {
			sub.Code = cmp.Or(sub.Code, f.Code)
			if sub.text() == "" {
				sub.Title = loose(f.text())
			}
			all = append(all, sub)
		}
	}
	return all
}

func faultsIn(body []byte) []fault {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || len(body) > maxExplained {
		return nil
	}
	var list []fault
	if body[0] == '[' && json.Unmarshal(body, &list) == nil {
		return list
	}
	var envelope struct {
		Errors json.RawMessage `json:"errors"`
		Error  json.RawMessage `json:"error"`
	}
	if body[0] == '{' && json.Unmarshal(body, &envelope) == nil {
		for _, inner := range []json.RawMessage{envelope.Errors, envelope.Error} {
			if len(inner) > 0 && !bytes.Equal(inner, []byte("null")) {
				return faultsIn(inner)
			}
		}
	}
	var one fault
	if json.Unmarshal(body, &one) != nil {
		return nil
	}
	return []fault{one}
}

// explain fills in what the answer's body says of a refusal, as far as it may be shown.
func (e *Error) explain(c call, body []byte) {
	faults := faultsOf(body)
	if len(faults) == 0 {
		return
	}
	names := words.KeysOf(c.body)
	f := faults[0]
	if words.IsCode(string(f.Code)) {
		e.Code = string(f.Code)
	}
	e.Title = words.Say(f.text(), names)
	e.Parameter = f.parameter(names)
	for _, place := range []loose{f.Source.Pointer, f.Detail} {
		if words.Placed(string(place), names) {
			e.Path = string(place)
			break
		}
	}
	if e.Status >= 400 && e.Status < 500 && wrongRegion(faults) {
		e.Verdict, e.Code = Unauthorized, "wrong_region"
	}
	if c.items > 0 {
		e.Items = itemsNamed(faults, c.items)
	}
}

func (f fault) parameter(names map[string]bool) string {
	for _, s := range []loose{f.Source.Parameter, f.Source.Parameters} {
		if s := string(s); words.Known(s, names) || words.Placed(s, names) {
			return s
		}
	}
	return f.named(names)
}

// named is the attribute of a record that a pointer into a body leads to: "emails" of /0/emails/0/email, "vipBool" of
// /custom/vipBool; "" for a place in a schema, or one that may not be shown.
func (f fault) named(names map[string]bool) string {
	pointer := string(f.Source.Pointer)
	if !words.Placed(pointer, names) {
		return ""
	}
	for _, step := range strings.FieldsFunc(pointer, words.IsStep) {
		switch {
		case step == "properties":
			return ""
		case words.IsIndex(step) || slices.Contains([]string{"data", "body", "items", "attributes", "custom"}, step):
		default:
			return step
		}
	}
	return ""
}

// wrongRegion knows the answer to a key of another region, whose status is not documented.
func wrongRegion(faults []fault) bool {
	return slices.ContainsFunc(faults, func(f fault) bool {
		for _, s := range []loose{f.Title, f.Message, f.Detail} {
			if strings.Contains(strings.ToLower(string(s)), "associated with pod") {
				return true
			}
		}
		return false
	})
}

// itemsNamed collects the items of a list that the errors point at by index.
func itemsNamed(faults []fault, n int) []int {
	var items []int
	for _, f := range faults {
		for _, place := range []loose{f.Source.Pointer, f.Source.Parameter, f.Source.Parameters, f.Detail} {
			if i, ok := leadingIndex(string(place)); ok && i < n {
				items = append(items, i)
				break
			}
		}
	}
	slices.Sort(items)
	return slices.Compact(items)
}

// leadingIndex reads the index a place begins with: "/3/emails", "[3].emails", "data.3.emails", "body[3]".
func leadingIndex(place string) (int, bool) {
	steps := strings.FieldsFunc(place, words.IsStep)
	for len(steps) > 0 && (steps[0] == "data" || steps[0] == "body" || steps[0] == "items") {
		steps = steps[1:]
	}
	if len(steps) == 0 || !words.IsIndex(steps[0]) {
		return 0, false
	}
	i, err := strconv.Atoi(steps[0])
	return i, err == nil
}
