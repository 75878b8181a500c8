// Package bench measures what crosses rooms: importing a bucket, asking the
// ten audit questions, verifying. README.md here says how, on which machine,
// and what came out.
package bench
