package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"muster/mappings"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
)

// Introduction is who we are to an org, and what its customers look like.
type Introduction struct {
	Token kustomer.Token
	Asked time.Time // when the org was asked who we are; zero: the ledger knew
	Klass []byte    // body of GET /v1/metadata/customer; nil: to be asked for once a mapping needs it
}

// introductionAge is how long an answer is believed. A key's org and roles never change ("Roles can't be edited later",
// https://developer.kustomer.com/docs/get-started/api-keys-and-roles), so it bounds only how long a defect of an answer
// lives.
const introductionAge = 7 * 24 * time.Hour

// Introduce asks the org one question at least, so that it is known to take the key: who we are, or, where the ledger
// of the state directory remembers that, what customers look like. fit refuses a key, nil none; what is remembered is
// never refused unasked. A memory that is wrong costs nothing but time: the org refuses by itself what the key may not
// do.
func Introduce(ctx context.Context, v *kustomer.Viewer, state string, now time.Time,
	fit func(kustomer.Token) error) (Introduction, error) {
	if fit == nil {
		fit = func(kustomer.Token) error { return nil }
	}
	var in Introduction
	if token, known := recall(v, state, now); known && fit(token) == nil {
		var err error
		if in.Klass, err = v.Metadata(ctx, mappings.Customers); err != nil {
			return in, err
		}
		if kustomer.OrgOf(in.Klass) == token.OrgID { // it is the org that the memory is of
			in.Token = token
			return in, nil
		}
	}
	token, err := v.Token(ctx)
	if err != nil {
		return in, err
	}
	in.Token, in.Asked = token, now
	return in, fit(token)
}

// memory is an introduction as the ledger keeps it. There is no customer's value in it, and nothing of the key.
type memory struct {
	Token kustomer.Token
	Asked time.Time
}

// memoOfKey is the name under which a ledger remembers the key in use: an HMAC of it under the ledger's own random
// salt.
func memoOfKey(v *kustomer.Viewer, hash func(kind string, value []byte) ledger.KeyHash) string {
	return "key " + v.Named(func(secret []byte) string { return fmt.Sprintf("%x", hash("api key", secret)) })
}

// recall is what the ledger knows of the key. It takes no lock: another run may be under way.
func recall(v *kustomer.Viewer, state string, now time.Time) (kustomer.Token, bool) {
	view, err := ledger.OpenReadOnly(state)
	if err != nil {
		return kustomer.Token{}, false // none yet, or the run will say what is wrong with it
	}
	defer view.Close()
	raw, err := view.Memo(memoOfKey(v, view.Key))
	var m memory
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Token.OrgID == "" {
		return kustomer.Token{}, false
	}
	fresh := now.Before(m.Asked.Add(introductionAge)) && !now.Before(m.Asked.Add(-lookup.Clocks))
	return m.Token, fresh && (m.Token.ExpiresAt.IsZero() || now.Before(m.Token.ExpiresAt))
}
