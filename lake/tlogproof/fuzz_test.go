package tlogproof_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"tarn/lake/tlogproof"
)

// Whatever anybody makes of a proof, it holds for the one event that is in the log,
// or it does not hold; and what is read is written the same again.
func FuzzCheck(f *testing.F) {
	var all []made
	for _, kind := range []string{"commit", "journal"} {
		all = append(all, prove(f, 5, 3, 7, kind))
		f.Add(all[len(all)-1].proof(f), all[len(all)-1].event)
	}
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"), []byte{})
	keys, err := tlogproof.ParseKeys(all[0].keys + "\n" + all[1].keys)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, proof, event []byte) {
		file, err := tlogproof.Parse(proof)
		if err == nil && !bytes.Equal(file.Format(), proof) {
			t.Errorf("%q is read, and written as %q", proof, file.Format())
		}
		s, err := tlogproof.Check(proof, event, keys)
		if err != nil {
			if !errors.Is(err, tlogproof.ErrNotProven) {
				t.Errorf("%v; want ErrNotProven", err)
			}
			return
		}
		// The other events of the segments may be proven, too, but nobody has their paths.
		if line := bytes.TrimRight(event, "\r\n"); !bytes.Equal(line, all[0].event) || s.Row != 3 {
			t.Errorf("%q is proven by %q", event, proof)
		}
	})
}

// FuzzExtra packs what comes as an entry, and reads the whole.
func FuzzExtra(f *testing.F) {
	m := prove(f, 5, 3, 7, "commit")
	extra, err := m.inner.Format()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(extra[:len(extra)-4])
	f.Add([]byte("TARNEVP1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		// With a good sum, so that what is behind it is reached.
		sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
		n, err := tlogproof.ParseInner(binary.LittleEndian.AppendUint32(bytes.Clone(body), sum))
		if err != nil {
			return
		}
		if n.Row < 0 || n.Row >= n.Rows || len(n.Entry) > 65_535 || len(n.Path) > 63 {
			t.Errorf("%+v", n)
		}
		again, err := n.Format()
		if err != nil {
			t.Fatal(err)
		}
		if o, err := tlogproof.ParseInner(again); err != nil || o.Row != n.Row || !bytes.Equal(o.Entry, n.Entry) {
			t.Errorf("%+v, %v; want %+v", o, err, n)
		}
	})
}

// A few bytes that would become gigabytes, and files without end.
func TestNothingGrowsWithoutBound(t *testing.T) {
	m := prove(t, 1, 0, 1, "commit")
	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, flate.BestCompression)
	for range 1 << 8 {
		if err == nil {
			_, err = w.Write(make([]byte, 1<<20))
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	extra, err := m.inner.Format()
	if err != nil {
		t.Fatal(err)
	}
	body := append(bytes.Clone(extra[:29]), bomb.Bytes()...)
	sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
	if got := testing.AllocsPerRun(1, func() {
		if _, err := tlogproof.ParseInner(binary.LittleEndian.AppendUint32(body, sum)); err == nil {
			t.Error("a bomb is an entry")
		}
	}); got > 200 {
		t.Errorf("%v allocations for a bomb", got)
	}
	keys, err := tlogproof.ParseKeys(m.keys)
	if err != nil {
		t.Fatal(err)
	}
	long := append(m.proof(t), strings.Repeat("x", tlogproof.MaxFile)...)
	if _, err := tlogproof.Check(long, m.event, keys); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a long proof: %v", err)
	}
}
