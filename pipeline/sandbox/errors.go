package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// refusal is an answer in the error form of the wire. Its Error text holds no part of the request.
type refusal struct {
	status    int
	code      string
	title     string
	parameter string
	path      string // of the rule in the schema
	value     []byte // the refused value, for Switches.ErrorsEchoValues
}

func (r *refusal) Error() string { return "refused: " + r.code }

func badParameter(parameter, title, path string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "badparam", title: title, parameter: parameter, path: path}
}

func notFound(parameter string) *refusal {
	return &refusal{status: http.StatusNotFound, code: "notfound", title: "Not Found", parameter: parameter}
}

// refusal of a body that breaks a rule. under is where the rule's schema stands in the request's.
func (x *violation) refusal(under string) *refusal {
	return &refusal{
		status: http.StatusBadRequest, code: "badparam", title: x.title, parameter: x.parameter, path: under + x.path,
		value: x.value,
	}
}

// text is the refusal as the one string that a bulk result has room for.
func (r *refusal) text() string {
	if r.parameter == "" {
		return r.title
	}
	return r.title + ": " + r.parameter
}

// refuse answers with an error. What is no refusal is the server's own trouble and is answered 500 without detail.
func (s *Server) refuse(err error) *Answer {
	r := &refusal{status: http.StatusInternalServerError, code: "internal", title: "Internal Server Error"}
	errors.As(err, &r)
	title := r.title
	if s.switches.ErrorsEchoValues && r.value != nil {
		title += ": " + string(r.value)
	}
	one := map[string]any{"code": r.code, "title": title}
	source := map[string]string{}
	if r.parameter != "" {
		source["parameter"] = r.parameter
	}
	switch s.switches.ErrorShape {
	case "portal":
		one = map[string]any{"code": modernCode(r), "message": title, "meta": source}
	case "nested": // the particulars stand in meta.subErrors only
		one = map[string]any{"status": r.status, "code": r.code, "title": "Validation failed", "meta": map[string]any{
			"subErrors": []any{map[string]any{"title": title,
				"source": map[string]string{"pointer": "/" + strings.TrimPrefix(r.parameter, "/")}}},
		}}
	case "jsonapi":
		one["status"], one["detail"] = strconv.Itoa(r.status), title
		one["source"] = map[string]string{"pointer": r.path}
	default:
		one["status"] = r.status
		if len(source) > 0 {
			one["source"] = source
		}
		if r.path != "" {
			one["detail"] = r.path
		}
	}
	body, err := json.Marshal(map[string]any{"errors": []any{one}})
	if err != nil {
		body = nil
	}
	return &Answer{Status: r.status, Body: body}
}

// modernCode is the newer spelling of a refusal's code.
func modernCode(r *refusal) string {
	if code, ok := map[string]string{"badparam": "bad_request", "notfound": "not_found"}[r.code]; ok {
		return code
	}
	return r.code
}
