package source

import (
	"strings"
	"testing"
)

// Records stand in a list of an object as programs answer and export: the list is read, or the file is refused by name.
func TestWrappedRecords(t *testing.T) {
	two := `[{"id":"1","email":"a@example.org"},{"id":"2","email":"b@example.org"}]`
	long := `{"type":"list","data":[{"id":"1","email":"a@example.org"}` +
		strings.Repeat(`,{"id":"2","email":"b@example.org"}`, 20_000) + `],"total_count":20001}`
	for name, c := range map[string]struct {
		text string
		rows int    // 0: refused
		says string // in the description, or in the error
		line int64  // of the first row
	}{
		"a list and its count": {`{"type":"list","data":` + two + `,"total_count":2,"pages":{"next":null}}` + "\n",
			2, `the list "data" of an object`, 1},
		"in lines": {"{\n  \"count\": 2,\n  \"results\":\n  " + two +
			",\n  \"included\": [{\"kind\": \"x\"}]\n}\n", 2, `"results"`, 4},
		"two objects deep": {`{"response":{"customers":` + two + `}}`, 2, `"response.customers"`, 1},
		"what they say in an object": {`{"data":[{"type":"user","attributes":{"email":"a@example.org"}}]}`, 1, `"data"`,
			1},
		"longer than what is looked at": {long, 20001, `"data"`, 1},
		"several lists": {`{"users":` + two + `,"contacts":` + two + `}`, 0,
			`several lists of records in one object: "users", "contacts"`, 0},
		"several answers":            {`{"data":` + two + "}\n" + `{"data":` + two + "}\n", 0, `jq -c '.data[]'`, 0},
		"a record with a list":       {`{"name":"Ada","emails":[{"email":"a@example.org"}]}`, 1, "NDJSON", 1},
		"a record with orders":       {`{"email":"a@example.org","orders":[{"id":"7"}]}`, 1, "NDJSON", 1},
		"what an SDK is told":        {`{"attributes":{"emails":["a@example.org"],"socials":[{"username":"a","type":"facebook"}]}}`, 1, "NDJSON", 1},
		"an object with other lists": {`{"plan":"gold","steps":[{"n":1}]}`, 1, "NDJSON", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := openText(t, "a.json", c.text, Options{})
			if c.rows == 0 {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("%v, want %s", err, c.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if !strings.Contains(r.Describe(), c.says) {
				t.Error(r.Describe())
			}
			var chunk Chunk
			var b Block
			rows, line := 0, int64(0)
			for r.Cut(&chunk) == nil {
				r.Parse(&chunk, &b)
				if rows == 0 && len(b.Rows) > 0 {
					line = b.Rows[0].Line
				}
				rows += len(b.Rows)
			}
			if rows != c.rows || line != c.line {
				t.Errorf("%d rows from line %d, want %d from line %d", rows, line, c.rows, c.line)
			}
		})
	}
}
