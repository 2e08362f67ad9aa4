// Command rowwise holds the peers of samples/compare that are written in Go:
//
//	rowwise gojsonschema FILE.csv SCHEMA   every row a map, judged by gojsonschema, in stages over channels
//	rowwise excelize FILE.xlsx             the rows of the first sheet through excelize's iterator
//	rowwise inflate FILE.xlsx              the first sheet's bytes, inflated and dropped
//	rowwise workbook FILE.csv FILE.xlsx    no peer: writes the workbook that the others read
//
// Each prints rows and invalid rows as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rowwise:", err)
		os.Exit(1)
	}
}

// found is what a peer prints.
type found struct {
	Rows    int64 `json:"rows"`
	Invalid int64 `json:"invalid"`
}

func run(args []string, out io.Writer) error {
	if len(args) < 2 {
		return fmt.Errorf("gojsonschema FILE SCHEMA, excelize FILE, inflate FILE or workbook FILE FILE")
	}
	var f found
	var err error
	switch name := args[0]; {
	case name == "gojsonschema" && len(args) == 3:
		f, err = judge(args[1], args[2])
	case name == "excelize" && len(args) == 2:
		f, err = iterate(args[1])
	case name == "inflate" && len(args) == 2:
		f, err = inflate(args[1])
	case name == "workbook" && len(args) == 3:
		f, err = writeWorkbook(args[1], args[2])
	default:
		err = fmt.Errorf("no peer %q with %d arguments", name, len(args)-1)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(f)
}
