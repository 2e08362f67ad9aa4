package klass

import (
	"reflect"
	"strings"
	"testing"
)

const metadataBody = `{"data": {"type": "metadata", "id": "customer", "attributes": {"properties": {
	"vipBool": {"type": "boolean", "displayName": "VIP", "modifiedAt": "2024-01-01T00:00:00.000Z"},
	"loyaltyTierStr": {"type": "string", "displayName": "Loyalty Tier", "enumeration": ["bronze", "silver"]},
	"legacyScoreNum": {"type": "number", "displayName": "Legacy Score", "deletedAt": "2023-01-01T00:00:00.000Z", "deletedBy": "x"},
	"revivedNum": {"type": "number", "displayName": "Revived", "deletedAt": null},
	"friendsId": {"type": "id", "multi": true, "target": "customer"},
	"interestsStr": {"type": "string", "array": true},
	"acme_app-size": {"type": "Number"},
	"acme_app-blob": {"type": "object"},
	"regionTree": {"tree": {"children": [{"id": "eu", "children": [{"id": "eu.nl"}, {"id": "eu.uk", "deleted": true}]}, {"id": "us"}]}},
	"leafTree": {"lastNodeRequired": true, "tree": {"children": [{"id": "eu", "children": [{"id": "eu.nl"}]}]}}
}}}}`

func TestParseKlass(t *testing.T) {
	k, err := Parse([]byte(metadataBody))
	if err != nil {
		t.Fatal(err)
	}
	want := &Klass{Name: "customer", Attributes: []Attribute{
		{Name: "acme_app-blob", Active: true},
		{Name: "acme_app-size", Type: "Num", Active: true},
		{Name: "friendsId", Type: "Id", Active: true, Array: true, Target: "customer"},
		{Name: "interestsStr", Type: "Str", Active: true, Array: true},
		{Name: "leafTree", Type: "Tree", Active: true, Enumeration: []string{"eu.nl"}},
		{Name: "legacyScoreNum", Type: "Num", Display: "Legacy Score"},
		{Name: "loyaltyTierStr", Type: "Str", Display: "Loyalty Tier", Active: true,
			Enumeration: []string{"bronze", "silver"}},
		{Name: "regionTree", Type: "Tree", Active: true, Enumeration: []string{"eu", "eu.nl", "us"}},
		{Name: "revivedNum", Type: "Num", Display: "Revived", Active: true},
		{Name: "vipBool", Type: "Bool", Display: "VIP", Active: true},
	}}
	if !reflect.DeepEqual(k, want) {
		t.Errorf("got  %+v\nwant %+v", k, want)
	}
}

func TestParseKlassRefusesOtherBodies(t *testing.T) {
	for _, body := range []string{``, `[]`, `{}`, `{"data": {"attributes": {}}}`,
		`{"data": {"attributes": {"properties": ["s3cret"]}}}`, `<html>s3cret`, `{"errors":[{"title":"s3cret"}]}`} {
		if k, err := Parse([]byte(body)); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v %v", body, k, err)
		}
	}
}
