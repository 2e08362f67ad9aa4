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

// blobService speaks as much of Azure Blob Storage as a list and a download take, two blobs a page, to those who sign
// as the account or bring a signature (https://learn.microsoft.com/rest/api/storageservices/list-blobs).
func blobService(blobs map[string]string, order []string) http.Handler {
	modified := func(i int) string {
		return time.Date(2026, 2, 1+i, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse := func(status int, code string) {
			w.Header().Set("X-Ms-Error-Code", code)
			w.WriteHeader(status)
		}
		q := r.URL.Query()
		signed := strings.HasPrefix(r.Header.Get("Authorization"), "SharedKey account:") || q.Get("sig") == "hush"
		name, inside := strings.CutPrefix(r.URL.Path, "/files/")
		switch {
		case !signed:
			refuse(http.StatusForbidden, "AuthenticationFailed")
		case r.URL.Path != "/files" && !inside:
			refuse(http.StatusNotFound, "ContainerNotFound")
		case inside && name != "":
			for i, one := range order {
				if one == name {
					w.Header().Set("ETag", fmt.Sprintf(`"e%d"`, i))
					w.Header().Set("Last-Modified", modified(i))
					fmt.Fprint(w, blobs[name])
					return
				}
			}
			refuse(http.StatusNotFound, "BlobNotFound")
		default:
			type properties struct {
				LastModified  string `xml:"Last-Modified"`
				ETag          string `xml:"Etag"`
				ContentLength int    `xml:"Content-Length"`
			}
			type blob struct {
				Name       string
				Properties properties
			}
			var page struct {
				XMLName    xml.Name `xml:"EnumerationResults"`
				Blobs      []blob   `xml:"Blobs>Blob"`
				NextMarker string
			}
			for i, one := range order {
				if !strings.HasPrefix(one, q.Get("prefix")) || one <= q.Get("marker") {
					continue
				}
				if len(page.Blobs) == 2 {
					page.NextMarker = page.Blobs[1].Name
					break
				}
				page.Blobs = append(page.Blobs, blob{one, properties{modified(i), fmt.Sprintf(`"e%d"`, i), len(blobs[one])}})
			}
			w.Header().Set("Content-Type", "application/xml")
			_ = xml.NewEncoder(w).Encode(page)
		}
	})
}

func TestAnAzureContainer(t *testing.T) {
	order := []string{"out/customers-1.csv", "out/customers-2.csv", "out/customers-3.csv", "out/customers-3.csv.done",
		"out/sub/customers-9.csv"}
	blobs := map[string]string{}
	for i, name := range order {
		blobs[name] = fmt.Sprintf("text %d", i+1)
	}
	server := httptest.NewServer(blobService(blobs, order))
	defer server.Close()
	d := newDesk(t)
	// A key of an account is base64.
	whole := config.Source{From: "az://account/files/out/customers-*.csv", Endpoint: server.URL,
		SecretKey: config.Secret{Env: "aHVzaA=="}}
	got, last := d.took(t, whole, nil)
	if got != "customers-3.csv=text 3" {
		t.Fatalf("took %q", got)
	}
	if got, _ := d.took(t, whole, last); got != "same" {
		t.Errorf("the second time: %q", got)
	}
	for _, test := range []struct {
		change func(s *config.Source)
		want   string
	}{
		{func(s *config.Source) { s.All = true }, "customers-1.csv=text 1 customers-2.csv=text 2 customers-3.csv=text 3"},
		{func(s *config.Source) {
			s.SecretKey, s.Authorization = config.Secret{}, config.Secret{Env: "?sv=1&sig=hush"}
		}, "customers-3.csv=text 3"},
		{func(s *config.Source) {
			s.SecretKey, s.Authorization = config.Secret{}, config.Secret{Env: "sv=1&sig=no"}
		}, "denied: the container files does not let us in: AuthenticationFailed"},
		{func(s *config.Source) { s.SecretKey = config.Secret{} },
			"denied: the container files does not let us in: AuthenticationFailed"},
		{func(s *config.Source) { s.SecretKey.Env = "no base64" }, "denied: the key of the account account is none"},
		{func(s *config.Source) { s.From = "az://account/nobody/x.csv" },
			"absent: list the files of the container nobody: ContainerNotFound"},
		{func(s *config.Source) { s.From = "az://account/files/in/x.csv" },
			"absent: no file fits az://account/files/in/x.csv"},
		{func(s *config.Source) { s.Endpoint = "http://127.0.0.1:1" }, "unreachable: list the files of the container files"},
	} {
		s := whole
		test.change(&s)
		if got, _ := d.took(t, s, nil); !strings.HasPrefix(got, test.want) || strings.Contains(got, "hush") ||
			strings.Contains(got, "aHVz") {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
