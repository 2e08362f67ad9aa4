package attach

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLook(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "in")
	for name, content := range map[string]string{"in/a.txt": "hello", "in/sub/b.txt": "hello", "secret.txt": "secret",
		"in/large.txt": strings.Repeat("x", 101)} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(inside, "link.txt")); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(inside, "z.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	for name, n := range map[string]int{"x/c.pdf": 5, "large.pdf": 101, "run.exe": 1} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, strings.Repeat("c", n))
	}
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	s := &Source{Folder: inside, Most: 100}
	for ref, want := range map[string]string{
		"a.txt": "", "sub/b.txt": "", filepath.Join(inside, "a.txt"): "", "z.zip/x/c.pdf": "",
		"https://example.com/a.png":      "",
		"../secret.txt":                  "in the folder",
		"sub/../../secret.txt":           "in the folder",
		"link.txt":                       "in the folder",
		filepath.Join(dir, "secret.txt"): "in the folder",
		"none.txt":                       "is there",
		"z.zip/none.pdf":                 "is there",
		"z.zip/../../secret.txt":         "in the folder",
		"sub":                            "in the folder",
		"large.txt":                      "at most 100 bytes",
		"z.zip/large.pdf":                "at most 100 bytes",
		"z.zip/run.exe":                  "takes: not .exe",
		"https://example.com/a.EXE":      "takes: not .exe",
		"ftp://example.com/a.png":        "https://",
		"https://ann:secret@example.com/secret.png": "https://",
	} {
		said := ""
		if wrong := s.Look(ref); wrong != nil {
			said = wrong.Says
		}
		if (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("%s: %q, want %q", ref, said, want)
		}
		if strings.Contains(said, "secret") {
			t.Errorf("%s: what is said names it: %s", ref, said)
		}
	}
	item, err := s.Open(t.Context(), "z.zip/x/c.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer item.Close()
	content, err := io.ReadAll(item)
	if err != nil || string(content) != "ccccc" || item.Name != "c.pdf" || item.Type != "application/pdf" || item.Size != 5 {
		t.Errorf("%q %+v %v", content, item, err)
	}
}

// TestPrivateAddresses: no address of a private network is asked, neither by its number, nor by a name, nor where
// another leads there.
func TestPrivateAddresses(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		io.WriteString(w, "hello")
	}))
	defer server.Close()
	s := &Source{Folder: t.TempDir(), Most: 100}
	name := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for _, ref := range []string{server.URL + "/a.txt", name + "/a.txt"} {
		if _, err := s.Open(context.Background(), ref); err == nil || !strings.Contains(err.Error(), "--attachment-urls any") {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if asked > 0 {
		t.Errorf("%d requests", asked)
	}
	s.Private = true
	item, err := s.Open(t.Context(), server.URL+"/a.txt?sig=1")
	if err != nil {
		t.Fatal(err)
	}
	content, _ := io.ReadAll(item)
	if item.Close(); string(content) != "hello" || item.Name != "a.txt" || item.Size != 5 {
		t.Errorf("%q %+v", content, item)
	}
	if _, err := s.Open(t.Context(), server.URL+"/gone"); err == nil || !strings.Contains(err.Error(), "status 404") {
		t.Errorf("%v", err)
	}
	s.Most = 4
	if _, err := s.Open(t.Context(), server.URL+"/a.txt"); err == nil || !strings.Contains(err.Error(), "4 bytes") {
		t.Errorf("%v", err)
	}
	for address, want := range map[string]bool{"93.184.216.34": true, "10.0.0.1": false, "127.0.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "::1": false, "fd00::1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::a00:1": false, "2606:2800:220:1::1": true, "0.0.0.0": false, "224.0.0.1": false} {
		if public(netip.MustParseAddr(address)) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}

func TestDamagedArchive(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "c.pdf", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "as it was")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := &Source{Folder: t.TempDir()}
	for content, want := range map[string]bool{"as it was": true, "as it WAS": false} {
		name := filepath.Join(s.Folder, "z.zip")
		if err := os.WriteFile(name, bytes.Replace(b.Bytes(), []byte("as it was"), []byte(content), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		item, err := s.Open(context.Background(), "z.zip/c.pdf")
		if (err == nil) != want {
			t.Errorf("%s: %v", content, err)
		}
		if err != nil {
			continue
		}
		if got, err := io.ReadAll(item); string(got) != content || err != nil {
			t.Errorf("%q, %v; want %q", got, err, content)
		}
		item.Close()
	}
}
