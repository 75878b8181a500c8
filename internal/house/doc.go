// Package house holds the rules of this repository as tests, and nothing else.
//
//   - floors_test.go: which package may import which, and which outside
//     packages come in through which door
//   - size_test.go: how long a file and a function may be
//   - doc_test.go: what must be documented, and what code must not do
//   - root_test.go: what may lie at the root
//   - words_test.go: what no file may say
//
// Each rule is a function from what was found to a list of complaints, and is
// itself tested with something that breaks it. A rule that no longer fits is
// changed here, in its table, and the reason goes into an ADR.
package house
