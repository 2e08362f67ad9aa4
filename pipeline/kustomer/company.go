package kustomer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Company is one company as the org has it.
type Company struct {
	ID         string
	Name       string
	ExternalID string
	ImportedAt string // as the org writes it; "" none
	Rev        int64  // 0 when the answer held none
	Deleted    bool
}

const companyPath = "/v1/companies/"

var errOthers = errors.New("the list holds other companies than the one that was asked for")

// Company reads one company by its id.
func (v *Viewer) Company(ctx context.Context, id string) (*Company, error) {
	c := reading(companyPath+escape(id), companyPath+"…", nil)
	if isDots(id) {
		c.wrong = errNoID
	}
	return v.wire.company(ctx, c)
}

// companiesPath lists companies; it takes externalId or filter, and ignores both when both are there
// (Kustomer's OpenAPI document, Core Resources 1.0): one query never holds both.
const companiesPath = "/v1/companies"

// maxCompanyPages bounds how far a list of companies is read: 10,000 of them.
const maxCompanyPages = 100

// CompaniesByExternalID are the companies that have an external id: mostly one or none. What the list holds is compared
// here. A list of others only is an org that did not understand the question, and no evidence that there is none:
// verdict InDoubt.
func (v *Viewer) CompaniesByExternalID(ctx context.Context, externalID string) ([]Company, error) {
	if strings.TrimSpace(externalID) == "" {
		return nil, &Error{Verdict: NotFound, Act: http.MethodGet + " " + companiesPath + "?externalId=…", Err: errBlank}
	}
	var found []Company
	strangers := 0
	_, err := v.companies(ctx, url.Values{"externalId": {externalID}}, "?externalId=…", func(c Company) {
		switch {
		case c.ExternalID == externalID:
			found = append(found, c)
		case !strings.EqualFold(c.ExternalID, externalID):
			strangers++
		}
	})
	if err == nil && len(found) == 0 && strangers > 0 {
		err = &Error{Verdict: InDoubt, Act: http.MethodGet + " " + companiesPath + "?externalId=…", Err: errOthers}
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// CompaniesByName are the companies of a name; capitals and further spaces make no difference. Whether the org's filter
// looks for the name, its beginning or any part of it is not documented, so what the list holds is compared here. whole
// is false when the list is longer than is read: then there may be more.
func (v *Viewer) CompaniesByName(ctx context.Context, name string) (found []Company, whole bool, err error) {
	wanted := CompanyName(name)
	if wanted == "" {
		return nil, true, nil
	}
	whole, err = v.companies(ctx, url.Values{"filter": {strings.TrimSpace(name)}}, "?filter=…", func(c Company) {
		if CompanyName(c.Name) == wanted {
			found = append(found, c)
		}
	})
	if err != nil {
		return nil, false, err
	}
	return found, whole, nil
}

// CompanyName is a company's name in the form in which equal ones are equal: in lower case, with one space between
// words.
func CompanyName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// companies shows each company of a list that is not deleted. whole is false when the list is longer than is read.
func (v *Viewer) companies(ctx context.Context, query url.Values, act string, each func(Company)) (whole bool,
	err error) {
	var all []Company
	next := ""
	c := reading(companiesPath+"?"+query.Encode(), companiesPath+act, func(body []byte) (err error) {
		all, next, err = decodeCompanies(body)
		return err
	})
	for range maxCompanyPages {
		switch err := v.wire.do(ctx, c); {
		case VerdictOf(err) == NotFound: // an org that answers so to what it does not find
			return true, nil
		case err != nil:
			return false, err
		}
		for _, one := range all {
			if !one.Deleted {
				each(one)
			}
		}
		if next == "" {
			return true, nil
		}
		path, ok := v.wire.follow(c.path, next, companiesPath)
		if !ok || path == c.path {
			return false, nil
		}
		c.path = path
	}
	return false, nil
}

func decodeCompanies(body []byte) (all []Company, next string, err error) {
	var b struct {
		Data  []json.RawMessage `json:"data"`
		Links json.RawMessage   `json:"links"`
	}
	if json.Unmarshal(body, &b) != nil || b.Data == nil {
		return nil, "", errUnreadable
	}
	for _, raw := range b.Data {
		one, err := decodeCompany(raw)
		if err != nil {
			return nil, "", err
		}
		all = append(all, *one)
	}
	return all, nextLink(b.Links), nil
}

// DeleteCompany deletes one company, where it still has the revision. Kustomer documents no request of its own for it:
// a company is deleted by an update that says so
// (https://developer.kustomer.com/kustomer-apps-platform/docs/tutorial-delete-companies-with-the-kustomer-api).
func (c *Client) DeleteCompany(ctx context.Context, id string, rev int64) error {
	// Without its external id, which the org might keep reserved for it. These values always marshal.
	body, _ := json.Marshal(map[string]any{"deleted": true, "externalId": nil, "rev": rev})
	deletion := call{method: http.MethodPut, path: companyPath + escape(id), act: companyPath + "…", body: body}
	if isDots(id) {
		deletion.wrong = errNoID
	}
	_, err := c.wire.company(ctx, deletion)
	return err
}

// CreateCompany creates one company from a JSON object.
func (c *Client) CreateCompany(ctx context.Context, payload []byte) (*Company, error) {
	creation := call{method: http.MethodPost, path: companiesPath, act: companiesPath, body: payload}
	if !isObject(payload) {
		creation.wrong = errNotObject
	}
	return c.wire.company(ctx, creation)
}

// company does a call that is answered with a company.
func (w *wire) company(ctx context.Context, c call) (*Company, error) {
	var found *Company
	c.decode = func(body []byte) (err error) {
		found, err = decodeCompany(body)
		return err
	}
	if err := w.do(ctx, c); err != nil {
		return nil, err
	}
	return found, nil
}

func decodeCompany(body []byte) (*Company, error) {
	r, err := decodeResource(body)
	if err != nil {
		return nil, err
	}
	if r.ID == "" {
		return nil, errUnreadable
	}
	return &Company{ID: string(r.ID), Name: string(r.text("name")),
		// The sample of the OpenAPI document spells it extenalId.
		ExternalID: string(cmp.Or(r.text("externalId"), r.text("extenalId"))),
		ImportedAt: string(r.text("importedAt")), Rev: r.text("rev").count(),
		Deleted: string(r.Attributes["deleted"]) == "true"}, nil
}
