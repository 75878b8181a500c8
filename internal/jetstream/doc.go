// Package jetstream is the one door to streams of NATS JetStream.
//
// A [Queue] is a durable consumer of a stream: it hands out messages until somebody says
// that they are done with.
package jetstream
