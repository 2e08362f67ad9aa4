package sandbox

import "testing"

func TestDatabaseURI(t *testing.T) {
	for path, want := range map[string]string{
		"/home/a b/s.db": "file:///home/a%20b/s.db", "C:/Users/ana/.muster/s.db": "file:///C:/Users/ana/.muster/s.db",
	} {
		if got := databaseURI(path, nil); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
