// Package archive keeps reports provable: it has the log of record say that one was made
// and what its documents are, keeps what was asked, and checks a document that somebody
// shows.
//
//	archive.go    Record and Keep
//	forms.go      the forms of documents
//	verify.go     Verify: a document, its record, the log, the files, and the answers again
//	differs.go    where two documents differ
package archive
