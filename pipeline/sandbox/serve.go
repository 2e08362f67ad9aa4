package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// call is a request on its way through a handler.
type call struct {
	*Request
	ctx    context.Context // ends with the connection, not with Close: what has begun is answered
	key    *credential
	id     string // the decoded path segment in {id}
	name   string // the same in {name}
	query  url.Values
	header http.Header // what the answer will carry
}

// route is an endpoint: what a mux knows it by, the role it needs ("" none), and who handles it. A handler answers,
// or returns a *refusal, or another error for trouble of the server's own.
type route struct {
	pattern string
	role    string
	handle  func(*call) (*Answer, error)
}

func (s *Server) routes() []route {
	return []route{
		{"POST /v1/customers", roleCustomerCreate, s.createCustomer},
		{"GET /v1/customers", roleCustomerRead, s.listCustomers},
		{"GET /v1/customers/{id}", roleCustomerRead, s.getCustomer},
		{"PUT /v1/customers/{id}", roleCustomerUpdate, s.putCustomer},
		{"PATCH /v1/customers/{id}", roleCustomerUpdate, s.patchCustomer},
		{"DELETE /v1/customers/{id}", roleCustomerDelete, s.deleteCustomer},
		{searchPattern, roleSearchCreate, s.searchCustomers},
		{archivePattern, roleSearchCreate, s.searchArchive},
		{"POST /v1/customers/bulk", roleCustomerCreate, s.bulkCreate},
		{"PUT /v1/customers/bulk", roleCustomerUpdate, s.bulkUpdate},
		{"DELETE /v1/customers/bulk", roleCustomerDelete, s.bulkDelete},
		{"GET /v1/bulk/{id}", roleBulkRead, s.getJob},
		{"GET /v1/bulk/{id}/batches", roleBulkRead, s.getBatches},
		{"GET /v1/metadata/{id}", roleMetadataRead, s.getMetadata},
		{"PUT /v1/metadata/{id}", roleMetadataUpdate, s.putMetadata},
		{"POST /v1/companies", roleCompanyCreate, s.createCompany},
		{"GET /v1/companies", roleCompanyRead, s.listCompanies},
		{"GET /v1/companies/{id}", roleCompanyRead, s.getCompany},
		{"PUT /v1/companies/{id}", roleCompanyUpdate, s.putCompany},
		{"POST /v1/conversations", roleConversationCreate, s.createConversation},
		{"GET /v1/conversations/{id}", roleConversationRead, s.getConversation},
		{"PUT /v1/conversations/{id}", roleConversationUpdate, s.putConversation},
		{"PATCH /v1/conversations/{id}", roleConversationUpdate, s.patchConversation},
		{"PUT /v1/conversations/bulk", roleConversationUpdate, s.bulkConversations},
		{"GET /v1/tags", roleTagRead, s.listTags},
		{"GET /v1/users", roleUserRead, s.listUsers},
		{"GET /v1/users/{id}", "", s.getUsers},
		{"POST /v1/users", roleAdmin, s.createUser},
		{"GET /v1/teams", roleTeamRead, s.listTeams},
		{"POST /v1/teams", roleAdmin, s.createTeam},
		{"GET /v1/workflows", roleWorkflowRead, s.listWorkflows},
		{"GET /v1/outbound-webhooks", roleWebhookRead, s.listWebhooks},
		{"GET /v1/auth/tokens/current", "", s.currentToken},
		{"GET /v1/users/current", "", s.currentUser},
		{"POST /v1/companies/bulk", roleCompanyCreate, s.bulkOf("company", bulkCreate)},
		{"PUT /v1/companies/bulk", roleCompanyUpdate, s.bulkOf("company", bulkUpdate)},
		{"POST /v1/kedge", roleCompanyUpdate, s.createEdge},
		{"GET /v1/conversations", roleConversationRead, s.listConversations},
		{"DELETE /v1/conversations/{id}", roleConversationDelete, s.deleteConversation},
		{"POST /v1/conversations/bulk", roleConversationCreate, s.bulkOf("conversation", bulkCreate)},
		{"POST /v1/customers/{id}/conversations", roleConversationCreate, s.createConversation},
		{"GET /v1/customers/{id}/conversations", roleConversationRead, s.listConversations},
		{"POST /v1/conversations/{id}/tags", roleConversationUpdate, s.addTags},
		{"DELETE /v1/conversations/{id}/tags", roleConversationUpdate, s.removeTags},
		{"POST /v1/attachments", roleMessageCreate, s.createAttachment},
		{"GET /v1/attachments/{id}", roleAttachmentRead, s.getAttachments},
		{"GET /v1/klasses", roleKlassRead, s.listKlasses},
		{"POST /v1/klasses", roleKlassCreate, s.createKlass},
		{"/", "", func(*call) (*Answer, error) { return nil, notFound("path") }},
	}
}

const (
	searchPattern  = "POST /v1/customers/search"
	archivePattern = "POST /v1/customers/archive/search"
)

func (s *Server) newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/upload/{id}", s.upload)
	for _, r := range append(s.routes(), s.thingRoutes()...) {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) { s.serve(w, q, r) })
	}
	return mux
}

// serve is the way of every request: whose it is, whether the budget has room for it, faults, its role, its handler,
// faults again, the answer.
func (s *Server) serve(w http.ResponseWriter, q *http.Request, r route) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-cache,private")
	header.Set("X-Kustomer-Pod", "prod1")
	ctx, cancel := context.WithCancel(q.Context())
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	request := &Request{Context: ctx, Method: q.Method, Path: q.URL.EscapedPath(), Query: q.URL.RawQuery, Header: q.Header}
	c := &call{Request: request, ctx: q.Context(), id: q.PathValue("id"), name: q.PathValue("name"), query: q.URL.Query(),
		header: header}
	if err := s.admit(c, q.Body, r); err != nil {
		s.send(w, s.refuse(err))
		return
	}
	s.send(w, s.handle(c, r))
}

// admit reads the body and decides whether the request is handled at all.
func (s *Server) admit(c *call, body io.Reader, r route) (err error) {
	if c.Body, err = s.readBody(body); err != nil {
		return err
	}
	if c.key, err = s.authenticate(c.Header); err != nil {
		return err
	}
	return s.limiter.spend(s.now(), r.pattern == searchPattern || r.pattern == archivePattern, c.header)
}

// handle is what comes between the faults. After is not consulted when Before has answered.
func (s *Server) handle(c *call, r route) *Answer {
	if s.config.Faults != nil {
		if a := s.config.Faults.Before(c.Request); a != nil {
			return a
		}
	}
	err := s.authorize(c.key, r.role)
	var a *Answer
	if err == nil {
		a, err = r.handle(c)
	}
	if err != nil {
		a = s.refuse(err)
	}
	if s.config.Faults != nil {
		a = s.config.Faults.After(c.Request, a)
	}
	return a
}

// mostBody bounds a request's body when Switches.BodyLimit does not.
const mostBody = 64 << 20

// readBody reads a body up to the limit. What is over it is read and forgotten within reason, since a connection that
// is closed on a client that still writes hides the answer from it.
func (s *Server) readBody(body io.Reader) ([]byte, error) {
	limit := orDefault(s.switches.BodyLimit, 100_000)
	if limit < 0 {
		limit = mostBody
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(body, int64(limit)+1)); err != nil {
		return nil, &refusal{status: http.StatusBadRequest, code: "badparam", title: "Body could not be read"}
	}
	if b.Len() <= limit {
		return b.Bytes(), nil
	}
	_, _ = io.CopyN(io.Discard, body, 4<<20)
	return nil, &refusal{status: http.StatusRequestEntityTooLarge, code: "toolarge", title: "Request Entity Too Large"}
}

func (s *Server) send(w http.ResponseWriter, a *Answer) {
	for name, values := range a.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if a.Cut {
		if len(a.Body) > 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)+1))
			w.WriteHeader(a.Status)
			_, _ = w.Write(a.Body)
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler) // the server's way to drop a connection
	}
	if a.Status == http.StatusNoContent {
		w.Header().Del("Content-Type")
	}
	if a.Body != nil {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that has gone is its own affair
}

// parseBody is the body as a group.
func (c *call) parseBody() (value, error) {
	v, err := parse(c.Body)
	if err != nil {
		return value{}, badParameter("body", "Invalid JSON", "")
	}
	if !v.isGroup() {
		return value{}, badParameter("body", "Invalid type: "+typeName(v)+" (expected object)", "/type")
	}
	return v, nil
}

// single answers with one resource.
func single(status int, r *resource) (*Answer, error) {
	return answer(status, map[string]any{"data": r})
}

func answer(status int, body any) (*Answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return &Answer{Status: status, Body: text}, nil
}
