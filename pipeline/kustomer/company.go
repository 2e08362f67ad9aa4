package kustomer

import (
	"context"
	"encoding/json"
	"net/http"
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

// Company reads one company by its id.
func (v *Viewer) Company(ctx context.Context, id string) (*Company, error) {
	c := reading(companyPath+escape(id), companyPath+"…", nil)
	if isDots(id) {
		c.wrong = errNoID
	}
	return v.wire.company(ctx, c)
}

// CompanyByExternalID finds the company that has an external id. Verdict NotFound when there is none.
func (v *Viewer) CompanyByExternalID(ctx context.Context, externalID string) (*Company, error) {
	return v.wire.company(ctx, reading(companyPath+"externalId="+escape(externalID), companyPath+"externalId=…", nil))
}

// CompaniesNamed searches the index, which is behind what was written, for companies of a name; capitals make no difference. At most
// ten are shown.
func (v *Viewer) CompaniesNamed(ctx context.Context, name string) ([]Company, error) {
	body, _ := json.Marshal(map[string]any{ // texts always marshal
		"and": []any{map[string]any{"company_name": map[string]string{"equals": name}}}, "queryContext": "company",
	})
	var found []Company
	c := call{method: http.MethodPost, path: searchPath + "?page=1&pageSize=10", act: searchPath, body: body, decode: func(body []byte) error {
		var b struct {
			Data []json.RawMessage `json:"data"`
		}
		if json.Unmarshal(body, &b) != nil || b.Data == nil {
			return errUnreadable
		}
		found = nil
		for _, raw := range b.Data {
			one, err := decodeCompany(raw)
			if err != nil {
				return err
			}
			found = append(found, *one)
		}
		return nil
	}}
	if err := v.wire.do(ctx, c); err != nil {
		return nil, err
	}
	return found, nil
}

// CustomersOfCompany searches the index, which is behind what was written, for customers that are linked to a company: the ids of
// ten at most, and how many there are in all (-1 unsaid).
func (v *Viewer) CustomersOfCompany(ctx context.Context, id string) (ids []string, total int, err error) {
	body, _ := json.Marshal(map[string]any{ // texts always marshal
		"and": []any{map[string]any{"customer_companyId": map[string]string{"equals": id}}}, "queryContext": "customer",
	})
	c := call{method: http.MethodPost, path: searchPath + "?page=1&pageSize=10", act: searchPath, body: body, decode: func(body []byte) error {
		var b struct {
			Data []struct{ ID string }
			Meta struct{ Total *int }
		}
		if json.Unmarshal(body, &b) != nil || b.Data == nil {
			return errUnreadable
		}
		ids, total = nil, -1
		if b.Meta.Total != nil {
			total = *b.Meta.Total
		}
		for _, one := range b.Data {
			ids = append(ids, one.ID)
		}
		return nil
	}}
	err = v.wire.do(ctx, c)
	return ids, total, err
}

// DeleteCompany deletes one company, where it still has the revision. Kustomer documents no request of its own for it: a company is
// deleted by an update that says so
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
	const path = "/v1/companies"
	creation := call{method: http.MethodPost, path: path, act: path, body: payload}
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
	return &Company{ID: string(r.ID), Name: string(r.text("name")), ExternalID: string(r.text("externalId")),
		ImportedAt: string(r.text("importedAt")), Rev: r.text("rev").count(), Deleted: string(r.Attributes["deleted"]) == "true"}, nil
}
