// Package s3 is the one door to object storage: Amazon S3, and whatever speaks
// like it.
//
// A [Client] lists, reads and writes objects, and locks them (Object Lock). Who
// asks, and where, is decided as AWS's own programs decide it (environment,
// profile, role of the machine), and by [Settings]. Requests are sent again
// with growing pauses where the service throttles, fails or stalls, and an object
// that breaks off is read on from there. What cannot be done comes back as one of
// the errors of this package, with advice for a person (package hint).
//
// All methods may be called from several goroutines.
package s3
