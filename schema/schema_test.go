package schema

import (
	"fmt"
	"testing"
)

func TestTry(t *testing.T) {
	v, err := NewValidator(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.Validate([]byte(`{"name":1,"emails":[{"email":"a@b"},{"type":"x"}],"custom":{"fooNum":"x","barStr":"ok","baz":1},"foo":2,"rev":1e9999,"gender":"x","tags":["",""]}`))
	fmt.Println(f, err)
	f, err = v.Validate([]byte(`{"name":1,"emails":[{"email":"a@b"},{"type":"x"}],"custom":{"fooNum":"x","barStr":"ok","baz":1},"foo":2,"rev":1e99,"gender":"x","tags":["",""], "locations":[{"countryCode":"NLD"}], "sentiment":{"polarity":3,"confidence":1.1}}`))
	for _, f := range f {
		fmt.Printf("%+v\n", f)
	}
}
