// Package bucket keeps a lake's sealed files in object storage, where a lock may hold
// them that no administrator opens.
//
//	place.go    which stores lie in which bucket
//	push.go     puts there what is not there yet, locks it, and the log of record behind it
//	expire.go   removes there what has expired
//	drop.go     lets go of the copies on disk
//	cache.go    fetches what is asked for, checked, into a folder of bounded size
//	mirror.go   follows the log in a bucket, for a machine that has nothing else
//
// Names in the bucket are those in the lake's folder (lake/FORMAT.md). Nothing there is
// ever written over: what is found is what the log of record has the hash of, whoever put
// something else over it.
package bucket
