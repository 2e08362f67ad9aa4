package kustomer

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Profile reads one customer by its id, typed.
func (v *Viewer) Profile(ctx context.Context, id string) (*Profile, error) {
	var p *Profile
	c := ofCustomer("GET", id, nil)
	c.decode = func(body []byte) (err error) {
		p, err = decodeProfile(body)
		return err
	}
	if err := v.wire.do(ctx, c); err != nil {
		return nil, err
	}
	return p, nil
}

// decodeProfile reads a customer's answer. What has another form than documented goes to Other: an org of another age
// answers too.
func decodeProfile(body []byte) (*Profile, error) {
	r, err := decodeResource(body)
	if err != nil {
		return nil, err
	}
	if r.ID == "" {
		return nil, errUnreadable
	}
	var envelope struct {
		Data struct {
			Type  loose `json:"type"`
			Links struct {
				Self loose `json:"self"`
			} `json:"links"`
		} `json:"data"`
	}
	_ = json.Unmarshal(body, &envelope) // what is not there stays ""
	p := &Profile{ID: string(r.ID), Type: string(envelope.Data.Type), Self: string(envelope.Data.Links.Self),
		Other: map[string]json.RawMessage{}}
	fields := fieldsOf(reflect.ValueOf(p).Elem())
	for name, raw := range r.Attributes {
		field, known := fields[name]
		switch name {
		case "id":
			continue // an answer without its envelope
		case "type", "relationships", "self", "other":
			known = false // the profile's own, not attributes
		}
		if (!known || !assign(field, raw)) && string(raw) != "null" {
			p.Other[name] = raw
		}
	}
	p.Relationships = map[string]Relation{}
	for name, raw := range r.Relationships {
		p.Relationships[name] = relationOf(raw)
	}
	if p.Company == "" {
		p.Company = p.Relationships["company"].ID
	}
	for _, numbers := range [...][]Phone{p.Whatsapps, p.SharedWhatsapps} {
		for i := range numbers {
			numbers[i].Phone = strings.TrimPrefix(numbers[i].Phone, "whatsapp:") // which only a read has
		}
	}
	return p, nil
}

func relationOf(raw json.RawMessage) Relation {
	var r struct {
		Data  struct{ Type, ID loose }
		Links struct{ Self loose }
	}
	_ = json.Unmarshal(raw, &r) // what is not there stays ""
	return Relation{string(r.Data.Type), string(r.Data.ID), string(r.Links.Self)}
}

// fieldsOf are the fields of a struct by their names in JSON.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
	}
	return fields
}

// assign gives a field the value of a JSON text, and reports whether it could. null leaves it as it is.
func assign(field reflect.Value, raw json.RawMessage) bool {
	if string(raw) == "null" {
		return true
	}
	if to, ok := field.Addr().Interface().(*time.Time); ok {
		*to = moment(looseOf(raw))
		return !to.IsZero()
	}
	switch field.Kind() {
	case reflect.Struct:
		return isObject(raw) && assignMembers(field, raw)
	case reflect.Slice:
		return assignItems(field, raw)
	case reflect.Map:
		return json.Unmarshal(raw, field.Addr().Interface()) == nil
	case reflect.String:
		text := looseOf(raw)
		field.SetString(string(text))
		return text != "" || string(raw) == `""`
	case reflect.Bool:
		word := looseOf(raw).word()
		field.SetBool(word == "true")
		return word == "true" || word == "false"
	case reflect.Float64:
		return json.Unmarshal([]byte(looseOf(raw)), field.Addr().Interface()) == nil
	case reflect.Int64:
		var n float64
		ok := json.Unmarshal([]byte(looseOf(raw)), &n) == nil && n > -1e15 && n < 1e15
		field.SetInt(int64(n))
		return ok
	default: // what may be absent: a number, or counts
		to := reflect.New(field.Type().Elem())
		ok := assign(to.Elem(), raw)
		if ok {
			field.Set(to)
		}
		return ok
	}
}

func looseOf(raw json.RawMessage) loose {
	var l loose
	_ = l.UnmarshalJSON(raw) // never fails
	return l
}

// assignItems takes a list, or one thing in its place; a plain text in it stands for the item's main member.
func assignItems(field reflect.Value, raw json.RawMessage) bool {
	items := []json.RawMessage{raw}
	if raw[0] == '[' && json.Unmarshal(raw, &items) != nil {
		return false
	}
	list := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		one := list.Index(i)
		switch {
		case one.Kind() != reflect.Struct:
			if !assign(one, item) {
				return false
			}
		case isObject(item):
			if !assignMembers(one, item) {
				return false
			}
		case !assign(mainOf(one), item):
			return false
		}
	}
	field.Set(list)
	return true
}

func mainOf(v reflect.Value) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("main") != "" {
			return v.Field(i)
		}
	}
	return v.Field(0)
}

// assignMembers fills a struct from an object; members that it has no field for are left out.
func assignMembers(v reflect.Value, raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return false
	}
	fields := fieldsOf(v)
	for name, raw := range members {
		if field, known := fields[name]; known && !assign(field, raw) {
			return false
		}
	}
	return true
}
