package kustomer

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func companyList(next string, companies ...string) string {
	return `{"data":[` + strings.Join(companies, ",") + `],"links":{"next":` + next + `}}`
}

func company(id, externalID, name string) string {
	return fmt.Sprintf(`{"type":"company","id":%q,"attributes":{"externalId":%q,"name":%q,"rev":1}}`, id, externalID, name)
}

// A company is listed by its external id; what the list holds is compared here.
func TestCompaniesByExternalID(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		want       string // ids
		verdict    Verdict
	}{
		{"one", companyList("null", company("1", "C&1", "Acme")), 200, "1", 0},
		{"none", companyList("null"), 200, "", 0},
		{"none, as other look-ups have it", `{}`, 404, "", 0},
		{"several", companyList("null", company("1", "C&1", "Acme"), company("2", "C&1", "Globex")), 200, "1 2", 0},
		{"as the sample spells it", `{"data":[{"id":"1","attributes":{"extenalId":"C&1"}}]}`, 200, "1", 0},
		{"other capitals", companyList("null", company("1", "c&1", "Acme")), 200, "", 0},
		{"a deleted one", `{"data":[{"id":"1","attributes":{"externalId":"C&1","deleted":true}}]}`, 200, "", 0},
		{"among others", companyList("null", company("2", "C-2", "Globex"), company("1", "C&1", "Acme")), 200, "1", 0},
		{"others only: the question was not understood", companyList("null", company("2", "C-2", "Globex")), 200, "",
			InDoubt},
		{"no list", `{"data":{"id":"1"}}`, 200, "", InDoubt},
		{"refused", `{}`, 400, "", Refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked string
			c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
				asked = r.Method + " " + r.URL.RequestURI()
				answering(tc.status, tc.body)(w, r)
			})
			found, err := c.CompaniesByExternalID(t.Context(), "C&1")
			var ids []string
			for _, one := range found {
				ids = append(ids, one.ID)
			}
			if got := strings.Join(ids, " "); got != tc.want || VerdictOf(err) != tc.verdict {
				t.Errorf("%q, %v", got, err)
			}
			if asked != "GET /v1/companies?externalId=C%261" {
				t.Errorf("asked %s", asked)
			}
		})
	}
	c, _ := org(t, answering(200, companyList("null")))
	if _, err := c.CompaniesByExternalID(t.Context(), " "); VerdictOf(err) != NotFound {
		t.Error(err)
	}
}

// A company is looked for by name through a filter whose rule is not documented: what it shows is compared, page by
// page.
func TestCompaniesByName(t *testing.T) {
	var asked []string
	c, _ := org(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		if r.URL.Query().Get("page") == "2" {
			answering(200, companyList("null", company("3", "", "ACME  inc")))(w, r)
			return
		}
		answering(200, companyList(`"/v1/companies?page=2&filter=Acme+Inc"`, company("1", "", "Acme Inc"),
			company("2", "", "Acme Incorporated")))(w, r)
	})
	found, whole, err := c.CompaniesByName(t.Context(), " Acme Inc ")
	if err != nil || !whole || len(found) != 2 || found[0].ID != "1" || found[1].ID != "3" {
		t.Errorf("%+v, %v, %v", found, whole, err)
	}
	if want := []string{"/v1/companies?filter=Acme+Inc",
		"/v1/companies?page=2&filter=Acme+Inc"}; fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked %v", asked)
	}
	if found, whole, err := c.CompaniesByName(t.Context(), " "); err != nil || !whole || found != nil {
		t.Errorf("%v, %v, %v", found, whole, err)
	}
	pages := 0
	c, _ = org(t, func(w http.ResponseWriter, r *http.Request) {
		pages++
		answering(200, companyList(fmt.Sprintf(`"/v1/companies?page=%d&filter=Acme"`, pages+1), company("1", "", "Other")))(w,
			r)
	})
	if _, whole, err := c.CompaniesByName(t.Context(), "Acme"); err != nil || whole || pages != maxCompanyPages {
		t.Errorf("%v, %v, %d pages", whole, err, pages)
	}
}
