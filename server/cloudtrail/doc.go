// Package cloudtrail is CloudTrail Lake's API: what can be asked for by name, without
// what it travels on. An operation takes the JSON of its input and returns what its
// output is to be; its errors are package fault's. Shapes, limits and names are AWS's,
// so that clients made for CloudTrail find what they know.
//
//	api.go     the table of operations, and how one is called
//	input.go   an input is read, and checked against the bounds in its tags
//	page.go    lists go out in pages
//	…          a file for each kind of thing that there is
//
// What somebody may not know of is not there for them: operations look at the lake
// through seen and store, and nowhere else.
package cloudtrail
