package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"tarn/query/internal/duck"
)

// session is a query in a worker. It is a duck.Session.
type session struct {
	pool     *Pool
	worker   *process
	job      *duck.Job // goes with the first request, to save a round
	deadline time.Time

	// Pool.mu guards these:
	late   *time.Timer // moves it to another lane; nil if it is there
	closed bool
}

// call makes a request within the time of the query.
func (s *session) call(ctx context.Context, r request, each func(byte, []byte) error) (reply, error) {
	ctx, cancel := context.WithDeadlineCause(ctx, s.deadline, errLate)
	defer cancel()
	r.Job, s.job = s.job, nil
	tell := duck.Listener(ctx)
	r.Watched = tell != nil && each != nil
	return s.worker.call(ctx, r, shares(tell, each))
}

// shares takes the frames that tell how far a statement has come out of what each gets.
func shares(tell func(float64), each func(byte, []byte) error) func(byte, []byte) error {
	if tell == nil || each == nil {
		return each
	}
	return func(kind byte, payload []byte) error {
		if kind != frameShare {
			return each(kind, payload)
		}
		share, err := strconv.ParseFloat(string(payload), 64)
		if err == nil && share >= 0 && share <= 1 {
			tell(share)
		}
		return err
	}
}

// Describe is duck.Session's.
func (s *session) Describe(ctx context.Context, sql string) ([]duck.Column, error) {
	answer, err := s.call(ctx, request{Do: "describe", Text: sql}, nil)
	return answer.Columns, err
}

// errStop ends a statement whose rows nobody wants any more.
var errStop = errors.New("no more rows are wanted")

// Rows is duck.Session's. To stop before the end ends the worker.
func (s *session) Rows(ctx context.Context, sql string) iter.Seq2[duck.Batch, error] {
	return func(yield func(duck.Batch, error) bool) {
		stopped := false // the error may be that of a context that ended meanwhile
		_, err := s.call(ctx, request{Do: "rows", Text: sql}, func(kind byte, payload []byte) error {
			if kind != frameBatch {
				return fmt.Errorf("a frame %q among rows", kind)
			}
			batch, err := duck.ReadBatch(string(payload))
			if err != nil {
				return err
			}
			if stopped = !yield(batch, nil); stopped {
				return consumerError{errStop}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(duck.Batch{}, err)
		}
	}
}

// Copy is duck.Session's.
func (s *session) Copy(ctx context.Context, w io.Writer, format duck.Format, sql string) (int64, error) {
	answer, err := s.call(ctx, request{Do: "copy", Format: format, Text: sql}, func(kind byte, payload []byte) error {
		if kind != frameData {
			return fmt.Errorf("a frame %q among data", kind)
		}
		if _, err := w.Write(payload); err != nil {
			return consumerError{err}
		}
		return nil
	})
	return answer.Count, err
}

// Close is duck.Session's. In the worker the next query ends this one.
func (s *session) Close() error {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.late != nil {
		s.late.Stop()
	}
	return s.pool.give(s.worker)
}
