package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xeipuuv/gojsonschema"
)

// ahead is how many rows may wait between two stages.
const ahead = 1024

// judge is the pipeline that one would write first: a reader, a mapper and a judge for each processor, rows on channels
// between them, gojsonschema for every row.
func judge(name, schemaName string) (f found, err error) {
	document, err := os.ReadFile(schemaName)
	if err != nil {
		return f, err
	}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(document))
	if err != nil {
		return f, err
	}
	in, err := os.Open(name)
	if err != nil {
		return f, err
	}
	defer in.Close()
	rows, records, verdicts := make(chan []string, ahead), make(chan map[string]any, ahead), make(chan bool, ahead)
	var readError error
	go func() {
		defer close(rows)
		readError = read(in, rows)
	}()
	each(func() {
		for cells := range rows {
			records <- record(cells)
		}
	}, func() { close(records) })
	each(func() {
		for r := range records {
			if r == nil {
				verdicts <- false
				continue
			}
			result, err := schema.Validate(gojsonschema.NewRawLoader(r))
			verdicts <- err == nil && result.Valid()
		}
	}, func() { close(verdicts) })
	for valid := range verdicts {
		f.Rows++
		if !valid {
			f.Invalid++
		}
	}
	return f, readError
}

// each starts work once for each processor, and last when all have ended.
func each(work, last func()) {
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(work)
	}
	go func() {
		group.Wait()
		last()
	}()
}

// read sends the rows after the header; nil for one that is not fit.
func read(in io.Reader, rows chan<- []string) error {
	records := csv.NewReader(bufio.NewReaderSize(in, 1<<20))
	if _, err := records.Read(); err != nil {
		return err
	}
	for {
		cells, err := records.Read()
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, new(*csv.ParseError)):
			rows <- nil
		case err != nil:
			return err
		default:
			rows <- cells
		}
	}
}

// record maps a row of samples/generate as samples/customers.mapping.yaml does; what cannot be converted stays text,
// which the schema refuses. nil in, nil out.
func record(c []string) map[string]any {
	if c == nil {
		return nil
	}
	r, custom, home := map[string]any{}, map[string]any{"sourceStr": "old CRM"}, map[string]any{"type": "home"}
	put(r, "externalId", c[0])
	put(r, "name", c[1])
	if c[2] != "" {
		r["emails"] = list(c[2], ";", func(one string) any { return map[string]any{"email": one} })
	}
	var phones []any
	for i, kind := range []string{"home", "mobile"} {
		if c[3+i] != "" {
			phones = append(phones, map[string]any{"phone": c[3+i], "type": kind})
		}
	}
	if phones != nil {
		r["phones"] = phones
	}
	put(home, "cityName", c[5])
	put(home, "countryCode", c[6])
	r["locations"] = []any{home}
	put(r, "defaultLang", c[7])
	put(r, "timeZone", c[8])
	put(r, "birthdayAt", date(c[9], "2006-01-02"))
	put(r, "signedUpAt", date(c[10], "2006-01-02 15:04"))
	if c[11] != "" {
		r["tags"] = list(c[11], ",", func(one string) any { return one })
	}
	putNumber(custom, "avgSatScoreNum", c[12])
	put(custom, "loyaltyTierStr", c[13])
	putBool(custom, "vipBool", c[14])
	putNumber(custom, "ordersNum", c[15])
	put(custom, "lastOrderAt", date(c[16], "02.01.2006"))
	put(custom, "profileUrl", c[17])
	put(custom, "notesTxt", c[18])
	if c[19] != "" {
		r["socials"] = []any{map[string]any{"type": "twitter", "username": c[19]}}
	}
	r["custom"] = custom
	return r
}

func put(object map[string]any, name, text string) {
	if text != "" {
		object[name] = text
	}
}

func list(text, separator string, item func(string) any) (items []any) {
	for one := range strings.SplitSeq(text, separator) {
		items = append(items, item(strings.TrimSpace(one)))
	}
	return items
}

func date(text, layout string) string {
	if at, err := time.Parse(layout, text); err == nil {
		return at.Format(time.RFC3339)
	}
	return text
}

func putNumber(object map[string]any, name, text string) {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		object[name] = json.Number(text)
		return
	}
	put(object, name, text)
}

func putBool(object map[string]any, name, text string) {
	small := strings.ToLower(text)
	yes := slices.Contains([]string{"yes", "true", "1", "y", "on"}, small)
	if yes || slices.Contains([]string{"no", "false", "0", "n", "off"}, small) {
		object[name] = yes
		return
	}
	put(object, name, text)
}
