package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tarn/ingest/decode"
)

// leaf stands for an event: its leaf hash.
type leaf [sha256.Size]byte

func leafOf(raw []byte) leaf { return sha256.Sum256(append([]byte{0}, raw...)) }

// tellApart counts the events of a file that cannot be written, since the hour's digest
// is there and names others: those that are in these, and those that came late.
func (e *exporter) tellApart(ctx context.Context, h *hour, events []event, raw int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := e.readHour(ctx, h); err != nil {
		return err
	}
	late := int64(0)
	for _, ev := range events {
		if id := leafOf(ev.raw); h.there[id] > 0 {
			h.there[id]--
		} else {
			late++
			raw -= int64(len(ev.raw))
		}
	}
	h.late += late
	e.count(func(r *Result) {
		r.Exported += int64(len(events)) - late
		r.RawBytes += raw
		r.Folders[events[0].folder] += int64(len(events)) - late
	})
	e.o.Progress(int64(len(events)), raw)
	return nil
}

// readHour finds which events are in the log files that the hour's digest names.
func (e *exporter) readHour(ctx context.Context, h *hour) error {
	if h.there != nil || h.was == nil {
		return nil
	}
	h.there = map[leaf]int{}
	for _, log := range h.was.Logs {
		key, ok := strings.CutPrefix(log.Object, e.o.As.Join("").Key)
		if !ok {
			return fmt.Errorf("%s: %w: a digest of log files elsewhere", h.key(), ErrOther)
		}
		packed, _, err := e.to.Get(ctx, key)
		if err != nil {
			return err
		}
		hash := sha256.New()
		d := decode.Decoder{Content: hash}
		_, err = d.File(bytes.NewReader(packed), func(r decode.Record) error {
			if r.Reason == "" {
				h.there[r.Leaf]++
			}
			return ctx.Err()
		})
		if err == nil && hex.EncodeToString(hash.Sum(nil)) != log.Hash {
			err = fmt.Errorf("%s: %w: not the file that its digest names", key, ErrOther)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
