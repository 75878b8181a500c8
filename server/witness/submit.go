package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tarn/internal/hint"
	"tarn/lake"
)

const (
	// patience is how long one answer of a witness may take.
	patience = 10 * time.Second
	// longestAnswer is more than any signatures take.
	longestAnswer = 64 << 10
	// tries are how often a witness is told another size, when it remembers one that
	// the lake did not know of.
	tries = 3
)

// Result is what became of showing one witness the newest checkpoint.
type Result struct {
	Witness lake.Witness
	// Size is how many entries it remembers now, if Err is nil.
	Size int64
	Err  error
}

// SubmitAll shows all witnesses the newest checkpoint, at the same time.
func SubmitAll(ctx context.Context, l *lake.Lake, all []lake.Witness) []Result {
	results := make([]Result, len(all))
	var g errgroup.Group
	for i, w := range all {
		g.Go(func() error {
			size, err := Submit(ctx, l, w)
			results[i] = Result{w, size, err}
			return nil
		})
	}
	_ = g.Wait() // each has its own error
	return results
}

// Submit shows a witness the newest checkpoint, with the proof that it goes on from
// the one that it signed last, and keeps its signature. The error is lake.ErrForgets
// if the witness remembers what the lake does not have.
func Submit(ctx context.Context, l *lake.Lake, w lake.Witness) (size int64, err error) {
	old := int64(-1)
	for range tries {
		s, err := l.Submission(w)
		if err != nil {
			return 0, err
		}
		if old < 0 {
			old = s.Old
		}
		if old > s.Size {
			return 0, forgets(w, fmt.Sprintf("it has signed %d entries, and the log has %d", old, s.Size),
				"entries were taken away, or an older copy was put in the lake's place")
		}
		a, err := add(ctx, l, w, s, old)
		switch {
		case err != nil:
			return 0, err
		case a.status == http.StatusOK:
			return s.Size, l.KeepCosignature(w, s.Checkpoint, a.body)
		case a.status != http.StatusConflict:
			return 0, a.refused(w)
		}
		was := old
		if old, err = a.size(); err != nil {
			return 0, fmt.Errorf("%w: %s answered with no size: %w", lake.ErrWitness, w.Name(), err)
		}
		if old == was && old == s.Size {
			return 0, forgets(w, fmt.Sprintf("it has signed other entries than these %d", old))
		}
	}
	return 0, fmt.Errorf("%w: %s does not hold to the size that it says itself", lake.ErrWitness, w.Name())
}

// answer is a witness's.
type answer struct {
	status int
	body   []byte
}

// add asks a witness to sign a checkpoint that goes on from the size old.
func add(ctx context.Context, l *lake.Lake, w lake.Witness, s lake.Submission, old int64) (answer, error) {
	proof, err := l.Consistency(old, s.Size)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(w.URL, "/")+"/add-checkpoint", bytes.NewReader(request(old, proof, s.Checkpoint)))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %s does not answer: %w", lake.ErrWitness, w.Name(), err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, longestAnswer))
	return answer{got.StatusCode, body}, err
}

// request is the body of add-checkpoint.
func request(old int64, proof [][32]byte, checkpoint []byte) []byte {
	b := fmt.Appendf(nil, "old %d\n", old)
	for _, h := range proof {
		b = fmt.Appendf(b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	return append(append(b, '\n'), checkpoint...)
}

// size is what a witness remembers that was told another size.
func (a answer) size() (int64, error) {
	text, _ := strings.CutSuffix(string(a.body), "\n")
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && (n < 0 || strconv.FormatInt(n, 10) != text) {
		err = errors.New("not a size")
	}
	return n, err
}

// refused is the error of an answer that is no signature.
func (a answer) refused(w lake.Witness) error {
	said := strings.TrimSpace(strings.ToValidUTF8(string(a.body[:min(len(a.body), 200)]), "?"))
	err := fmt.Errorf("%w: %s refused the checkpoint: %d %s: %q", lake.ErrWitness, w.Name(), a.status, http.StatusText(a.status), said)
	switch a.status {
	case http.StatusUnprocessableEntity:
		return forgets(w, "the log is no continuation of what it signed")
	case http.StatusNotFound, http.StatusForbidden:
		return hint.Add(err, "who runs the witness has to let it know the lake's key: tarn keys public; after a rotation the new one too")
	}
	return err
}

func forgets(w lake.Witness, what string, advice ...string) error {
	return hint.Add(fmt.Errorf("%w: %s, %s", lake.ErrForgets, w.Name(), what),
		append(advice, "tarn verify says whether the lake is whole; keep it as it is, and compare with a backup")...)
}
