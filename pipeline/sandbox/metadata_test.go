package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestDemoKlass(t *testing.T) {
	o := start(t, Config{})
	r := o.want(200, "GET", "/v1/metadata/customer", "")
	const in = "data.attributes.properties."
	r.expect(t, "data.type", "metadata", "data.id", "customer",
		in+"avgSatScoreNum.displayName", "Avg Sat Score", in+"avgSatScoreNum.type", "number",
		in+"loyaltyTierStr.displayName", "Loyalty Tier", in+"loyaltyTierStr.enumeration", "[bronze silver gold platinum]",
		in+"vipBool.displayName", "VIP", in+"lastOrderAt.displayName", "Last Order", in+"profileUrl.displayName", "Profile",
		in+"notesTxt.displayName", "Notes", in+"ordersNum.displayName", "Orders", in+"accountManagerStr.displayName",
		"Account Manager",
		in+"sourceStr.displayName", "Source", in+"legacyScoreNum.displayName", "Legacy Score")
	if r.at(in+"legacyScoreNum.deletedAt") == "" || r.at(in+"sourceStr.deletedAt") != "" {
		t.Errorf("deletedAt: %s", r.body)
	}
	o.want(200, "GET", "/v1/metadata/company", "")
	o.want(404, "GET", "/v1/metadata/nothing", "")
}

func TestMetadataMergesByProperty(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	o.want(400, "POST", "/v1/customers", `{"custom":{"newNameNum":1}}`)
	o.want(200, "PUT", "/v1/metadata/customer", `{"properties":{"newNameNum":{},"sourceStr":{"displayName":"Origin"},"vipBool":null}}`)
	o.want(201, "POST", "/v1/customers", `{"custom":{"newNameNum":1,"sourceStr":"x"}}`)
	o.want(400, "POST", "/v1/customers", `{"custom":{"vipBool":true}}`).expect(t, "errors.0.source.parameter", "vipBool")
	o.stop()
	o = start(t, Config{Path: path})
	const in = "data.attributes.properties."
	r := o.want(200, "GET", "/v1/metadata/customer", "")
	r.expect(t, in+"newNameNum.displayName", "New Name", in+"sourceStr.displayName", "Origin", in+"notesTxt.displayName",
		"Notes")
	o.want(201, "POST", "/v1/customers", `{"custom":{"newNameNum":2}}`)
	o.want(400, "POST", "/v1/customers", `{"custom":{"vipBool":true}}`)
}

func TestMetadataRefusals(t *testing.T) {
	o := start(t, Config{})
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprintf(`"a%dStr":{}`, i))
	}
	for _, body := range []string{
		`{"properties":{"nosuffix":{}}}`, `{"properties":{"Num":{}}}`, `{"properties":{"a b\"Num":{}}}`,
		`{"properties":{"xNum":{"type":"string"}}}`,
		`{"properties":{"xNum":7}}`, `{"properties":[]}`, `[]`, `{"properties":{` + strings.Join(many, ",") + `}}`,
	} {
		o.want(400, "PUT", "/v1/metadata/customer", body)
	}
}

func TestReferencesAreFollowed(t *testing.T) {
	o := start(t, Config{})
	o.want(200, "PUT", "/v1/metadata/customer", `{"properties":{"parentId":{"target":"customer"},"friendsId":{"target":"customer","multi":true},"orderId":{"target":"order"}}}`)
	id := o.want(201, "POST", "/v1/customers", `{}`).at("data.id")
	nobody := strings.Repeat("0", 24)
	for body, status := range map[string]int{
		`{"parentId":"` + id + `"}`: 201, `{"parentId":null}`: 201, `{"friendsId":["` + id + `"]}`: 201, `{"orderId":"` +
			nobody + `"}`: 201,
		`{"parentId":"` + nobody + `"}`: 400, `{"parentId":"x"}`: 400, `{"friendsId":["` + id + `","` + nobody + `"]}`: 400,
		`{"friendsId":"` + id + `"}`: 400,
	} {
		o.want(status, "POST", "/v1/customers", `{"custom":`+body+`}`)
	}
}

func TestTreesTakeTheIdsOfTheirNodes(t *testing.T) {
	o := start(t, Config{})
	o.want(200, "PUT", "/v1/metadata/customer", `{"properties":{"areaTree":{"tree":{"children":[{"id":"north","children":[{"id":"arctic"},{"id":"old","deleted":true}]}]}}}}`)
	for v, status := range map[string]int{"north": 201, "arctic": 201, "old": 400, "North": 400} {
		o.want(status, "POST", "/v1/customers", `{"custom":{"areaTree":"`+v+`"}}`)
	}
}
