package lake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"tarn/internal/hint"
	"tarn/internal/vfs"
	"tarn/lake/internal/proof"
	"tarn/lake/internal/segment"
	"tarn/lake/tlogproof"
	"tarn/schemas"
)

// ErrUncounted means that an event was accepted, and that the log has not counted it
// yet: there is nothing to prove it by before. It does so once a minute, or when
// Lake.Count asks for it.
var ErrUncounted = errors.New("the log has not counted the event yet")

// Proven is an event with its proof.
type Proven struct {
	Place
	// Event is its own bytes, Proof the content of a .tlog-proof file for it.
	Event []byte
	Proof []byte
	// Statement is what tlogproof.Check says of the two.
	Statement tlogproof.Statement
}

// Prove proves that an event is in the lake: with a file that anybody can check who
// has the event's bytes and the lake's verification key, and that holds on when the
// lake has grown, the event has expired or the lake is gone. What Find found, a
// writer may have moved meanwhile; then find it again. The proof was checked before
// it is returned: ErrCorrupt where the lake is not what was sealed.
//
// An event that is sealed is proven by its segment's log entry. One that was accepted
// and not sealed yet is proven by the entry that counted it, together with the events
// of that minute; ErrUncounted before there is one.
func (s *Snapshot) Prove(ctx context.Context, p Place) (*Proven, error) {
	way := s.sealedEvent
	if p.Segment.Hot() {
		way = s.acceptedEvent
	}
	found, inner, raw, err := way(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("prove event of %s: %w", p.Segment.Day, askAgain(err))
	}
	inner.Which, inner.Entry = uint32(found.which), found.payload
	extra, err := inner.Format()
	if err != nil {
		return nil, err
	}
	file := tlogproof.File{Extra: extra, Index: found.index, Path: found.path, Checkpoint: found.checkpoint}.Format()
	keys, err := tlogproof.ParseKeys(s.state.keyLines())
	if err != nil {
		return nil, fmt.Errorf("%w: the keys in the log: %w", ErrCorrupt, err)
	}
	statement, err := tlogproof.Check(file, raw, keys)
	if err != nil {
		return nil, fmt.Errorf("%w: row %d of segment %s is not what the log names: %w", ErrCorrupt, p.Row, p.Segment.ID, err)
	}
	return &Proven{p, raw, file, *statement}, nil
}

// askAgain says what to do where files have gone since the snapshot was taken.
func askAgain(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return hint.Add(err, "if the lake was written to at this moment, ask again; else tarn verify says what is missing")
	}
	return err
}

// sealedEvent proves an event under the tree hash of its segment.
func (s *Snapshot) sealedEvent(_ context.Context, p Place) (found logged, inner tlogproof.Inner, raw []byte, err error) {
	found, err = s.lake.locate(sealedBy(p.Segment))
	if errors.Is(err, errNotLogged) {
		err = fmt.Errorf("%w: segment %s is not in the log's tiles", ErrCorrupt, p.Segment.ID)
	}
	if err != nil {
		return found, inner, nil, err
	}
	inner.Row, inner.Rows = p.Row, p.Segment.Rows
	chunks, err := s.lake.chunks(p.Store.ID, p.Segment)
	if err != nil {
		return found, inner, nil, err
	}
	err = s.lake.readSegment(p.Store.ID, p.Segment, func(r *segment.Reader) error {
		leaves := func(chunk int64) (some []proof.Hash, err error) {
			row := chunk * proof.ChunkRows
			return some, r.Range(schemas.Raw, row, min(row+proof.ChunkRows, p.Segment.Rows), func(event []byte) error {
				if row == p.Row {
					raw = bytes.Clone(event)
				}
				row++
				some = append(some, proof.Leaf(event))
				return nil
			})
		}
		if inner.Path, err = proof.Path(inner.Rows, p.Row, chunks, leaves); err == nil && raw == nil { // it is the only one
			_, err = leaves(p.Row / proof.ChunkRows)
		}
		return err
	})
	return found, inner, raw, err
}

// chunks returns the hashes of a segment's tree file.
func (l *Lake) chunks(storeID string, seg Segment) ([]proof.Hash, error) {
	name := path.Join(seg.dir(storeID), seg.ID+treeExt)
	content, err := vfs.ReadFile(l.fsys, name)
	if err == nil && encodeHash(sha256.Sum256(content)) != seg.Tree.SHA256 {
		err = errors.New("is not the file that was sealed")
	}
	if err != nil {
		return nil, damaged(seg, name, err)
	}
	return proof.Chunks(content), nil
}

// acceptedEvent proves an event under the tree hash of those that were accepted with
// it, in order of their numbers.
func (s *Snapshot) acceptedEvent(ctx context.Context, p Place) (found logged, inner tlogproof.Inner, raw []byte, err error) {
	raw, seq, err := s.lake.numberedRow(p)
	if err != nil {
		return found, inner, nil, err
	}
	if seq >= firstLive && seq > s.state.covered[p.Store.ID] {
		return found, inner, nil, hint.Add(ErrUncounted, "where events come, or a server runs, it does so within a minute: ask again then",
			"else the next command that writes to the lake lets it")
	}
	found, err = s.lake.locate(countedBy(p.Store.ID, seq))
	if errors.Is(err, errNotLogged) {
		err = fmt.Errorf("%w: no entry in the log's tiles has counted event %d", ErrCorrupt, seq)
	}
	if err != nil {
		return found, inner, nil, err
	}
	all, err := s.acceptedWith(ctx, p.Store.ID, found.entry.Journal.Parts[found.which])
	if err != nil {
		return found, inner, nil, err
	}
	at, _ := slices.BinarySearchFunc(all, seq, func(n numbered, seq int64) int { return cmp.Compare(n.seq, seq) })
	leaves := make([]proof.Hash, len(all))
	for i, n := range all {
		leaves[i] = n.leaf
	}
	inner.Row, inner.Rows = int64(at), int64(len(all))
	inner.Path, err = proof.PathOf(leaves, int64(at))
	return found, inner, raw, err
}

// numberedRow returns an event's bytes and its number.
func (l *Lake) numberedRow(p Place) (raw []byte, seq int64, err error) {
	err = l.readSegment(p.Store.ID, p.Segment, func(r *segment.Reader) error {
		err := r.Range(schemas.Raw, p.Row, p.Row+1, func(event []byte) error {
			raw = bytes.Clone(event)
			return nil
		})
		return errors.Join(err, r.Numbers(schemas.Seq, func(_ int, row, n int64) error {
			if row == p.Row {
				seq = n
			}
			return nil
		}))
	})
	return raw, seq, err
}

// acceptedWith returns the events that the log has counted together, in order of
// their numbers, wherever they are now.
func (s *Snapshot) acceptedWith(ctx context.Context, storeID string, p Accepted) (all []numbered, err error) {
	for _, seg := range slices.Concat(s.state.hot[storeID], s.state.segments[storeID]) {
		if seg.MaxSeq < p.FirstSeq || p.LastSeq < seg.MinSeq {
			continue
		}
		if !seg.Hot() && p.Import != "" {
			// What the import sealed at once was never accepted into the hot tier.
			if found, err := s.lake.locate(sealedBy(seg)); err != nil || !found.entry.Commit.Hot {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		some, err := s.lake.numberedIn(storeID, seg, p.FirstSeq, p.LastSeq)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if int64(len(all)) != p.Events {
		return nil, hint.Add(fmt.Errorf("of the %d events that were accepted with it, %d are there", p.Events, len(all)),
			"it can be proven when its own day is sealed, 48 hours after that ends; tarn verify says whether anything is missing")
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	return all, nil
}

// Count lets the log count what was accepted, now and not within the minute, so that
// it can be proven.
func (l *Lake) Count() error {
	if l.log == nil {
		return ErrReadOnly
	}
	if err := l.hot.flush(); err != nil {
		return err
	}
	return l.hot.count()
}
