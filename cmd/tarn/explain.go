package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tarn/internal/progress"
	"tarn/lake"
	"tarn/query"
)

// explain prints what would be read, and what is left out and why.
func (a *app) explain(ctx context.Context, engine *query.Engine, snap *lake.Snapshot, sql, format string) error {
	plan, err := engine.Explain(ctx, snap, sql)
	if err != nil {
		return err
	}
	if format == "json" {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(planOf(plan))
	}
	if _, err := io.WriteString(a.out, plan.String()); err != nil {
		return err
	}
	for _, s := range plan.Scans {
		tellKept(a.out, s)
	}
	return nil
}

// shownSegments is how many of the segments to be read are named.
const shownSegments = 10

func tellKept(w io.Writer, s query.Scan) {
	if len(s.Kept) == 0 {
		return
	}
	fmt.Fprintf(w, "%s reads:\n", s.Name)
	for i, seg := range s.Kept {
		if i == shownSegments {
			fmt.Fprintf(w, "  ... and %s more\n", counted(int64(len(s.Kept)-i), "segment"))
			break
		}
		fmt.Fprintf(w, "  %s  %s to %s  %s, %s\n", seg.ID, seg.MinTime.UTC().Format(time.DateTime),
			seg.MaxTime.UTC().Format(time.DateTime), counted(seg.Rows, "event"), progress.Bytes(seg.Parquet.Bytes))
	}
}

// planned is a plan for programs.
type planned struct {
	LogSize int64         `json:"log_size"`
	Scans   []plannedScan `json:"scans"`
	SQL     string        `json:"sql"`
}

type plannedScan struct {
	Name     string           `json:"name"`
	Source   string           `json:"source"`
	Where    string           `json:"where"`
	Filters  []query.Filter   `json:"filters"`
	Kept     []plannedSegment `json:"kept"`
	ByTime   []plannedSegment `json:"left_out_by_time"`
	ByNeedle []plannedSegment `json:"left_out_by_needle"`
	Counted  []plannedSegment `json:"answered_by_log"`
	Beyond   []plannedSegment `json:"left_out_by_order"`
}

type plannedSegment struct {
	ID    string    `json:"id"`
	Day   string    `json:"day"`
	Rows  int64     `json:"events"`
	Bytes int64     `json:"bytes"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

func planOf(p *query.Plan) planned {
	out := planned{LogSize: p.LogSize, Scans: []plannedScan{}, SQL: strings.TrimSpace(p.SQL)}
	for _, s := range p.Scans {
		out.Scans = append(out.Scans, plannedScan{
			Name: s.Name, Source: s.Source(), Where: s.Why, Filters: append([]query.Filter{}, s.Filters...),
			Kept: segmentsOf(pointers(s.Kept)), ByTime: segmentsOf(s.ByTime), ByNeedle: segmentsOf(s.ByNeedle), Counted: segmentsOf(s.Counted), Beyond: segmentsOf(s.Beyond),
		})
	}
	return out
}

func pointers(all []lake.Segment) (to []*lake.Segment) {
	for i := range all {
		to = append(to, &all[i])
	}
	return to
}

func segmentsOf(all []*lake.Segment) []plannedSegment {
	out := []plannedSegment{}
	for _, seg := range all {
		out = append(out, plannedSegment{seg.ID, seg.Day, seg.Rows, seg.Parquet.Bytes, seg.MinTime, seg.MaxTime})
	}
	return out
}
