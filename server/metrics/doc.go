// Package metrics counts what a server does, and writes that as Prometheus reads it
// (text exposition format 0.0.4). The format is a few lines; the client library for it
// would bring eleven modules.
package metrics
