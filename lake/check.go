package lake

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path"

	"tarn/lake/internal/entrylog"
)

// CheckLog reads the whole log of record and says what is wrong with it, a sentence
// each: with its entries, the signatures and tree hashes of its checkpoints, its tiles;
// and, if kept is a checkpoint that somebody kept, why the log is no continuation of
// that one. It is the part of Verify that is about the log.
func (s *Snapshot) CheckLog(kept []byte) (problems []string) {
	log := entrylog.Check(s.lake.fsys, keyOf)
	problems = log.Problems
	if len(kept) == 0 {
		return problems
	}
	if _, wrong := goesOnFrom(log, kept); wrong != "" {
		problems = append(problems, "the log is not a continuation of the checkpoint that was kept: "+wrong)
	}
	return problems
}

// CheckSegment reads a segment's Parquet file and compares it with what the log, or the
// hot tier's list, says: ErrCorrupt if it is not what was written.
func (s *Snapshot) CheckSegment(ctx context.Context, storeID string, seg Segment) error {
	name := path.Join(seg.dir(storeID), seg.ID+parquetExt)
	f, err := s.lake.fsys.Open(name)
	if err != nil {
		return damaged(seg, name, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, &patient{ctx, io.NewSectionReader(f, 0, seg.Parquet.Bytes+1)})
	if err != nil {
		return err
	}
	if n != seg.Parquet.Bytes || encodeHash([sha256.Size]byte(h.Sum(nil))) != seg.Parquet.SHA256 {
		return fmt.Errorf("%w: segment %s of %s: its file is not the one that was written", ErrCorrupt, seg.ID, seg.Day)
	}
	return nil
}

// patient reads as long as its context lasts.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}
