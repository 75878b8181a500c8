// Package report answers an auditor's questions again and again: a control is a
// question with what is expected of its answer, a pack is the controls of a framework,
// and a report is what came of a pack over the events of some days.
//
//	report.go          what a report says
//	control            controls and packs: how they are written, and those that come with Tarn
//	page               a report as a document: HTML, PDF, CSV, JSON
//
// A report says nothing that cannot be looked up: each finding has the ids of events,
// and the report the checkpoint of the log that it stands on.
package report
