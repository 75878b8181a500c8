// Package control has what reports ask: controls, each a question with what is expected
// of its answer, and packs, which say which controls a framework wants and under which
// of its numbers.
//
//	control.go         a control, and how its file is written
//	expect.go          what may be expected of an answer
//	pack.go            packs
//	library.go         those that come with Tarn, and a user's own beside them
//	acknowledge.go     findings that somebody has seen and said why they are right
//	controls/, packs/  those that come with Tarn
//
// A control is a file ID.sql: a head of comments and one SELECT, as sample queries have
// it (package query/samples), with $store, $from, $to and a $name for each parameter.
//
//	-- Nobody signs in as root                          its title
//	-- why: root may do everything, and …
//	-- do: ask who it was; …
//	-- severity: critical                               critical, high, medium or low
//	-- expect: no rows                                  see [Expectation]
//	-- needs: Data                                      a category of events without which there is no answer
//	-- param most number = 5: how many are usual        as in sample queries
//	SELECT eventTime, eventID, …
//
// A pack is a file ID.pack of lines: "title: …", "framework: …", "about: …" once each
// (about may be several), and "control ID: NUMBER, NUMBER" for each control, in the
// order of the report. Empty lines and those with a # first do not count.
package control
