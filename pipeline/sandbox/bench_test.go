package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// benchBody is a bulk request of 100 customers like those of the samples, about 75 kB.
func benchBody(first int) string {
	var b strings.Builder
	for i := first; i < first+100; i++ {
		sep := ","
		if i == first {
			sep = "["
		}
		hash := uint32(i) * 2654435761 // spreads the values over the table, as real ones are
		fmt.Fprintf(&b, `%s{"_clientRef":"%d","externalId":"C-%08d","name":"Åsa Lindqvist %d","emails":[{"email":"asa.%08x@example.com","type":"work"}],`+
			`"phones":[{"phone":"+46%010d","type":"home"},{"phone":"+47%010d","type":"mobile"}],"locations":[{"type":"home","cityName":"Göteborg","countryCode":"SE"}],`+
			`"locale":"sv_SE","timeZone":"Europe/Stockholm","birthdayAt":"1980-05-17T00:00:00.000Z","signedUpAt":"2019-03-01T09:30:00.000Z","tags":["newsletter","vip"],`+
			`"custom":{"avgSatScoreNum":4.5,"loyaltyTierStr":"gold","vipBool":true,"ordersNum":17,"lastOrderAt":"2024-11-02T16:20:00.000Z","profileUrl":"https://crm.example.com/c/%d","notesTxt":"Prefers e-mail.\nCalls on Mondays."},`+
			`"socials":[{"type":"twitter","username":"asa_%08x"}]}`, sep, i, i, i, hash, hash, hash, i, hash)
	}
	return b.String() + "]"
}

// BenchmarkImport is a whole import without an importer: bodies posted by eight clients at once, and each job read to
// its end. One operation is one customer.
func BenchmarkImport(b *testing.B) {
	s, err := Start(Config{Path: b.TempDir() + "/sandbox.db", RatePerMinute: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	call := func(method, path, body string) string {
		q, _ := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
		q.Header.Set("Authorization", "Bearer "+s.Key())
		r, err := client.Do(q)
		if err != nil {
			b.Error(err)
			return ""
		}
		defer r.Body.Close()
		text, _ := io.ReadAll(r.Body)
		return string(text)
	}
	work := make(chan int)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for first := range work {
				answer := call("POST", "/v1/customers/bulk", benchBody(first))
				id := answer[len(`{"data":{"type":"bulk","id":"`):][:24]
				for !strings.Contains(call("GET", "/v1/bulk/"+id, ""), `"status":"complete"`) {
					time.Sleep(10 * time.Millisecond)
				}
				if batches := call("GET", "/v1/bulk/"+id+"/batches", ""); !strings.Contains(batches, `"failureCount":0`) {
					b.Errorf("%.500s", batches)
				}
			}
		})
	}
	b.SetBytes(int64(len(benchBody(0)) / 100))
	b.ResetTimer()
	for first := 0; first < b.N; first += 100 {
		work <- first
	}
	close(work)
	clients.Wait()
}
