package source

import (
	"bytes"
	"fmt"
	"strings"
)

// wrapper is where in an object that wraps records these stand, as programs answer and export:
// {"type":"list","data":[…]}.
type wrapper struct {
	lists []wrappedList // of objects, in order
	whole bool          // the object ends in the sample
	more  bool          // and something follows it
	own   bool          // the object says who it is, so it is a record itself
}

type wrappedList struct {
	path   string
	at     int  // of the bracket that opens it
	people bool // its first object says who it is
}

// wrapperDepth is how deep in each other objects may wrap a list.
const wrapperDepth = 3

// findWrapper looks at the object that a sample starts with.
func findWrapper(sample []byte) (w wrapper) {
	data := append(make([]byte, 0, len(sample)+pad), sample...)
	seal(data[:cap(data)], len(sample))
	s := scanner{data: data[:len(sample)+pad], lines: true, lax: true}
	if s.space(); s.peek() != '{' {
		w.own = true
		return w
	}
	w.whole = w.object(&s, "", 0)
	w.whole = w.whole && s.i <= len(sample)
	if w.whole {
		s.space()
		w.more = s.i < len(sample)
	}
	return w
}

// object goes behind the object at s.i; false: it does not end in the sample, or is none.
func (w *wrapper) object(s *scanner, path string, depth int) bool {
	s.i++
	if s.space(); s.peek() == '}' {
		s.i++
		return true
	}
	for {
		if s.peek() != '"' {
			return false
		}
		key, ok := s.str()
		if !ok || !s.colon() || !w.member(s, strings.TrimPrefix(path+"."+string(key), "."), string(key), depth) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case '}':
			s.i++
			return true
		default:
			return false
		}
	}
}

// member goes behind a value, and notes what it tells of the wrapper.
func (w *wrapper) member(s *scanner, path, key string, depth int) bool {
	at := s.i
	switch {
	// attributes are what a record says of itself
	case (depth == 0 || path == "attributes."+key) && tellsWho(key) && s.peek() != 'n':
		w.own = true
	case s.peek() == '{' && depth+1 < wrapperDepth:
		return w.object(s, path, depth+1)
	case s.peek() == '[':
		inside := *s
		inside.i++
		if inside.space(); inside.peek() == '{' {
			w.lists = append(w.lists, wrappedList{path, at, namesWho(&inside)})
		}
	}
	return s.value(depth + 1)
}

// namesWho says whether one of the keys of the object at s.i, as far as it can be read, tells who a person is.
func namesWho(s *scanner) bool {
	s.i++
	for s.space(); s.peek() == '"'; s.space() {
		key, ok := s.str()
		if ok && tellsWho(string(key)) {
			return true
		}
		inner := func() bool { // an object may hold what a record says: {"attributes": {"email": …}}
			in := *s
			return in.colon() && in.peek() == '{' && namesWho(&in)
		}
		if !ok || inner() {
			return ok
		}
		if !s.colon() || !s.value(0) {
			return false
		}
		if s.space(); s.peek() != ',' {
			return false
		}
		s.i++
	}
	return false
}

// tellsWho says whether a key is one by which records name the person they are of.
func tellsWho(key string) bool {
	switch strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key)) {
	case "id", "externalid", "uid", "uuid", "userid", "customerid", "contactid", "email", "emails", "emailaddress",
		"emailaddresses", "phone", "phones", "phonenumber",
		"phonenumbers", "mobile", "name", "fullname", "displayname", "firstname", "lastname", "givenname", "familyname",
		"username":
		return true
	}
	return false
}

// records is the list that holds the records; nil: the object is a record itself, or none can be told.
func (w *wrapper) records() *wrappedList {
	var found *wrappedList
	for i := range w.lists {
		if w.lists[i].people {
			if found != nil {
				return nil
			}
			found = &w.lists[i]
		}
	}
	return found
}

// unwrapped gives a reader of the list that an object wraps, nil where the input is none such. The error is an *Error.
func unwrapped(in *input, o Options) (Reader, error) {
	sample := in.look(sampleSize)
	w := findWrapper(sample)
	if w.own || len(w.lists) == 0 {
		return nil, nil
	}
	list := w.records()
	var names []string
	for i := range w.lists {
		if w.lists[i].people {
			names = append(names, w.lists[i].path)
		}
	}
	switch {
	case len(names) == 0:
		return nil, nil
	case list == nil:
		return nil, &Error{Code: fileFormat, File: in.name, Detail: "holds several lists of records in one object: " +
			quoteList(names) +
			fmt.Sprintf("; write the one that is meant to a file of its own, as jq '.%s' does", names[0])}
	case w.more:
		return nil, &Error{Code: fileFormat, File: in.name,
			Detail: fmt.Sprintf("holds its records in the list %q of several objects; write them one on each line, as jq -c "+
				"'.%s[]' does", list.path, list.path)}
	}
	r := newArray(in, o)
	r.wrapped = true
	r.line += countLines(sample[:list.at])
	rest := bytes.Clone(sample[list.at:])
	in.head = rest
	r.learn(func(sample *input) (Reader, *jsonReader) {
		tmp := newArray(sample, o)
		tmp.wrapped = true
		return tmp, tmp.jsonReader
	})
	r.describe += fmt.Sprintf(", the records are the list %q of an object", list.path)
	return r, nil
}
