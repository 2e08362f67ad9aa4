package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// NamedFaults are all faults there are, in the order in which they are drawn.
func NamedFaults() []Fault {
	return []Fault{
		{"throttle", "a burst of 429, the reset in the form the switches say", isAny, throttle, nil},
		{"expired", "the key is refused (401) for a while", isAny, bar(http.StatusUnauthorized), nil},
		{"role-lost", "the key lacks a role (403) for a while", isAny, bar(http.StatusForbidden), nil},
		{"slow", "the answer is late", isAny, slowly, nil},
		{"hang-before", "no answer ever comes, and nothing was applied", isAny, hang, nil},
		{"cut-before", "the connection is cut, and nothing was applied", isAny, cutBefore, nil},
		{"error-before", "a 5xx, and nothing was applied", isAny, errorBefore, nil},
		{"too-large", "413 to a bulk request of several items", isBulk, tooLarge, nil},
		{refuseItem, "certain records are refused for a reason no schema tells: the whole request, or by switch each alone",
			isWrite, refuseItems, nil},
		{"rival-takes", "another writer makes a customer with an e-mail address of the write just before it", isWrite,
			otherTakes, nil},
		{"rival-edits", "another writer edits the customer after it was read", isRead, nil, otherEdits},
		{"field-truncated", "names in a write are cut to half their length without a word", isWrite, truncate, nil},
		{"field-dropped", "a write's custom attributes are dropped without a word", isWrite, dropCustom, nil},
		{"job-missing", "404 for a job just submitted", nil, nil, nil},
		{"job-stuck", "a job stays queued", nil, nil, nil},
		{"results-missing", "some results are left out", isResults, nil, shaping(leaveOut)},
		{"results-doubled", "some results come twice", isResults, nil, shaping(double)},
		{"results-strangers", "results come for references that were never sent", isResults, nil, shaping(strangers)},
		{"results-torn", "some results are contradicted by another", isResults, nil, shaping(contradict)},
		{"results-case", "statuses in other letter case", isResults, nil, shaping(shout)},
		{"results-shuffled", "results in any order", isResults, nil, shaping(shuffle)},
		{"results-spread", "the results of a batch come as several batches", isResults, nil, spread},
		{"search-stale", "a search leaves out what was written last", isSearch, nil, stale},
		{"error-shape", "the body of an error has another of the documented forms", isAny, nil, reshapeError},
		{"body-empty", "the answer has its status and no body", isAny, nil, emptied},
		{"body-html", "the answer has its status and a page of HTML", isAny, nil, asHTML},
		{"error-after", "a 5xx, though the write was applied", isAny, nil, errorAfter},
		{"cut-after", "the connection is cut before the answer, though the write was applied", isAny, nil, cutAfter},
		{"cut-middle", "the connection is cut in the middle of the answer", isAny, nil, cutMiddle},
		{"hang-after", "no answer ever comes, though the write was applied", isAny, nil, hangAfter},
	}
}

func throttle(m *faults, _ *Request, _ *rand.Rand) *Answer {
	m.mutex.Lock()
	m.throttled = time.Now().Add(2 * m.Moment)
	m.mutex.Unlock()
	return m.tooMany()
}

// bar refuses the key from now on for a while.
func bar(status int) func(*faults, *Request, *rand.Rand) *Answer {
	return func(m *faults, _ *Request, _ *rand.Rand) *Answer {
		m.mutex.Lock()
		m.barred, m.barring = time.Now().Add(3*m.Moment), status
		m.mutex.Unlock()
		return m.lasting()
	}
}

func slowly(m *faults, r *Request, by *rand.Rand) *Answer {
	m.sleep(r, time.Duration(by.Float64()*2*float64(m.Moment)))
	return nil
}

// hung is how many moments a hanging request hangs: longer than any client waits.
const hung = 600

func hang(m *faults, r *Request, _ *rand.Rand) *Answer {
	m.sleep(r, hung*m.Moment)
	return &Answer{Cut: true}
}

func hangAfter(m *faults, r *Request, _ *Answer, by *rand.Rand) *Answer { return hang(m, r, by) }

func cutBefore(*faults, *Request, *rand.Rand) *Answer { return &Answer{Cut: true} }

func cutAfter(*faults, *Request, *Answer, *rand.Rand) *Answer { return &Answer{Cut: true} }

func cutMiddle(_ *faults, _ *Request, a *Answer, by *rand.Rand) *Answer {
	if len(a.Body) < 2 {
		return &Answer{Cut: true}
	}
	return &Answer{Status: a.Status, Header: a.Header, Body: a.Body[:1+by.IntN(len(a.Body)-1)], Cut: true}
}

func errorBefore(_ *faults, _ *Request, by *rand.Rand) *Answer { return serverError(by) }

func errorAfter(_ *faults, _ *Request, _ *Answer, by *rand.Rand) *Answer { return serverError(by) }

func serverError(by *rand.Rand) *Answer {
	status := []int{500, 501, 502, 503, 504}[by.IntN(5)]
	switch by.IntN(3) {
	case 0:
		return &Answer{Status: status}
	case 1:
		return &Answer{Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: page(status)}
	}
	return &Answer{Status: status, Body: []byte(`{"errors":[{"status":500,"code":"internal","title":"Internal Server Error"}]}`)}
}

func page(status int) []byte {
	return fmt.Appendf(nil, "<html><head><title>%d</title></head><body>%s</body></html>", status, http.StatusText(status))
}

func emptied(_ *faults, _ *Request, a *Answer, _ *rand.Rand) *Answer {
	return &Answer{Status: a.Status, Header: a.Header, Body: []byte{}}
}

func asHTML(_ *faults, _ *Request, a *Answer, _ *rand.Rand) *Answer {
	return &Answer{Status: a.Status, Header: http.Header{"Content-Type": {"text/html"}}, Body: page(a.Status)}
}

func tooLarge(m *faults, r *Request, _ *rand.Rand) *Answer {
	v, err := parse(r.Body)
	if err != nil || !v.isList() || v.len() < 2 {
		return nil
	}
	return m.s.refuse(&refusal{status: http.StatusRequestEntityTooLarge, code: "toolarge",
		title: "Request Entity Too Large"})
}

// reshapeError gives an error the body it would have under another switch.
func reshapeError(m *faults, _ *Request, a *Answer, by *rand.Rand) *Answer {
	if a.Status < 400 || a.Cut {
		return a
	}
	bodies := []string{
		`{"errors":[{"code":"bad_request","message":"Invalid value","meta":{}}]}`,
		fmt.Sprintf(`{"errors":[{"status":"%d","code":"badparam","title":"Invalid value","source":{"parameters":"name"}}]}`,
			a.Status),
		fmt.Sprintf(`{"errors":[{"status":%d,"code":"badparam","title":"Invalid value","source":{"pointer":"/data"}}]}`,
			a.Status),
	}
	return &Answer{Status: a.Status, Header: a.Header, Body: []byte(bodies[by.IntN(len(bodies))])}
}

// stale drops the first hit of a search that has any.
func stale(_ *faults, _ *Request, a *Answer, _ *rand.Rand) *Answer {
	return reshape(a, func(list []any) []any { return list[min(1, len(list)):] })
}
