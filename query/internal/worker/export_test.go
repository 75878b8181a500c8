package worker

import "slices"

// What the tests, which are in another package, need of the inside.

// WallIn shuts this process in.
var WallIn = wallIn

// SetProgram has workers run another program.
func (p *Pool) SetProgram(path string) { p.program = path }

// Workers returns the process ids of the idle workers, first those of what takes long,
// the last used last.
func (p *Pool) Workers() (pids []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range slices.Concat(p.long.warm, p.quick.warm) {
		pids = append(pids, w.cmd.Process.Pid)
	}
	return pids
}
