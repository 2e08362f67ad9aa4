package ledger

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// Image is a customer as it was read before an update of it, and what that
// update says. It holds a customer's data, which nothing else in a ledger does.
type Image struct {
	Index      int // of the item in the batch; it is among the request's Items
	CustomerID string
	Rev        int64  // of what was read; 0 unknown
	Before     []byte // its writable attributes, a JSON object
	Update     []byte // the payload of the update, a JSON object
}

// Kept is an Image as Images tells it.
type Kept struct {
	Image
	Seq     int64 // the batch
	N       int   // the request in the batch
	Ordinal int64 // the row
	State   string
	Settled *Settled // the end of the row; nil: the batch is open
}

// Images goes through what this run kept of the customers it was about to
// update, by batch, request and item, one request in memory at a time:
//
//	for image, err := range run.Images { … }
//
// A row that was sent twice has an image of each; the first is as the customer
// was before this run. An image says that the update may have been applied: the
// evidence is in Settled. An error ends it. The bytes are the receiver's.
func (r *Run) Images(yield func(Kept, error) bool) {
	rows, err := r.ledger.reader.Query(`
		SELECT b.seq, b.items, b.ends, q.n, q.items, q.state, i.packed
		FROM batches b JOIN images i ON i.batch = b.id JOIN requests q ON q.batch = i.batch AND q.n = i.n
		WHERE b.run = ? ORDER BY b.seq, i.n`, r.row)
	if err != nil {
		yield(Kept{}, r.ledger.explain("read images", err))
		return
	}
	defer rows.Close()
	for rows.Next() {
		some, err := scanImages(rows)
		if err != nil {
			yield(Kept{}, r.ledger.explain("read images", err))
			return
		}
		for _, one := range some {
			if !yield(one, nil) {
				return
			}
		}
	}
	if err := rows.Err(); err != nil {
		yield(Kept{}, r.ledger.explain("read images", err))
	}
}

// scanImages reads the images of one request.
func scanImages(row *sql.Rows) ([]Kept, error) {
	var k Kept
	var packedItems, packedEnds, picks, packed []byte
	if err := row.Scan(&k.Seq, &packedItems, &packedEnds, &k.N, &picks, &k.State, &packed); err != nil {
		return nil, err
	}
	items, ends, err := unpackBatch(packedItems, packedEnds)
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", k.Seq, err)
	}
	images, err := unpackImages(packed)
	if err != nil {
		return nil, fmt.Errorf("batch %d, request %d: %w", k.Seq, k.N, err)
	}
	all := make([]Kept, len(images))
	for i, image := range images {
		if image.Index >= len(items) {
			return nil, fmt.Errorf("batch %d, request %d: %w", k.Seq, k.N, errPacked)
		}
		k.Image, k.Ordinal, k.Settled = image, items[image.Index].Ordinal, nil
		if ends != nil {
			k.Settled = &ends[image.Index]
		}
		all[i] = k
	}
	return all, nil
}

// Images is Run.Images of the run of this ID. ErrNoRun: there is none.
func (v *View) Images(run string) func(yield func(Kept, error) bool) {
	return func(yield func(Kept, error) bool) {
		r, err := v.ledger.Find(run)
		if err != nil {
			yield(Kept{}, err)
			return
		}
		var there bool // an older muster's ledger has none, and a view does not bring it up to date
		err = v.ledger.reader.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'images'").Scan(&there)
		if err != nil {
			yield(Kept{}, v.ledger.explain("read images", err))
		} else if there {
			r.Images(yield)
		}
	}
}

// DropImages forgets what all runs but one kept of customers, durably. "" names none.
func (l *Ledger) DropImages(exceptRun string) error {
	return l.write("drop images", func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM images WHERE batch NOT IN (
			SELECT b.id FROM batches b JOIN runs r ON r.id = b.run WHERE r.name = ?)`, exceptRun)
		return err
	})
}

// keep adds the images of request n of a batch within its intent's transaction.
func (l *Ledger) keep(tx *sql.Tx, batch int64, n int, q *Request) error {
	if len(q.Images) == 0 {
		return nil
	}
	for i := range q.Images {
		if image := &q.Images[i]; image.CustomerID == "" || !slices.Contains(q.Items, image.Index) {
			return fmt.Errorf("an image of item %d: %w", image.Index, ErrState)
		}
	}
	packed, err := packImages(q.Images)
	if err == nil {
		_, err = tx.Stmt(l.stmt.image).Exec(batch, n, packed)
	}
	return err
}

// The packed form of images: a form byte, then, deflated, per image the index
// and the revision as varints and three texts: id, before, update.
func packImages(images []Image) ([]byte, error) {
	var packed bytes.Buffer
	packed.WriteByte(packForm)
	out, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	var plain []byte
	for i := range images {
		image := &images[i]
		plain = binary.AppendUvarint(plain[:0], uint64(image.Index))
		plain = binary.AppendVarint(plain, image.Rev)
		plain = appendText(plain, image.CustomerID)
		plain = appendText(plain, string(image.Before))
		plain = appendText(plain, string(image.Update))
		if _, err := out.Write(plain); err != nil {
			return nil, err
		}
	}
	err = out.Close()
	return packed.Bytes(), err
}

func unpackImages(packed []byte) ([]Image, error) {
	if len(packed) == 0 || packed[0] != packForm {
		return nil, errPacked
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed[1:])))
	if err != nil {
		return nil, errPacked
	}
	in := reader{rest: plain}
	var images []Image
	for len(in.rest) > 0 && !in.broken {
		image := Image{Index: int(min(in.uvarint(), MaxItems)), Rev: in.varint(), CustomerID: in.text()}
		image.Before, image.Update = []byte(in.text()), []byte(in.text())
		images = append(images, image)
	}
	if in.broken {
		return nil, errPacked
	}
	return images, nil
}
