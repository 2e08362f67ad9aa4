package mappings

import (
	"os"
	"strings"
	"testing"
)

// The mapping file that the package's documentation shows is one.
func TestDocumentedMapping(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for line := range strings.Lines(string(doc)) {
		if yaml, is := strings.CutPrefix(line, "//\t"); is {
			shown.WriteString(yaml)
		}
	}
	p := bound(t, shown.String(), "Customer ID,First name,Last "+
		"name,E-mail,Checked,Mobile,City,Country,Twitter,Joined,Language,Avg Sat Score,VIP,Nickname,Old notes,Fax 2,",
		BindOptions{})
	var rec Record
	p.Map(splitCells("7|Ann|Lee|a@x.org;b@x.org|yes|030 901820|Utrecht|nl|ann|1706709906789||4,5|yes| |x|y|z"), nil, &rec)
	want := `{"name":"Ann Lee","externalId":"7","username":null,"signedUpAt":"2024-01-31T14:05:06.789Z","emails":[{"email":"a@x.org","type":"work","verified":true},{"email":"b@x.org","type":"work","verified":true}],` +
		`"phones":[{"phone":"+3130901820"}],"whatsapps":[{"phone":"+4930901820"}],"socials":[{"type":"twitter","username":"ann"}],"locations":[{"type":"home","countryCode":"NL","cityName":"Utrecht"}],` +
		`"locale":"nl_NL","tags":["imported"],"custom":{"avgSatScoreNum":4.5,"handleStr":"ann","sourceStr":"old CRM","tierStr":"happy","vipBool":true}}`
	if got := string(p.AppendJSON(nil, &rec)); got != want || len(rec.Problems) > 0 {
		t.Errorf("problems %s, payload\n got %s\nwant %s", problemList(&rec), got, want)
	}
}
