package pipeline_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/sandbox"
)

// TestRefusedRecordIsFound: a bulk request that the org refuses as a whole because of one record is narrowed down to
// that one with at most 15 requests, with 3 where the answer says which it is, and a wrong word of the answer costs 2
// more.
func TestRefusedRecordIsFound(t *testing.T) {
	t.Parallel()
	for _, try := range []struct {
		detail string
		bad    []int
		most   int
	}{
		{"", []int{0}, 15}, {"", []int{99}, 15}, {"", []int{62}, 15}, {"", []int{3, 71}, 27},
		{"/%d/name", []int{62}, 3}, {"/%d/name", []int{3, 71}, 5}, {"/7/name", []int{62}, 17},
	} {
		o := newOrg(t, sandbox.Config{})
		dir := t.TempDir()
		path := filepath.Join(dir, "bad.csv")
		var b strings.Builder
		b.WriteString("id,name,email,score,vip\n")
		for i := range 100 {
			fmt.Fprintf(&b, "h-%d.,Ana,h%d@example.com,1,yes\n", i, i)
		}
		os.WriteFile(path, []byte(b.String()), 0o600)
		os.WriteFile(bind.MappingBeside(path), []byte(peopleMapping), 0o600)
		connected := o.connect(t)
		posts := 0
		o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			posts++ // one batch: one request at a time
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			for _, n := range try.bad {
				at := bytes.Index(body, fmt.Appendf(nil, `"h-%d."`, n))
				if at < 0 {
					continue
				}
				detail := strings.ReplaceAll(try.detail, "%d", fmt.Sprint(bytes.Count(body[:at], []byte(`"externalId"`))-1))
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"errors":[{"status":"400","code":"badparam","title":"Invalid value","source":{"pointer":%q}}]}`,
					detail)
				return true
			}
			return false
		})
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, State: dir + "/state",
			Org: connected})
		if err != nil {
			t.Fatal(err)
		}
		if count(s, "rejected") != int64(len(try.bad)) || count(s, "created") != int64(100-len(try.bad)) || posts > try.most {
			t.Errorf("%q %v: %d rejected, %d created, %d requests; want at most %d", try.detail, try.bad,
				count(s, "rejected"), count(s, "created"), posts, try.most)
		}
		t.Logf("%q %v: %d requests", try.detail, try.bad, posts)
	}
}
