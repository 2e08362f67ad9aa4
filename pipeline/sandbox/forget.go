package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"muster/pipeline/trust"
)

// ErrWorking: the org has jobs that are not finished, and what they are about would come back with them.
var ErrWorking = errors.New("the org has jobs that are not finished")

// Forget takes people out of the org that is kept at path: their customers, by whom they are found, what jobs were sent
// and answered about them, conversations with them, and messages, notes and KObjects of theirs or that mention them.
// words are external ids, e-mail addresses, phone numbers or ids. A customer's place stays, so that no other gets the
// id. What was there is written over, and the file is written anew. It returns how many customers it were. Errors:
// ErrInUse, ErrWorking, one that wraps fs.ErrNotExist where no org is kept.
func Forget(path string, words []string) (customers int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	st, err := openStore(path, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	ctx := context.Background()
	var working int
	if err := st.conn.QueryRowContext(ctx, "select count(*) from jobs where state<>2").Scan(&working); err != nil ||
		working > 0 {
		return 0, errors.Join(err, ErrWorking)
	}
	f := &forgetting{st: st}
	for _, word := range words {
		f.words = append(f.words, quotedForms(word)...)
	}
	rows, err := f.find("select row, document from customers where deleted=0", true)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		f.words = append(f.words, []byte(`"`+st.seed.id(customerKind, row)+`"`))
	}
	do := func(query string, args ...any) {
		if err == nil {
			_, err = st.conn.ExecContext(ctx, query, args...)
		}
	}
	each := func(query, find string) {
		var found []int64
		if err == nil {
			found, err = f.find(find, false)
		}
		for _, row := range found {
			do(query, row)
		}
	}
	do("pragma secure_delete=on")
	do("begin immediate")
	for _, row := range rows {
		do("update customers set deleted=1, author='', document='{}' where row=?", row)
		do("delete from identities where customer=?", row)
	}
	each("delete from things where row=?", "select row, document from things")
	for _, row := range rows {
		do("delete from things where customer=?", st.seed.id(customerKind, row))
	}
	each("delete from payloads where job=?", "select job, body from payloads")
	each("update batches set results='[]' where row=?", "select row, results from batches")
	each("update batches set errors='[]' where row=?", "select row, errors from batches")
	talks, err := f.talks(err)
	for _, id := range talks {
		do("delete from conversations where id=?", id)
	}
	if err != nil {
		_, _ = st.conn.ExecContext(ctx, "rollback")
		return 0, fmt.Errorf("forget: %w", err)
	}
	do("commit")
	do("vacuum")
	do("pragma wal_checkpoint(truncate)")
	return len(rows), err
}

// forgetting is a Forget under way.
type forgetting struct {
	st    *store
	words [][]byte // as they stand in JSON, in small letters
}

// find is the rows whose text mentions somebody; byID: or whose own id is one of the words.
func (f *forgetting) find(query string, byID bool) (found []int64, err error) {
	rows, err := f.st.conn.QueryContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row int64
		var text []byte
		if err := rows.Scan(&row, &text); err != nil {
			return nil, err
		}
		if f.mentioned(text) || byID && f.mentioned([]byte(`"`+f.st.seed.id(customerKind, row)+`"`)) {
			found = append(found, row)
		}
	}
	return found, rows.Err()
}

// talks are the conversations that mention somebody, unless something failed before.
func (f *forgetting) talks(before error) (ids []string, err error) {
	if before != nil {
		return nil, before
	}
	rows, err := f.st.conn.QueryContext(context.Background(), "select id, document from conversations")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var text []byte
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		if f.mentioned(text) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

func (f *forgetting) mentioned(text []byte) bool {
	text = bytes.ToLower(text)
	return slices.ContainsFunc(f.words, func(word []byte) bool { return bytes.Contains(text, word) })
}

// quotedForms are the forms in which a word may stand in a JSON text.
func quotedForms(word string) (forms [][]byte) {
	word = strings.ToLower(strings.TrimSpace(word))
	plain := strings.NewReplacer(" ", "", "(", "", ")", "", ".", "", "-", "").Replace(word)
	for _, form := range []string{word, plain} {
		if form == "" || form == plain && form != word && !strings.HasPrefix(word, "+") {
			continue
		}
		if text, err := json.Marshal(form); err == nil {
			forms = append(forms, text)
		}
	}
	return forms
}

// Wipe removes the org that is kept at path, after writing over what stands there. A disk that keeps copies of blocks
// may keep these. Errors: ErrInUse, one that wraps fs.ErrNotExist where no org is kept.
func Wipe(path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if err := trust.Unlinked(path, path+".lock", path+"-wal", path+"-shm"); err != nil {
		return err
	}
	st := &store{}
	if err := st.take(path); err != nil {
		return errors.Join(err, st.close())
	}
	defer func() { err = errors.Join(err, st.close()) }()
	for _, end := range []string{"-wal", "-shm", "-journal", ""} {
		if err := overwrite(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func overwrite(path string) error {
	file, err := trust.Open(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	zeros := make([]byte, 1<<16)
	for left := int64(0); err == nil && left < info.Size(); left += int64(len(zeros)) {
		_, err = file.Write(zeros[:min(int64(len(zeros)), info.Size()-left)])
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}
