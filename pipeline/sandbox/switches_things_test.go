package sandbox

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// message is the body of a message of a conversation.
func message(conversation, more string) string {
	return `{"conversation":"` + conversation + `","channel":"email","app":"x","direction":"in","preview":"hi"` + more +
		`}`
}

// conversed makes a conversation of a new customer and gives its id.
func (o *org) conversed(members string) string {
	return o.want(201, "POST", "/v1/conversations", o.talk(members)).at("data.id")
}

// attachment makes one, uploads it if so wished, and gives its id.
func (o *org) attachment(upload bool) string {
	o.t.Helper()
	made := o.want(201, "POST", "/v1/attachments", `{"name":"a.txt","contentType":"text/plain","contentLength":3}`)
	if upload {
		if status := o.upload(made, "abc"); status != http.StatusNoContent {
			o.t.Fatalf("uploaded with status %d", status)
		}
	}
	return made.at("data.id")
}

// upload does the second step of an attachment.
func (o *org) upload(made reply, content string) int {
	o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, name := range []string{"key", "acl", "Content-Type"} {
		_ = form.WriteField(name, made.at("meta.upload.fields."+name))
	}
	file, _ := form.CreateFormFile("file", "a.txt")
	_, _ = file.Write([]byte(content))
	_ = form.Close()
	q, err := http.NewRequest("POST", made.at("meta.upload.url"), &body)
	if err != nil {
		o.t.Fatal(err)
	}
	q.Header.Set("Content-Type", form.FormDataContentType())
	answered, err := o.client.Do(q)
	if err != nil {
		o.t.Fatal(err)
	}
	answered.Body.Close()
	return answered.StatusCode
}

func thingSwitchCases() map[string]switchCase {
	twice := func(o *org) string {
		c := o.conversed("")
		return o.status("POST", "/v1/messages", message(c, `,"externalId":"1"`)) + " " +
			o.status("POST", "/v1/messages", message(c, `,"externalId":"1"`))
	}
	authored := func(o *org) string {
		return o.status("POST", "/v1/messages", message(o.conversed(""), `,"createdBy":"`+strings.Repeat("ab", 12)+`"`))
	}
	attached := func(upload bool) func(*org) string {
		return func(o *org) string {
			c, id := o.conversed(""), o.attachment(upload)
			return o.status("POST", "/v1/messages", message(c, `,"attachments":["`+id+`"]`)) + " " +
				o.status("POST", "/v1/messages", message(c, `,"attachments":["`+id+`"]`))
		}
	}
	return map[string]switchCase{
		"InboundReopens": {on: Switches{InboundReopens: "ifNotImported"}, usual: "open open", other: "done open",
			try: func(o *org) string {
				c := o.conversed(`,"status":"done"`)
				said := ""
				for _, more := range []string{`,"importedAt":"2026-01-01T00:00:00Z"`, ""} {
					o.want(201, "POST", "/v1/messages", message(c, more))
					said += " " + o.want(200, "GET", "/v1/conversations/"+c, "").at("data.attributes.status")
				}
				return strings.TrimSpace(said)
			}},
		"ExternalIDUnique": {on: Switches{ExternalIDUnique: true}, usual: "201 201", other: "201 409", try: twice},
		"MessageAuthors":   {on: Switches{MessageAuthors: "any"}, usual: "400", other: "201", admin: true, try: authored},
		"MessageLookup": {on: Switches{MessageLookup: "lower"}, usual: "200 404", other: "404 200", try: func(o *org) string {
			o.want(201, "POST", "/v1/messages", message(o.conversed(""), `,"externalId":"1"`))
			return o.status("GET", "/v1/messages/externalId=1", "") + " " + o.status("GET", "/v1/messages/externalid=1", "")
		}},
		"NoteImportExempt": {on: Switches{NoteImportExempt: true}, usual: "429", other: "201", try: func(o *org) string {
			c, last := o.conversed(`,"importedAt":"2026-01-01T00:00:00Z"`), ""
			for range newPerMinute + 1 {
				last = o.status("POST", "/v1/conversations/"+c+"/notes", `{"body":"x","importedAt":"2026-01-01T00:00:00Z"}`)
			}
			return last
		}},
		"AttachmentBytes": {on: Switches{AttachmentBytes: 2}, usual: "201", other: "400", try: func(o *org) string {
			return o.status("POST", "/v1/attachments", `{"name":"a.txt","contentType":"text/plain","contentLength":3}`)
		}},
		"AttachmentExtensionsOpen": {on: Switches{AttachmentExtensionsOpen: true}, usual: "400", other: "201",
			try: func(o *org) string {
				return o.status("POST", "/v1/attachments", `{"name":"a.EXE","contentType":"x/y","contentLength":3}`)
			}},
		"AttachmentRefs":  {on: Switches{AttachmentRefs: "accept"}, usual: "400 400", other: "201 400", try: attached(false)},
		"AttachmentReuse": {on: Switches{AttachmentReuse: true}, usual: "201 400", other: "201 201", try: attached(true)},
		"CountersLag": {on: Switches{CountersLag: time.Minute}, usual: "1", other: "0", try: func(o *org) string {
			c := o.conversed("")
			o.want(201, "POST", "/v1/messages", message(c, ""))
			return o.want(200, "GET", "/v1/conversations/"+c, "").at("data.attributes.inboundMessageCount")
		}},
		"ConversationDeleteLeaves": {on: Switches{ConversationDeleteLeaves: true}, usual: "404", other: "200",
			try: func(o *org) string {
				c := o.conversed("")
				m := o.want(201, "POST", "/v1/messages", message(c, "")).at("data.id")
				o.want(204, "DELETE", "/v1/conversations/"+c, "")
				return o.status("GET", "/v1/messages/"+m, "")
			}},
		"KObjectClientRef": {on: Switches{KObjectClientRef: true}, usual: "400", other: "201", try: func(o *org) string {
			return o.status("POST", "/v1/klasses/order/bulk", `[{"title":"x","_clientRef":"1"}]`)
		}},
		"KlassPages": {on: Switches{KlassPages: true}, usual: "2", other: "1", try: func(o *org) string {
			o.want(201, "POST", "/v1/klasses/order", `{"title":"x"}`)
			o.want(201, "POST", "/v1/klasses/order", `{"title":"y"}`)
			return fmt.Sprint(strings.Count(string(o.want(200, "GET", "/v1/klasses/order?pageSize=1", "").body), `"title"`))
		}},
		"ConversationNeeded": {on: Switches{ConversationNeeded: true}, usual: "201", other: "400", try: func(o *org) string {
			return o.status("POST", "/v1/customers/"+o.value(`{}`)+"/messages", `{"channel":"email","app":"x","preview":"hi"}`)
		}},
		"CustomerMismatch": {on: Switches{CustomerMismatch: "conversation"}, usual: "400", other: "201",
			try: func(o *org) string {
				return o.status("POST", "/v1/messages", message(o.conversed(""), `,"customer":"`+o.value(`{}`)+`"`))
			}},
	}
}

// What the org says of messages, notes and KObjects that no switch changes.
func TestThings(t *testing.T) {
	o := start(t, Config{})
	c := o.conversed(`,"externalId":"T-1","status":"done"`)
	m := o.want(201, "POST", "/v1/messages", message(c,
		`,"externalId":"M-1","createdAt":"2015-01-01T00:00:00Z","sentAt":"2015-01-01T00:00:00Z"`))
	m.expect(t, "data.type", "message", "data.relationships.customer.data.type", "customers", "data.attributes.sentAt",
		"2015-01-01T00:00:00.000Z")
	if strings.HasPrefix(m.at("data.attributes.createdAt"), "2015") {
		t.Error("a key without org.admin has backdated a message")
	}
	o.want(400, "POST", "/v1/messages", message(c, `,"preview":"`+strings.Repeat("x", 10241)+`"`))
	o.want(400, "POST", "/v1/messages", message(c, `,"colour":"red"`)).expect(t, "errors.0.source.parameter", "colour")
	n := o.want(201, "POST", "/v1/conversations/"+c+"/notes", `{"body":"psst","externalId":"N-1"}`)
	o.want(200, "GET", "/v1/conversations/externalId=T-1", "").expect(t, "data.attributes.messageCount", "1",
		"data.attributes.noteCount", "1")
	o.want(400, "PUT", "/v1/notes/"+n.at("data.id"), `{"body":"x"}`).expect(t, "errors.0.source.parameter", "conversation")
	o.want(204, "DELETE", "/v1/notes/"+n.at("data.id"), "")
	k := o.want(201, "POST", "/v1/klasses/order", `{"title":"#1","externalId":"O/1","custom":{"totalNum":5},"data":{"lines":[{"sku":"a"}]},"tags":["vip"]}`)
	k.expect(t, "data.type", "kobject.order", "data.attributes.rev", "1", "data.attributes.data.lines.0.sku", "a")
	if tag := k.at("data.attributes.tags.0"); len(tag) != 24 {
		t.Errorf("a tag reads back as %q", tag)
	}
	o.want(200, "GET", "/v1/klasses/order/externalId=O%2F1", "").expect(t, "data.id", k.at("data.id"))
	o.want(400, "PUT", "/v1/klasses/order/"+k.at("data.id"), `{"customer":"`+strings.Repeat("ab", 12)+`"}`)
	o.want(404, "POST", "/v1/klasses/parcel", `{"title":"x"}`)
	o.want(200, "POST", "/v1/klasses", `{"name":"parcel"}`)
	o.want(201, "POST", "/v1/klasses/parcel", `{"title":"x"}`)
	o.finish(o.want(201, "DELETE", "/v1/klasses/order/bulk?ids="+k.at("data.id"), "").at("data.id"))
	o.want(404, "GET", "/v1/klasses/order/"+k.at("data.id"), "")
	o.want(200, "GET", "/v1/users?email=MARA@acme.example", "").expect(t, "data.0.attributes.name", "Mara Lindqvist")
	o.want(400, "GET", "/v1/users?email=a@b.example&deleted=true", "")
	if mails, err := o.Outbox(t.Context()); err != nil || len(mails) != 0 {
		t.Errorf("invitations were sent: %v %v", mails, err)
	}
}

// Bulk jobs of every kind tell what became of each item.
func TestThingJobs(t *testing.T) {
	o := start(t, Config{Switches: Switches{KObjectClientRef: true}})
	customer := o.value(`{}`)
	c := o.conversed("")
	for path, items := range map[string]string{
		"/v1/companies/bulk": `[{"name":"Acme","_clientRef":"a"},{"name":"Acme","externalId":"1","_clientRef":"b"}]`,
		"/v1/conversations/bulk": `[{"customer":"` + customer + `","_clientRef":"a"},{"customer":"` + customer +
			`","status":"done","_clientRef":"b"}]`,
		"/v1/messages/bulk": `[` + message(c, `,"_clientRef":"a"`) + `,` + message(c, `,"_clientRef":"b"`) + `]`,
		"/v1/notes/bulk": `[{"conversation":"` + c + `","body":"x","_clientRef":"a"},{"conversation":"` + c +
			`","body":"y","_clientRef":"b"}]`,
		"/v1/klasses/order/bulk": `[{"title":"x","_clientRef":"a"},{"title":"y","_clientRef":"b"}]`,
	} {
		done := o.finish(o.want(201, "POST", path, items).at("data.id"))
		done.expect(t, "data.0.attributes.successCount", "2", "data.0.attributes.results.0.status", "created")
		id := done.at("data.0.attributes.results.0.objectId")
		body := `[{"id":"` + id + `","externalId":"X","_clientRef":"a"}]`
		o.finish(o.want(201, "PUT", path, body).at("data.id")).expect(t, "data.0.attributes.results.0.status", "updated")
		o.want(200, "GET", strings.TrimSuffix(path, "bulk")+id, "").expect(t, "data.attributes.externalId", "X",
			"data.attributes.rev", "2")
	}
}

// Companies stand in a tree of at most twenty levels, without circles.
func TestEdges(t *testing.T) {
	o := start(t, Config{})
	ids := []string{}
	for range 21 {
		ids = append(ids, o.want(201, "POST", "/v1/companies", `{"name":"Acme"}`).at("data.id"))
	}
	edge := func(parent, child string) string {
		return o.status("POST", "/v1/kedge", `{"sourceId":"`+parent+`","targetId":"`+child+`"}`)
	}
	for i := range 19 {
		if got := edge(ids[i], ids[i+1]); got != "201" {
			t.Fatalf("edge %d: %s", i, got)
		}
	}
	for name, got := range map[string]string{"too deep": edge(ids[19], ids[20]), "a circle": edge(ids[5], ids[0]),
		"itself": edge(ids[20], ids[20]), "nobody": edge(customerless, ids[20])} {
		if got != "400" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := edge(ids[0], ids[19]); got != "201" {
		t.Errorf("a second parent takes the first's place: %s", got)
	}
}

const customerless = "0123456789abcdef01234567"

// Who is forgotten leaves nothing behind: neither what is of them nor what mentions them.
func TestForgetTakesThings(t *testing.T) {
	path := t.TempDir() + "/sandbox.db"
	o := start(t, Config{Path: path})
	c := o.want(201, "POST", "/v1/customers", `{"externalId":"C-1","emails":[{"email":"ann@x.example"}]}`).at("data.id")
	talk := o.want(201, "POST", "/v1/conversations", `{"customer":"`+c+`"}`).at("data.id")
	other := o.conversed("")
	o.want(201, "POST", "/v1/messages", message(talk, ""))
	o.want(201, "POST", "/v1/messages", message(other, `,"meta":{"from":"ann@x.example"}`))
	o.want(201, "POST", "/v1/messages", message(other, ""))
	o.want(201, "POST", "/v1/klasses/order", `{"title":"x","customer":"`+c+`"}`)
	o.stop()
	if n, err := Forget(path, []string{"ann@x.example"}); err != nil || n != 1 {
		t.Fatalf("%d forgotten: %v", n, err)
	}
	o = start(t, Config{Path: path})
	for kind, want := range map[string]int{"message": 1, "kobject.order": 0} {
		if all, err := o.Things(t.Context(), kind); err != nil || len(all) != want {
			t.Errorf("%d %ss are left: %v", len(all), kind, err)
		}
	}
}
