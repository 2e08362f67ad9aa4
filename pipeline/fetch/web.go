package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"

	"muster/pipeline/config"
	"muster/pipeline/trust"
)

// web is a web address: a file that is there to be downloaded, with a signature in its query or a header that lets us
// in.
type web struct {
	http          *http.Client
	url           *url.URL
	authorization string
}

func (f *Fetcher) web(ctx context.Context, s *config.Source) (place, error) {
	u, err := url.Parse(s.From)
	if err != nil {
		return nil, fault(Unreachable, "%s is no address", Shown(s.From))
	}
	w := &web{http: trust.Redirected(f.HTTP, f.Moved), url: u}
	if !s.Authorization.None() {
		if w.authorization, err = f.Secret(ctx, s.Authorization); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (p *web) close() {}

// list asks nothing: many signed addresses allow one GET and nothing else. Whether the file is a new one shows in its
// answer.
func (p *web) list(context.Context) ([]Entry, error) {
	return []Entry{{Name: path.Base(p.url.Path), Size: -1}}, nil
}

func (p *web) fetch(ctx context.Context, e, last Entry, w io.Writer) (Entry, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url.String(), nil)
	if err != nil {
		return e, fault(Unreachable, "%s is no address", Shown(p.url.String()))
	}
	if p.authorization != "" {
		q.Header.Set("Authorization", p.authorization)
	}
	// Or the client would unpack what is meant to come packed, and the length and tag be another file's.
	q.Header.Set("Accept-Encoding", "identity")
	if last.Name == e.Name && last.Tag != "" {
		q.Header.Set("If-None-Match", last.Tag)
	}
	if last.Name == e.Name && !last.Modified.IsZero() {
		q.Header.Set("If-Modified-Since", last.Modified.UTC().Format(http.TimeFormat))
	}
	answer, err := p.http.Do(q)
	if err != nil {
		return e, p.lost(ctx, err)
	}
	defer answer.Body.Close()
	switch code := answer.StatusCode; {
	case code == http.StatusNotModified:
		return e, errSame
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return e, fault(Denied, "%s does not let us in (status %d)", Shown(p.url.String()), code)
	case code == http.StatusNotFound || code == http.StatusGone:
		return e, fault(Absent, "there is no %s (status %d)", Shown(p.url.String()), code)
	case code != http.StatusOK:
		return e, fault(Unreachable, "%s answers with status %d", Shown(p.url.String()), code)
	}
	e.Tag, e.Size = answer.Header.Get("ETag"), answer.ContentLength
	if at, err := http.ParseTime(answer.Header.Get("Last-Modified")); err == nil {
		e.Modified = at.UTC()
	}
	n, err := io.Copy(w, answer.Body)
	if err != nil {
		return e, p.lost(ctx, err)
	}
	if e.Size < 0 {
		e.Size = n
	}
	return e, nil
}

// lost is a failure of the connection, without the address, whose query may be a secret.
func (p *web) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var where *url.Error
	if errors.As(err, &where) {
		err = where.Err
	}
	return fault(Unreachable, "fetch %s: %w", Shown(p.url.String()), err)
}
