package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"muster/pipeline/config"
	"muster/pipeline/trust"
)

// blobs is a container of Azure Blob Storage: az://ACCOUNT/CONTAINER/folder/name.
type blobs struct {
	client    *azblob.Client
	container string
	keys      keys
}

func (f *Fetcher) blobs(ctx context.Context, s *config.Source) (place, error) {
	u, err := url.Parse(s.From)
	if err != nil {
		return nil, fault(Unreachable, "%s is no address", Shown(s.From))
	}
	container, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	p := &blobs{container: container, keys: keysLike(rest)}
	service := "https://" + u.Host + ".blob.core.windows.net/"
	if s.Endpoint != "" {
		service = strings.TrimSuffix(s.Endpoint, "/") + "/"
	}
	// The library must not try by itself: how often and how long is decided here.
	options := &azblob.ClientOptions{ClientOptions: policy.ClientOptions{Transport: trust.Unredirected(f.HTTP),
		Retry: policy.RetryOptions{MaxRetries: -1}, Telemetry: policy.TelemetryOptions{Disabled: true}}}
	switch {
	case !s.SecretKey.None():
		hidden, err := f.Secret(ctx, s.SecretKey)
		if err != nil {
			return nil, err
		}
		key, err := azblob.NewSharedKeyCredential(u.Host, hidden)
		if err != nil {
			return nil, fault(Denied, "the key of the account %s is none: it is no base64", u.Host)
		}
		p.client, err = azblob.NewClientWithSharedKeyCredential(service, key, options)
		if err != nil {
			return nil, fault(Unreachable, "the account %s cannot be asked", u.Host)
		}
		return p, nil
	case !s.Authorization.None():
		signature, err := f.Secret(ctx, s.Authorization)
		if err != nil {
			return nil, err
		}
		service += "?" + strings.TrimPrefix(signature, "?")
	}
	if p.client, err = azblob.NewClientWithNoCredential(service, options); err != nil {
		return nil, fault(Unreachable, "the account %s cannot be asked", u.Host)
	}
	return p, nil
}

func (p *blobs) close() {}

func (p *blobs) list(ctx context.Context) ([]Entry, error) {
	prefix := p.keys.begin()
	var found []Entry
	for pager := p.client.NewListBlobsFlatPager(p.container,
		&azblob.ListBlobsFlatOptions{Prefix: &prefix}); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, p.lost(ctx, "list the files of", err)
		}
		for _, item := range page.Segment.BlobItems {
			if item.Name == nil || item.Properties == nil {
				continue
			}
			name, ok := p.keys.fit(*item.Name)
			if !ok {
				continue
			}
			e := Entry{Name: name, Size: -1}
			if n := item.Properties.ContentLength; n != nil {
				e.Size = *n
			}
			if at := item.Properties.LastModified; at != nil {
				e.Modified = at.UTC().Truncate(time.Second)
			}
			if tag := item.Properties.ETag; tag != nil {
				e.Tag = string(*tag)
			}
			found = append(found, e)
		}
	}
	return found, nil
}

func (p *blobs) fetch(ctx context.Context, e, _ Entry, w io.Writer) (Entry, error) {
	answer, err := p.client.DownloadStream(ctx, p.container, p.keys.folder+e.Name, nil)
	if err != nil {
		return e, p.lost(ctx, "fetch "+e.Name+" from", err)
	}
	defer answer.Body.Close()
	n, err := io.Copy(w, answer.Body)
	if err == nil && e.Size >= 0 && n != e.Size {
		err = fmt.Errorf("%d bytes of %d came", n, e.Size)
	}
	if err != nil {
		return e, p.lost(ctx, "fetch "+e.Name+" from", err)
	}
	return e, nil
}

// lost says what kind of failure an answer is. Only its code is told: an address may hold a signature.
func (p *blobs) lost(ctx context.Context, act string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var answer *azcore.ResponseError
	var where *url.Error
	switch {
	case !errors.As(err, &answer):
		if errors.As(err, &where) {
			err = where.Err
		}
		return fault(Unreachable, "%s the container %s: %w", act, p.container, err)
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return fault(Denied, "the container %s does not let us in: %s", p.container, answer.ErrorCode)
	case answer.StatusCode == http.StatusNotFound:
		return fault(Absent, "%s the container %s: %s", act, p.container, answer.ErrorCode)
	default:
		return fault(Unreachable, "%s the container %s: status %d, %s", act, p.container, answer.StatusCode, answer.ErrorCode)
	}
}
