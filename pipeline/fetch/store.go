package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"muster/pipeline/config"
)

// store is a bucket of S3, or of another store that speaks it: Google Cloud Storage with HMAC keys (gs://), R2, MinIO,
// Ceph.
type store struct {
	client *minio.Client
	bucket string
	keys   keys
}

// keys are the names of objects in one folder of a store, by a pattern.
type keys struct {
	folder  string // with a slash at its end; "" the top
	pattern string // of the name in it
}

func keysLike(key string) keys {
	k := keys{pattern: path.Base(key)}
	if dir := path.Dir(key); dir != "." {
		k.folder = dir + "/"
	}
	return k
}

// begin is how every key begins that fits.
func (k keys) begin() string {
	if i := strings.IndexAny(k.pattern, "*?["); i >= 0 {
		return k.folder + k.pattern[:i]
	}
	return k.folder + k.pattern
}

// fit is the name in the folder of a key that fits.
func (k keys) fit(key string) (name string, ok bool) {
	name = strings.TrimPrefix(key, k.folder)
	return name, name != "" && !strings.HasSuffix(name, "/") && fits(k.pattern, name)
}

func (f *Fetcher) store(ctx context.Context, s *config.Source) (place, error) {
	u, err := url.Parse(s.From)
	if err != nil {
		return nil, fault(Unreachable, "%s is no address", Shown(s.From))
	}
	p := &store{bucket: u.Host, keys: keysLike(strings.TrimPrefix(u.Path, "/"))}
	options := &minio.Options{Secure: true, Region: s.Region, Transport: f.HTTP.Transport,
		Creds: credentials.NewStaticV4("", "", "")}
	host := "s3.amazonaws.com"
	if u.Scheme == "gs" {
		host = "storage.googleapis.com" // it speaks S3 to HMAC keys (https://cloud.google.com/storage/docs/interoperability)
	}
	if s.Endpoint != "" {
		at, err := url.Parse(s.Endpoint)
		if err != nil {
			return nil, fault(Unreachable, "%s is no address", Shown(s.Endpoint))
		}
		host, options.Secure = at.Host, at.Scheme == "https"
	}
	if !s.AccessKey.None() {
		access, err := f.Secret(ctx, s.AccessKey)
		if err != nil {
			return nil, err
		}
		hidden, err := f.Secret(ctx, s.SecretKey)
		if err != nil {
			return nil, err
		}
		options.Creds = credentials.NewStaticV4(access, hidden, "")
	}
	// The library must not try by itself: how often and how long is decided here.
	options.MaxRetries = 1
	p.client, err = minio.New(host, options)
	if err != nil {
		return nil, fault(Unreachable, "%s cannot be asked: %w", host, err)
	}
	return p, nil
}

func (p *store) close() {}

func (p *store) list(ctx context.Context) ([]Entry, error) {
	var found []Entry
	for object := range p.client.ListObjectsIter(ctx, p.bucket, minio.ListObjectsOptions{Prefix: p.keys.begin()}) {
		if object.Err != nil {
			return nil, p.lost(ctx, "list the files of", object.Err)
		}
		if name, ok := p.keys.fit(object.Key); ok {
			found = append(found, Entry{Name: name, Size: object.Size, Modified: object.LastModified.UTC(), Tag: object.ETag})
		}
	}
	return found, nil
}

func (p *store) fetch(ctx context.Context, e, _ Entry, w io.Writer) (Entry, error) {
	object, err := p.client.GetObject(ctx, p.bucket, p.keys.folder+e.Name, minio.GetObjectOptions{})
	if err != nil {
		return e, p.lost(ctx, "fetch "+e.Name+" from", err)
	}
	defer object.Close()
	n, err := io.Copy(w, object)
	if err == nil && n != e.Size {
		err = fmt.Errorf("%d bytes of %d came", n, e.Size)
	}
	if err != nil {
		return e, p.lost(ctx, "fetch "+e.Name+" from", err)
	}
	return e, nil
}

// lost says what kind of failure an answer is. The store's own words name the bucket and the file, never a key.
func (p *store) lost(ctx context.Context, act string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	answer := minio.ToErrorResponse(err)
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault(Denied, "the bucket %s does not let us in: %s", p.bucket, answer.Code)
	case http.StatusNotFound:
		return fault(Absent, "%s the bucket %s: %s", act, p.bucket, answer.Code)
	case 0:
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err
		}
		return fault(Unreachable, "%s the bucket %s: %w", act, p.bucket, err)
	default:
		return fault(Unreachable, "%s the bucket %s: status %d, %s", act, p.bucket, answer.StatusCode, answer.Code)
	}
}
