package pipeline_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"muster/pipeline/attributes"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/outcome"
	"muster/schema/klass"
)

func many(n int) *klass.Klass {
	k := &klass.Klass{Name: "customer"}
	for i := range n {
		k.Attributes = append(k.Attributes, klass.Attribute{Name: fmt.Sprintf("wanted%03dNum", i), Type: "Num", Active: true})
	}
	return k
}

// A hundred attributes go in one request, more in several; what was there stays.
func TestAmendInHundreds(t *testing.T) {
	o := newOrg(t, sandboxConfig())
	client := o.connect(t).Client
	o.spoil(nil)
	if err := attributes.Amend(t.Context(), client, "customer", klass.Compare(many(250), nil)); err != nil {
		t.Fatal(err)
	}
	if _, writes := o.requests(); writes != 3 {
		t.Errorf("%d writes for 250 attributes", writes)
	}
	have, err := bind.ReadKlass(t.Context(), client.Viewer, "customer")
	if err != nil || len(have.Attributes) != 260 {
		t.Errorf("%d attributes, %v", len(have.Attributes), err)
	}
}

// What the answer was does not matter: what the org has does.
func TestAmendHoldsTheOrgToIt(t *testing.T) {
	o := newOrg(t, sandboxConfig())
	client := o.connect(t).Client
	list := klass.Compare(many(1), nil)
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			fmt.Fprint(w, `{"data":{}}`) // taken, and forgotten
			return true
		}
		return false
	})
	if err := attributes.Amend(t.Context(), client, "customer", list); !errors.Is(err, outcome.ErrNotMade) ||
		exit.Code(err) != exit.Unproven {
		t.Errorf("an org that forgets: %v", err)
	}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			panic(http.ErrAbortHandler) // lost on the way
		}
		return false
	})
	if err := attributes.Amend(t.Context(), client, "customer", list); kustomer.VerdictOf(err) != kustomer.InDoubt {
		t.Errorf("a request that was lost: %v", err)
	}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			o.Handler().ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // done, and its answer lost
		}
		return false
	})
	if err := attributes.Amend(t.Context(), client, "customer", list); err != nil {
		t.Errorf("an answer that was lost: %v", err)
	}
}

// An org whose answer describes no Klass is the environment's fault, not ours.
func TestAnAnswerThatDescribesNoKlassIsTheEnvironment(t *testing.T) {
	_, err := klass.Parse([]byte(`{"data":{"attributes":{}}}`))
	if code := exit.Code(fmt.Errorf("asked: %w", err)); code != exit.Environment {
		t.Errorf("%v ends with %d", err, code)
	}
}
