package deliver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"muster/pipeline/attach"
	"muster/pipeline/block"
	"muster/pipeline/kustomer"
	"muster/pipeline/object"
)

// attachAll brings the attachments of new records into the org, before the records that name them. One whose attachment
// cannot be had is rejected, and nothing of it is sent. The others are returned.
func (p *inFlight) attachAll(ctx context.Context, k *object.Kind, idx []int) (left []int) {
	for _, i := range idx {
		var body struct{ Attachments []string }
		e := &p.states[i]
		if k.Field(object.Attachments) == nil || e.attached != nil ||
			!bytes.Contains(e.payload, []byte(`"`+object.Attachments+`":`)) || json.Unmarshal(e.payload, &body) != nil {
			left = append(left, i)
			continue
		}
		if p.stopped(ctx) {
			p.unsent([]int{i})
			continue
		}
		list, err := p.attached(kustomer.Detached(ctx), k, p.batch.Records[i], body.Attachments)
		var refused *attach.Refusal
		switch {
		case errors.As(err, &refused):
			p.reject(i, "kustomer.attachment", refused.Says, object.Attachments)
		case kustomer.VerdictOf(err) == kustomer.Refused || kustomer.VerdictOf(err) == kustomer.TooLarge:
			p.reject(i, "kustomer.attachment", "a file that the org takes", object.Attachments)
		case err != nil:
			p.unsent([]int{i})
			p.Halt.Stop(fmt.Errorf("send an attachment: %w", err))
		default:
			e.attached, _ = json.Marshal(list) // texts and numbers
			left = append(left, i)
		}
	}
	return left
}

// attached are the attachments of one record as the org has them. What an earlier process brought in for it is known by
// the ledger: it is not sent again.
func (p *inFlight) attached(ctx context.Context, k *object.Kind, r *block.Record,
	refs []string) (list []kustomer.Attachment, err error) {
	files := r.Table.Attachments()
	if files == nil {
		return nil, &attach.Refusal{Says: "a folder of attachments"}
	}
	for n, ref := range refs {
		mark := p.Kinds.Ledger.Key("attachment", fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s", k.Name, externalIDOf(r), n, ref))
		memo := "attachment " + p.Kinds.OrgID + " " + hex.EncodeToString(mark[:])
		one, err := p.remembered(memo)
		if err != nil {
			return nil, err
		}
		if one == nil {
			if one, err = p.attach(ctx, files, ref); err != nil {
				return nil, err
			}
			known := *one
			known.Name = ""                // it may be a customer's
			text, _ := json.Marshal(known) // texts and a number
			if err := p.Kinds.Ledger.Remember(memo, text); err != nil {
				return nil, err
			}
		}
		one.Name = attach.Name(ref)
		list = append(list, *one)
	}
	return list, nil
}

func (p *inFlight) remembered(memo string) (*kustomer.Attachment, error) {
	text, err := p.Kinds.Ledger.Memo(memo)
	one := &kustomer.Attachment{}
	if err != nil || text == nil || json.Unmarshal(text, one) != nil {
		return nil, err
	}
	return one, nil
}

// attach brings one file into the org. An announcement whose answer is lost leaves one there that no record names, and
// that nobody sees; so it can be made again.
func (p *inFlight) attach(ctx context.Context, files *attach.Source, ref string) (*kustomer.Attachment, error) {
	for tries := 1; ; tries++ {
		one, err := p.bringIn(ctx, files, ref)
		if err == nil || kustomer.VerdictOf(err) != kustomer.InDoubt || tries == MaxTries {
			return one, err
		}
	}
}

func (p *inFlight) bringIn(ctx context.Context, files *attach.Source, ref string) (*kustomer.Attachment, error) {
	item, err := files.Open(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer item.Close()
	one, up, err := p.Client.CreateAttachment(ctx, item.Name, item.Type, item.Size)
	if err != nil {
		return nil, err
	}
	return &one, cmp.Or(p.Client.Upload(ctx, up, one, item), item.Ended())
}

// namesOfFiles are the names of attachments, of what a row says and of what the org has alike.
func namesOfFiles(list json.RawMessage) json.RawMessage {
	var refs []string
	var files []kustomer.Attachment
	if json.Unmarshal(list, &refs) != nil {
		if refs = nil; json.Unmarshal(list, &files) != nil {
			return list
		}
	}
	for i := range refs {
		refs[i] = attach.Name(refs[i])
	}
	for _, f := range files {
		refs = append(refs, f.Name)
	}
	names, _ := json.Marshal(refs) // texts always marshal
	return names
}

// withNamesOfFiles is a record by which it is held against the org's.
func withNamesOfFiles(payload []byte) []byte {
	var body Object
	if !bytes.Contains(payload, []byte(`"`+object.Attachments+`":`)) || json.Unmarshal(payload, &body) != nil {
		return payload
	}
	body[object.Attachments] = namesOfFiles(body[object.Attachments])
	text, _ := json.Marshal(body) // of what was decoded
	return text
}
