package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"tarn/ingest/digest"
	"tarn/internal/hint"
)

// chain is the digests of an account and region.
type chain struct {
	account, region string
	base, name      string // its folder, and what its files begin with
	head            string // the time of the newest that was there when the export began
	last            *digest.Sealed
}

// hour is an hour of a chain: what one digest tells of.
type hour struct {
	chain *chain
	at    time.Time
	// was is the digest that is there already, nil if there is none. closed means that
	// later digests are there, so that none can be put before them.
	was    *kept
	closed bool

	mu   sync.Mutex
	logs []digest.Log
	// late are events that are in no file, since the digest tells of others; there are
	// those in the files that it names, and how often, once somebody asked.
	late  int64
	there map[leaf]int
}

// kept is a digest that is there.
type kept struct {
	digest.Digest
	text      []byte
	signature string
}

// end is when the hour is over.
func (h *hour) end() time.Time { return h.at.Add(time.Hour) }

// key is where the hour's digest is.
func (h *hour) key() string {
	return h.chain.base + h.end().Format("2006/01/02/") + h.chain.name + h.end().Format(digestTime) + digestEnd
}

// takes reports whether a log file may be written: not if the digest of its hour is
// there, or cannot be any more, and does not name it.
func (h *hour) takes(log digest.Log) bool {
	if h.was == nil {
		return !h.closed
	}
	return slices.ContainsFunc(h.was.Logs, func(l digest.Log) bool { return l.Object == log.Object && l.Hash == log.Hash })
}

// chainOf returns the chain of an account and region. When it is met first, what is
// there of it is looked up.
func (e *exporter) chainOf(ctx context.Context, w whose, from time.Time) (*chain, error) {
	id := w.account + " " + w.region
	if c := e.chains[id]; c != nil {
		return c, nil
	}
	c := &chain{account: w.account, region: w.region,
		base: fmt.Sprintf("AWSLogs/%s/%s/%s/", w.account, folderDigests, w.region),
		name: fmt.Sprintf("%s_%s_%s_%s_%s_", w.account, folderDigests, w.region, e.o.Trail, w.region)}
	e.chains[id] = c
	if e.o.Keys == nil {
		return c, nil
	}
	head, err := newestBefore(ctx, e.to, c.base, c.name, "9")
	if err != nil || head == "" {
		return c, err
	}
	c.head = timeIn(path.Base(head), c.name)
	before, err := newestBefore(ctx, e.to, c.base, c.name, from.Add(time.Hour).Format(digestTime))
	if err != nil || before == "" {
		return c, err
	}
	k, err := e.kept(ctx, before)
	if err == nil {
		c.last, err = e.trusted(before, k)
	}
	return c, err
}

// kept reads a digest that is there.
func (e *exporter) kept(ctx context.Context, key string) (*kept, error) {
	packed, signature, err := e.to.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	k := &kept{signature: signature}
	if k.text, err = unzipped(packed); err == nil {
		k.Digest, err = digest.Parse(k.text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if as := e.o.As.Join(key); k.Bucket != as.Bucket || k.Object != as.Key {
		there := "s3://" + k.Bucket + "/" + strings.TrimSuffix(strings.TrimSuffix(k.Object, key), "/")
		return nil, hint.Add(fmt.Errorf("%s: %w: a digest that says that it lies at s3://%s/%s", key, ErrOther, k.Bucket, k.Object),
			"go on with --as "+strings.TrimSuffix(there, "/")+", or export to another folder")
	}
	return k, nil
}

// trusted is a digest that one of the lake's keys has signed.
func (e *exporter) trusted(key string, k *kept) (*digest.Sealed, error) {
	s, err := digest.Open(k.text, k.signature, e.o.Keys.public())
	if err != nil {
		return nil, hint.Add(fmt.Errorf("%s: %w: a digest on which this lake cannot go on: %w", key, ErrOther, err),
			"export to another folder; or, of a copy of a bucket, bring back "+MetadataFile)
	}
	return s, nil
}

// begin begins an hour of a chain.
func (e *exporter) begin(ctx context.Context, w whose, at time.Time) (*hour, error) {
	c, err := e.chainOf(ctx, w, at)
	if err != nil {
		return nil, err
	}
	h := &hour{chain: c, at: at}
	if e.o.Keys == nil || c.head == "" || h.end().Format(digestTime) > c.head {
		return h, nil
	}
	h.was, err = e.kept(ctx, h.key())
	if errors.Is(err, fs.ErrNotExist) {
		h.closed, err = true, nil
	}
	return h, err
}

// seal writes the digest of an hour, or goes on with the one that is there.
func (e *exporter) seal(ctx context.Context, h *hour) error {
	if e.o.Keys == nil || h.closed {
		return nil
	}
	d := e.digest(h)
	signer := e.o.Keys.Current
	if h.was != nil {
		if own, ok := e.o.Keys.Own[h.was.Fingerprint]; ok {
			signer = own
		}
	}
	if err := e.catchUp(ctx, h); err != nil {
		return err
	}
	sealed, err := signer.Seal(d, h.chain.last)
	if err != nil {
		return err
	}
	if h.was != nil && !bytes.Equal(sealed.Text, h.was.text) {
		// It tells of other files: of events that expired since, or came later.
		h.chain.last, err = e.trusted(h.key(), h.was)
		return err
	}
	h.chain.last = sealed
	packed, err := e.packer.zipped(sealed.Text)
	if err != nil {
		return err
	}
	wrote, err := e.to.Put(ctx, h.key(), packed, sealed.Signature)
	if err == nil {
		e.count(func(r *Result) { r.Digests.add(wrote, int64(len(packed))) })
	}
	return err
}

// catchUp finds the digest that a new one follows, where hours are there that this
// export knows nothing of.
func (e *exporter) catchUp(ctx context.Context, h *hour) error {
	c := h.chain
	if h.was != nil || c.head == "" || c.last != nil && c.last.End.Format(digestTime) >= c.head {
		return nil
	}
	head, err := newestBefore(ctx, e.to, c.base, c.name, h.end().Format(digestTime))
	if err != nil || head == "" {
		return err
	}
	k, err := e.kept(ctx, head)
	if err == nil {
		c.last, err = e.trusted(head, k)
	}
	return err
}

// digest is what is to be said of an hour.
func (e *exporter) digest(h *hour) digest.Digest {
	slices.SortFunc(h.logs, func(a, b digest.Log) int { return strings.Compare(a.Object, b.Object) })
	as := e.o.As.Join(h.key())
	d := digest.Digest{Account: h.chain.account, Start: h.at, End: h.end(), Bucket: as.Bucket, Object: as.Key, Logs: h.logs}
	for _, l := range h.logs {
		if d.Oldest == nil || *l.Oldest < *d.Oldest {
			d.Oldest = l.Oldest
		}
		if d.Newest == nil || *l.Newest > *d.Newest {
			d.Newest = l.Newest
		}
	}
	return d
}
