package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"strings"

	"adili/internal/kernel/errs"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// partSize is how many bytes of a large file are held in memory and sent at a time. Files may have 10,000 parts.
const partSize = 16 << 20

// retries is how often a request is sent before the store is held to be gone: some ten seconds in all.
const retries = 5

// bucket keeps files in a bucket that speaks S3.
type bucket struct {
	core   minio.Core
	name   string
	prefix string // empty, or ends with a slash
}

func openBucket(address string, keys Keys) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, badAddress("s3://…", errors.New("it cannot be read")) // the parse error repeats all of it
	}
	if u.User != nil {
		return nil, badAddress("s3://…", errors.New("keys do not belong into the address"))
	}
	query := u.Query()
	for name := range query {
		if name != "endpoint" && name != "region" {
			return nil, badAddress(address, fmt.Errorf("unknown parameter %q; there are endpoint and region", name))
		}
	}
	prefix := strings.Trim(u.Path, "/")
	if u.Host == "" || prefix != "" && check(prefix) != nil {
		return nil, badAddress(address, errors.New("after s3:// comes the bucket's name, and after a slash the beginning of all names in it"))
	}
	if prefix != "" {
		prefix += "/"
	}
	host, secure, err := endpoint(query.Get("endpoint"))
	if err != nil {
		return nil, badAddress(address, err)
	}
	if keys.ID == "" || keys.Secret == "" {
		return nil, errs.New(errs.Invalid, "blob.keys_missing", "Bucket", u.Host)
	}
	region := query.Get("region")
	if region == "" && query.Has("endpoint") {
		region = "us-east-1" // what stores other than Amazon's call themselves; asking for it needs a right of its own
	}
	core, err := minio.NewCore(host, &minio.Options{
		Creds: credentials.NewStaticV4(keys.ID, keys.Secret, ""), Secure: secure, Region: region, MaxRetries: retries,
	})
	if err != nil {
		return nil, badAddress(address, err)
	}
	return &bucket{core: *core, name: u.Host, prefix: prefix}, nil
}

// endpoint reads the address of a store that is not Amazon's.
func endpoint(address string) (host string, secure bool, err error) {
	if address == "" {
		return "s3.amazonaws.com", true, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return "", false, errors.New("the endpoint has the form https://host:port")
	}
	switch ip := net.ParseIP(u.Hostname()); {
	case u.Scheme == "https":
		return u.Host, true, nil
	case u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()):
		return u.Host, false, nil
	}
	return "", false, errors.New("the endpoint must begin with https://: what is stored must not cross a network in the clear")
}

// Put implements Store.
func (b *bucket) Put(ctx context.Context, name string, r io.Reader, size int64) (err error) {
	defer errs.Wrap(&err, "put %s", name)
	if err := check(name); err != nil {
		return err
	}
	whole := &exact{ctx: ctx, r: r, size: size}
	if size >= 0 && size <= partSize { // from memory, so that it can be sent again after a fault of the network
		data, err := io.ReadAll(whole)
		if err != nil {
			return err
		}
		return b.put(ctx, name, bytes.NewReader(data), size)
	}
	return b.put(ctx, name, whole, -1) // in parts; whole sees to the size
}

func (b *bucket) put(ctx context.Context, name string, r io.Reader, size int64) error {
	_, err := b.core.Client.PutObject(ctx, b.name, b.prefix+name, r, size, minio.PutObjectOptions{
		// A checksum of each part that every store understands; what is secret is inside the content or in TLS.
		ContentType: "application/octet-stream", PartSize: partSize, SendContentMd5: true, DisableContentSha256: true,
	})
	return b.fault(err)
}

// Open implements Store.
func (b *bucket) Open(ctx context.Context, name string) (_ io.ReadCloser, err error) {
	defer errs.Wrap(&err, "open %s", name)
	if err := check(name); err != nil {
		return nil, err
	}
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.fault(err)
	}
	return body, nil
}

// List implements Store.
func (b *bucket) List(ctx context.Context, prefix string) (_ []Info, err error) {
	defer errs.Wrap(&err, "list %s", prefix)
	ctx, cancel := context.WithCancel(ctx) // ends the lister when we stop early
	defer cancel()
	var all []Info
	for object := range b.core.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, b.fault(object.Err)
		}
		name := strings.TrimPrefix(object.Key, b.prefix)
		if check(name) == nil {
			all = append(all, Info{name, object.Size})
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(x, y Info) int { return cmp.Compare(x.Name, y.Name) })
	return all, nil
}

// Delete implements Store.
func (b *bucket) Delete(ctx context.Context, name string) (err error) {
	defer errs.Wrap(&err, "delete %s", name)
	if err := check(name); err != nil {
		return err
	}
	err = b.fault(b.core.Client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}))
	return ignoreMissing(err)
}

// fault gives an error of the store a kind and the remedy.
func (b *bucket) fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	key := ""
	if e, ok := errors.AsType[minio.ErrorResponse](err); ok {
		switch e.Code {
		case "NoSuchKey", "NoSuchUpload":
			return fmt.Errorf("%w: %s", fs.ErrNotExist, e.Message)
		case "NoSuchBucket":
			key = "blob.no_bucket"
		case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled", "AccountProblem", "AuthorizationHeaderMalformed":
			key = "blob.refused"
		case "RequestTimeTooSkewed", "RequestExpired":
			key = "blob.clock"
		case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "EntityTooLarge":
			key = "blob.quota"
		}
		if key == "" && e.StatusCode >= 500 {
			key = "blob.unreachable"
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok && key == "" {
		key = "blob.unreachable"
	}
	if key == "" {
		return err
	}
	return errs.New(errs.Unavailable, key, "Bucket", b.name, "Endpoint", b.core.Client.EndpointURL().Host).Because(err)
}
