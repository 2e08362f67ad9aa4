package web

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestEditsLieOverTheRowsTheyWereMadeOn: read another way, or changed on disk, the file has other rows at those places,
// and no edit comes over them. Read as it was, it has its edits again.
func TestEditsLieOverTheRowsTheyWereMadeOn(t *testing.T) {
	const text = "Name,City\nAda,Bath\nBob,Leeds\nEve,Hull\n"
	for name, change := range map[string]func(c *bench) error{
		"another first row": func(c *bench) error {
			c.s.setReading("no-header", "yes")
			return c.s.reread(true)
		},
		"another file": func(c *bench) error {
			return os.WriteFile(c.s.record.File, []byte("Name,City\nZoe,York\n"+text[len("Name,City\n"):]), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := begun(t, "c.csv", text)
			c.edit(0, 1, "Wells")
			if err := change(c); err != nil {
				t.Fatal(err)
			}
			st, err := c.s.rows(t.Context())
			if err == nil {
				err = st.whole(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			if n, _, _ := st.state(); n != 4 {
				t.Errorf("%d rows are laid out", n)
			}
			if path, _ := c.s.fixed(); path != "" || c.s.tables.edits.n != 0 {
				t.Errorf("an edit lies over another row: %d, %s", c.s.tables.edits.n, path)
			}
			if _, page := c.v.get(c.v.base + c.s.url("problems")); !strings.Contains(page, "edits are kept") {
				t.Errorf("nothing is said of the edits that do not count any more")
			}
		})
	}
	t.Run("read as before", func(t *testing.T) {
		c := begun(t, "c.csv", text)
		c.edit(0, 1, "Wells")
		for _, none := range []string{"yes", ""} {
			c.s.setReading("no-header", none)
			if err := c.s.reread(true); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.s.rows(t.Context()); err != nil {
			t.Fatal(err)
		}
		if city, there := c.s.tables.edits.at(0, 1); !there || city != "Wells" {
			t.Errorf("the edit is lost: %q", city)
		}
	})
}

// TestAChangedFileIsNotImportedUnseen: what a person pressed was about the file that the page showed.
func TestAChangedFileIsNotImportedUnseen(t *testing.T) {
	c := begun(t, "c.csv", "Name,City\nAda,Bath\n")
	c.edit(0, 1, "Wells")
	if err := os.WriteFile(c.s.record.File, []byte("Name,City\nZoe,York\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(c.s.record.File, later, later); err != nil {
		t.Fatal(err)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	err := c.v.order(t.Context(), c.s, &order{kind: "import", org: "sandbox"})
	if err == nil || !strings.Contains(err.Error(), "the file has changed") {
		t.Errorf("it is imported: %v", err)
	}
}
