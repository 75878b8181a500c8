package lake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tarn/lake"
	"tarn/lake/laketest"
)

// An independent client of C2SP's tlog-tiles reads the log's folder as it lies there,
// also as of checkpoints that it got earlier, and finds every entry.
func TestTheLogsFolderIsATiledLog(t *testing.T) {
	p := laketest.NewPlace(t)
	server := httptest.NewServer(http.FileServer(http.Dir(path.Join(p.Dir, "log"))))
	defer server.Close()
	var kept []torchwood.Checkpoint
	fillDay(t, p, "first")
	key := keysOfLake(t, p)[0].Key
	v, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	p.Write(t, func(l *lake.Lake, st lake.Store) {
		for i := range 600 {
			days := 400 + i // an entry each
			if _, err := l.UpdateStore(st.ID, lake.StoreSettings{RetentionDays: days}); err != nil {
				t.Fatal(err)
			}
			if i%37 != 0 && i != 599 {
				continue
			}
			got, err := http.Get(server.URL + "/checkpoint")
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			cp, _, err := torchwood.VerifyCheckpoint(contentOf(t, p, "log/checkpoint"),
				torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(v.Name()), torchwood.SingleVerifierPolicy(v)))
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, cp)
			for _, old := range kept {
				hashesAsOf(t, server.URL, old)
			}
		}
	})
	readAll(t, p, server.URL, kept[len(kept)-1])
	p.Sound(t)
	view, err := lake.View(p.Dir, p.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	for i, newer := range kept {
		for _, older := range kept[:i] {
			proof, err := view.Consistency(older.N, newer.N)
			if err != nil {
				t.Fatal(err)
			}
			var hashes tlog.TreeProof
			for _, h := range proof {
				hashes = append(hashes, h)
			}
			if err := tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash); err != nil {
				t.Errorf("from %d to %d entries: %v", older.N, newer.N, err)
			}
		}
	}
}

// hashesAsOf reads tiles of the tree of a checkpoint. Its partial tiles are there, or
// full ones, which have what they had.
func hashesAsOf(t *testing.T, url string, cp torchwood.Checkpoint) {
	t.Helper()
	for level, n := 0, cp.N; n > 0; level, n = level+1, n>>8 {
		if n%256 == 0 {
			continue
		}
		tile := tlog.Tile{H: 8, L: level, N: n >> 8, W: int(n % 256)}
		full := tile
		full.W = 256
		if there(t, url, tile) || there(t, url, full) {
			continue
		}
		t.Errorf("of the checkpoint of %d entries neither %s nor the full tile is there", cp.N, torchwood.TilePath(tile))
	}
}

func there(t *testing.T, url string, tile tlog.Tile) bool {
	t.Helper()
	got, err := http.Get(url + "/" + torchwood.TilePath(tile))
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	return got.StatusCode == http.StatusOK
}

// readAll has the client fetch and check every entry.
func readAll(t *testing.T, p laketest.Place, url string, cp torchwood.Checkpoint) {
	t.Helper()
	fetcher, err := torchwood.NewTileFetcher(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	p.Read(t, func(s *lake.Snapshot, _ lake.Store) {
		err := s.Log(t.Context(), func(e lake.LogEntry) error { want = append(want, string(e.Payload)); return nil })
		if err != nil {
			t.Fatal(err)
		}
	})
	n := 0
	for i, e := range client.AllEntries(t.Context(), cp.Tree, 0) {
		if string(e) != want[i] {
			t.Fatal(fmt.Sprint("entry ", i, " is ", string(e)))
		}
		n++
	}
	if client.Err() != nil || n != len(want) {
		t.Errorf("the client read %d entries, %v; want %d", n, client.Err(), len(want))
	}
	if _, err := os.Stat(p.Path("log/tile/0/001.p")); err == nil && n > 512 {
		entries, _ := os.ReadDir(p.Path("log/tile/0/001.p"))
		if len(entries) > 0 {
			t.Errorf("%d partial tiles are left of a full one", len(entries))
		}
	}
}
