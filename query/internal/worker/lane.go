package worker

import (
	"context"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"tarn/query/internal/duck"
)

// longBytes is how much the files of a query have that takes long. That is a guess: it
// may read a column alone. One that is quick for all that loses little.
const longBytes = 64 << 20

// longNice is how much the workers step back whose queries take long: where there is
// nothing else to do they lose nothing, and else get a third of what others do.
const longNice = 5

// lane is workers for queries of a kind: small questions do not wait for long ones, for
// a worker or for a processor.
type lane struct {
	nice  int
	turns *semaphore.Weighted // one for each query that runs
	most  int

	warm []*process // the last used is the last
	busy int
}

func newLane(workers, nice int) *lane {
	return &lane{nice: nice, turns: semaphore.NewWeighted(int64(workers)), most: workers}
}

// laneOf is where a query begins.
func (p *Pool) laneOf(job duck.Job) *lane {
	if job.Bytes > longBytes {
		return p.long
	}
	return p.quick
}

// take returns a worker of the lane with these grants: a warm one, or a new one, for
// which the one that has been idle longest may have to go.
func (p *Pool) take(ctx context.Context, l *lane, folders []string) (*process, error) {
	worker, old, err := p.reuse(l, duck.Grants(folders))
	if err != nil || worker != nil {
		return worker, err
	}
	if old != nil {
		err = old.end()
	}
	if err == nil {
		worker, err = start(ctx, p.program, p.setup(folders, p.memory))
	}
	if err == nil {
		worker.lane = l
		err = worker.stepBack(l.nice)
	}
	if err != nil {
		p.mu.Lock()
		l.busy--
		p.mu.Unlock()
	}
	return worker, err
}

// reuse counts a query and returns a warm worker for it, or the worker that has
// to end before there is room for a new one, or neither.
func (p *Pool) reuse(l *lane, grants string) (worker, old *process, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, errClosed
	}
	l.busy++
	for i := len(l.warm) - 1; i >= 0; i-- {
		if w := l.warm[i]; w.grants == grants {
			l.warm = append(l.warm[:i], l.warm[i+1:]...)
			return w, nil, nil
		}
	}
	return nil, l.spare(), nil
}

// spare takes the worker out that has been idle longest, if there are too many. The
// caller holds the pool's mu.
func (l *lane) spare() *process {
	if l.busy+len(l.warm) <= l.most || len(l.warm) == 0 {
		return nil
	}
	old := l.warm[0]
	l.warm = l.warm[1:]
	return old
}

// give takes a session's worker back, once. One that is worn ends.
func (p *Pool) give(s *session) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.late != nil {
		s.late.Stop()
	}
	w := s.worker
	l := w.lane
	defer l.turns.Release(1)
	l.busy--
	if p.closed || w.worn() {
		return w.end()
	}
	l.warm = append(l.warm, w)
	return nil
}

// move has a query go on in the lane for what takes long, as soon as there is a turn.
func (s *session) move() {
	if old := s.pool.move(s); old != nil {
		_ = old.end() // the folder that is left is swept up by the next pool
	}
}

// move returns a worker that has to go for it.
func (p *Pool) move(s *session) (old *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.closed || p.closed {
		return nil
	}
	if !p.long.turns.TryAcquire(1) {
		s.late.Reset(p.options.LongAfter)
		return nil
	}
	s.worker.lane = p.long
	p.quick.busy--
	p.long.busy++
	p.quick.turns.Release(1)
	_ = s.worker.stepBack(p.long.nice) // one that does not does its work all the same
	return p.long.spare()
}

// stepBack lets others have the processors first, with all its threads.
func (p *process) stepBack(nice int) error {
	if nice == 0 {
		return nil
	}
	return unix.Setpriority(unix.PRIO_PGRP, p.cmd.Process.Pid, nice)
}
