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
// nothing else to do they lose nothing, and else a thirtieth of what one other gets.
const longNice = 15

// lane is workers for what is of a kind: small questions do not wait for long ones, for
// a worker or for a processor.
type lane struct {
	nice  int
	setup func(folders []string) setup
	turns *semaphore.Weighted // one for each worker that is busy
	most  int

	// Pool.mu guards these:
	warm []*process // the last used is the last
	busy int
}

func newLane(workers, nice int, setup func([]string) setup) *lane {
	return &lane{nice: nice, setup: setup, turns: semaphore.NewWeighted(int64(workers)), most: workers}
}

// laneOf is where a query begins.
func (p *Pool) laneOf(job duck.Job) *lane {
	if job.Bytes > longBytes {
		return p.long
	}
	return p.quick
}

// take waits for a turn in the lane and returns a worker with these grants: a warm one,
// or a new one, for which the one that has been idle longest may have to go.
func (p *Pool) take(ctx context.Context, l *lane, folders []string) (*process, error) {
	if err := l.turns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	worker, old, err := p.reuse(l, duck.Grants(folders))
	if old != nil {
		err = old.end()
	}
	if err == nil && worker == nil {
		worker, err = l.start(ctx, p.program, folders)
	}
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.busy--
		l.turns.Release(1)
	}
	return worker, err
}

// start starts a worker of the lane.
func (l *lane) start(ctx context.Context, program string, folders []string) (*process, error) {
	worker, err := start(ctx, program, l.setup(folders))
	if err != nil {
		return nil, err
	}
	worker.lane = l
	worker.stepBack(l.nice)
	return worker, nil
}

// reuse counts a query and returns a warm worker for it, or the worker that has
// to end before there is room for a new one, or neither.
func (p *Pool) reuse(l *lane, grants string) (worker, old *process, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.busy++
	if p.closed {
		return nil, nil, errClosed
	}
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

// give takes a worker back. One that is worn ends. The caller holds mu.
func (p *Pool) give(w *process) error {
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
	s.worker.stepBack(p.long.nice)
	return p.long.spare()
}

// stepBack lets others have the processors first, before all its threads. Where the
// system does not do that, it works all the same.
func (p *process) stepBack(nice int) {
	if nice > 0 {
		_ = unix.Setpriority(unix.PRIO_PGRP, p.cmd.Process.Pid, nice)
	}
}
