// Package s3test runs a real S3 server, versitygw, on loopback for tests: with
// versions, Object Lock, signatures and bucket policies, in a process of its own.
//
// A package of tests calls [Main] in its TestMain, and [Start] where it needs a
// server. What goes wrong between a client and a server goes wrong in [Server.Faulty].
package s3test
