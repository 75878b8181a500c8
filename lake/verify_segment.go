package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"tarn/internal/vfs"
	"tarn/lake/internal/needle"
	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/schemas"
)

// work runs fn when a processor is free.
func (v *verifier) work(ctx context.Context, fn func() error) error {
	select {
	case v.processors <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-v.processors }()
	return fn()
}

// segments checks every segment, one for each processor at a time. Those with
// events of the hot tier come first, in order of numbers.
func (v *verifier) segments(ctx context.Context, s *state) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cap(v.processors))
	for _, st := range s.stores {
		if !v.reaches(st.ID) {
			v.remark("event data store " + st.Name + " lies elsewhere, and was not looked at")
			continue
		}
		all := slices.Concat(s.hot[st.ID], s.segments[st.ID])
		slices.SortStableFunc(all, func(a, b Segment) int {
			if a.accepted && b.accepted {
				return cmp.Compare(a.MinSeq, b.MinSeq)
			}
			return cmp.Compare(rank(a), rank(b))
		})
		v.count(st.ID).expect(all)
		v.count(st.ID).forget(s.expired[st.ID])
		for _, seg := range all {
			g.Go(func() error {
				v.segment(ctx, st, seg)
				return ctx.Err()
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if v.opts.Part == nil {
		v.recounted(s)
	} else {
		v.remark("events that are not sealed yet lie elsewhere, and were not looked at")
	}
	return nil
}

// reaches reports whether the files of a store can be reached from here.
func (v *verifier) reaches(storeID string) bool { return v.opts.Part == nil || v.opts.Part(storeID) }

func rank(s Segment) int {
	if s.accepted {
		return 0
	}
	return 1
}

// segment checks the three files of a segment against its log entry.
func (v *verifier) segment(ctx context.Context, st Store, seg Segment) {
	base := path.Join(seg.dir(st.ID), seg.ID)
	if seg.Format < 1 || seg.Format > segment.Format {
		v.problem(base+parquetExt, "has format %d, which this program cannot check", seg.Format)
		return
	}
	is := v.stamp(st, seg)
	if v.believed(seg, is) {
		v.skip(seg)
		return
	}
	v.check(base+parquetExt, func(f vfs.File, size int64) error { return v.parquet(ctx, st, f, size, seg) })
	v.check(base+needlesExt, func(f vfs.File, size int64) error { return sameNeedles(f, size, seg.Needles) })
	v.check(base+treeExt, func(f vfs.File, size int64) error { return sameFile(f, size, seg.Tree) })
	v.read(seg.Bytes(), seg.Rows)
	v.pass(base, seg, is)
}

// check opens a file for fn and reports what fn, or the disk, complains of.
func (v *verifier) check(name string, fn func(vfs.File, int64) error) {
	f, err := v.fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		v.problem(name, "%v", errMissing)
		return
	}
	if err != nil {
		v.problem(name, "%v", err)
		return
	}
	defer f.Close()
	size, err := f.Size()
	if err == nil {
		err = fn(f, size)
	}
	if err != nil {
		v.problem(name, "%v", err)
	}
}

// sameFile checks that a file is the one in the log.
func sameFile(f vfs.File, size int64, want File) error {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	if encodeHash([32]byte(h.Sum(nil))) != want.SHA256 || size != want.Bytes {
		return errors.New("is not the file that was sealed: its SHA-256 differs from the log's")
	}
	return nil
}

// sameNeedles checks that filters are those in the log, which has the hash of their
// header.
func sameNeedles(f vfs.File, size int64, want File) error {
	header, err := decodeHash(want.SHA256)
	if err == nil && size != want.Bytes {
		err = fmt.Errorf("has %d bytes; the log says %d", size, want.Bytes)
	}
	return errors.Join(err, needle.Check(f, size, header))
}

// parquet checks the file's hash, then reads the events out of it and computes
// the tree again.
func (v *verifier) parquet(ctx context.Context, st Store, f vfs.File, size int64, seg Segment) error {
	if err := v.work(ctx, func() error { return sameFile(f, size, seg.Parquet) }); err != nil {
		return err
	}
	r, err := segment.OpenReader(f, size)
	if err != nil {
		return err
	}
	leaves, err := v.leaves(ctx, r, st, seg)
	if err != nil {
		return err
	}
	return v.work(ctx, func() error {
		seqs, err := numbersOf(r, seg)
		if err != nil {
			return err
		}
		if seg.accepted {
			v.count(st.ID).deliver(seg, leaves, seqs)
		}
		root, tree := proof.Tree(leaves)
		if encodeHash(root) != seg.Root {
			return errors.New("its events' tree hash differs from the log's")
		}
		if encodeHash(sha256.Sum256(tree)) != seg.Tree.SHA256 {
			return errors.New("its events' tree is not the one in the log")
		}
		return nil
	})
}

// leaves hashes the events, a row group on each processor.
func (v *verifier) leaves(ctx context.Context, r *segment.Reader, st Store, seg Segment) ([]proof.Hash, error) {
	if r.Rows() != seg.Rows {
		return nil, fmt.Errorf("has %d events; the log says %d", r.Rows(), seg.Rows)
	}
	leaves := make([]proof.Hash, 0, seg.Rows)
	compared := v.compare(st, seg, r.Groups())
	var raw atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for i, rows := range r.Groups() {
		from := len(leaves)
		if rows < 0 || rows > int64(cap(leaves)-from) {
			return nil, errors.New("its row groups have more events than the file")
		}
		leaves = leaves[:from+int(rows)]
		part := leaves[from : from : from+int(rows)]
		g.Go(func() error {
			return v.work(ctx, func() error {
				n, err := v.group(r, i, part, compared)
				raw.Add(n)
				return err
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if raw.Load() != seg.RawBytes {
		return nil, fmt.Errorf("has events of %d bytes; the log says %d", raw.Load(), seg.RawBytes)
	}
	return leaves, nil
}

// numbersOf checks the times and the numbers of the events, and returns the numbers
// of those that were accepted one by one.
func numbersOf(r *segment.Reader, seg Segment) (seqs []int64, err error) {
	if err := times(r, seg); err != nil {
		return nil, err
	}
	err = r.Numbers(schemas.Seq, func(_ int, row, n int64) error {
		if seg.accepted {
			seqs = append(seqs, n)
		}
		if n < seg.MinSeq || n > seg.MaxSeq {
			return fmt.Errorf("the number of event %d is outside of what the log says", row)
		}
		return nil
	})
	return seqs, err
}

// times checks what is left out by: the day, the first and the last time, and
// that row groups follow each other in time; in format 1, that events do.
func times(r *segment.Reader, seg Segment) error {
	day := dayNumber(seg.Day)
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	floor, current := most, -1
	err := r.Numbers(schemas.EventTime, func(group int, row, t int64) error {
		if seg.Format == 1 || group != current {
			floor, current = most, group
		}
		if t < floor || dayOf(t) != day {
			return fmt.Errorf("the time of event %d is out of order", row)
		}
		least, most = min(least, t), max(most, t)
		return nil
	})
	if err == nil && (least != seg.MinTime.UnixMicro() || most != seg.MaxTime.UnixMicro()) {
		err = errors.New("its first or last event's time differs from the log's")
	}
	return err
}
