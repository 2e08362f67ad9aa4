package fetch_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"muster/pipeline/config"
)

// bucket is a small store that speaks S3: it lists two objects a page and serves them, to those whose signature names
// the right key.
func bucket(objects map[string]string, order []string) http.Handler {
	modified := func(i int) time.Time { return time.Date(2026, 2, 1+i, 0, 0, 0, 0, time.UTC) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AK/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Error><Code>InvalidAccessKeyId</Code></Error>`)
			return
		}
		if r.URL.Query().Has("location") {
			fmt.Fprint(w, `<LocationConstraint>eu-west-1</LocationConstraint>`)
			return
		}
		key, whole := strings.CutPrefix(r.URL.Path, "/bucket/")
		if whole && key != "" {
			for i, name := range order {
				if name == key {
					w.Header().Set("ETag", fmt.Sprintf(`"e%d"`, i))
					http.ServeContent(w, r, "", modified(i), strings.NewReader(objects[name]))
					return
				}
			}
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/bucket") {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<Error><Code>NoSuchBucket</Code></Error>`)
			return
		}
		type content struct {
			Key, ETag    string
			Size         int
			LastModified string
		}
		var page struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			Contents              []content
			IsTruncated           bool
			NextContinuationToken string
		}
		for i, name := range order {
			if !strings.HasPrefix(name, r.URL.Query().Get("prefix")) || name <= r.URL.Query().Get("continuation-token") {
				continue
			}
			if len(page.Contents) == 2 {
				page.IsTruncated, page.NextContinuationToken = true, page.Contents[1].Key
				break
			}
			page.Contents = append(page.Contents, content{name, fmt.Sprintf(`"e%d"`, i), len(objects[name]),
				modified(i).Format(time.RFC3339)})
		}
		w.Header().Set("Content-Type", "application/xml")
		_ = xml.NewEncoder(w).Encode(page)
	})
}

func TestAnS3Store(t *testing.T) {
	order := []string{"out/customers-1.csv", "out/customers-2.csv", "out/customers-3.csv", "out/customers-3.csv.done",
		"out/sub/customers-9.csv"}
	objects := map[string]string{}
	for i, name := range order {
		objects[name] = fmt.Sprintf("text %d", i+1)
	}
	server := httptest.NewServer(bucket(objects, order))
	defer server.Close()
	d := newDesk(t)
	whole := config.Source{From: "s3://bucket/out/customers-*.csv", Endpoint: server.URL, Region: "eu-west-1",
		AccessKey: config.Secret{Env: "AK"}, SecretKey: config.Secret{Env: "hush"}}
	got, last := d.took(t, whole, nil)
	if got != "customers-3.csv=text 3" {
		t.Fatalf("took %q", got)
	}
	if got, _ := d.took(t, whole, last); got != "same" {
		t.Errorf("the second time: %q", got)
	}
	all := whole
	all.All = true
	if got, _ := d.took(t, all, nil); got != "customers-1.csv=text 1 customers-2.csv=text 2 customers-3.csv=text 3" {
		t.Errorf("all: %q", got)
	}
	for _, test := range []struct {
		change func(s *config.Source)
		want   string
	}{
		{func(s *config.Source) { s.AccessKey.Env = "OTHER" },
			"denied: the bucket bucket does not let us in: InvalidAccessKeyId"},
		{func(s *config.Source) { s.From = "s3://nobody/x.csv" },
			"absent: list the files of the bucket nobody: NoSuchBucket"},
		{func(s *config.Source) { s.From = "s3://bucket/in/x.csv" }, "absent: no file fits s3://bucket/in/x.csv"},
		{func(s *config.Source) { s.Endpoint = "http://127.0.0.1:1" }, "unreachable: list the files of the bucket bucket"},
	} {
		s := whole
		test.change(&s)
		if got, _ := d.took(t, s, nil); !strings.HasPrefix(got, test.want) || strings.Contains(got, "hush") {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
