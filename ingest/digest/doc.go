// Package digest checks CloudTrail's own digests, with which AWS signs the log
// files that it has delivered.
//
// A digest file names the log files of an hour with their hashes, and the digest
// before it with that one's hash and signature. So digests form a chain, for each
// trail and region. The signature of a digest is in the metadata of its object in
// S3 and in the digest that follows; who has only a copy of the files can check all
// but the newest.
//
// [Check] reads digests, from the newest to the oldest, and makes a [Book] of what
// they say. The book judges log files one by one. [Signer] writes digests.
package digest
