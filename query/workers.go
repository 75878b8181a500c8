package query

// Workers returns how many workers of a sandbox run a statement, and how many wait for
// one; none where there is no sandbox.
func (e *Engine) Workers() (busy, idle int) {
	if p, ok := e.duck.(interface{ Load() (busy, idle int) }); ok {
		return p.Load()
	}
	return 0, 0
}
