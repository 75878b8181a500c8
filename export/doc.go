// Package export writes the events of a store as CloudTrail delivers them: log files
// of the raw bytes, gzipped, by account, region and day, and every hour a digest that
// names them with their hashes, signed, with the digest before it.
//
// What is written where is a function of the events: names of log files come from
// their content. So the same export again finds everything there, and writes nothing;
// an export of other events adds to it, and its digests continue the chain. Nothing is
// ever written over. [Run] says what came of every event.
//
// Where it is written is a [Place]: a [Folder], or a [Bucket] in S3.
package export
