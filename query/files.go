package query

import (
	"context"
	"fmt"

	"tarn/query/internal/duck"
)

// list has the engine told which files the scans read.
func (p *Plan) list() {
	p.files = duck.Files{}
	for i := range p.Scans {
		scan := &p.Scans[i]
		scan.files, scan.without = nil, nil
		for _, seg := range scan.Kept {
			name := scan.Name
			if without := seg.Without(); len(without) > 0 {
				name, scan.without = scan.Name+cutSuffix, append(scan.without, without...)
			}
			file := p.snap.Path(scan.Store.ID, seg)
			scan.files, p.files[name] = append(scan.files, file), append(p.files[name], file)
		}
	}
}

// away reports whether something that the plan reads has to be fetched.
func (p *Plan) away() bool {
	for _, scan := range p.Scans {
		if len(p.snap.Away(scan.Store.ID, scan.Kept)) > 0 {
			return true
		}
	}
	return false
}

// fetch brings what the plan reads to where the engine can read it.
func (p *Plan) fetch(ctx context.Context) error {
	for _, scan := range p.Scans {
		if err := p.snap.Fetch(ctx, scan.Store.ID, scan.Kept); err != nil {
			return corruptAdvice(fmt.Errorf("fetch what the query of %s reads: %w", scan.Store.Name, err))
		}
	}
	return nil
}
