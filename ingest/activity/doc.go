// Package activity makes activity events of audit events that do not come from
// AWS, as CloudTrail Lake has them: eventCategory ActivityAuditLog, the audit
// event in eventData.
//
// Two ways lead here. [AuditEvents] takes a body of PutAuditEvents, whose events
// have that form already; it checks each as AWS does. A [Map] says for the audit
// log of another program which of its members feed which field of eventData; it
// is a short list, not a program. Maps for well-known sources are built in
// ([Maps]), and anybody can write another ([ParseMap]).
//
// Records are a function of what came in: the same audit event makes the same
// bytes and the same id, so that it is a duplicate when it comes again. Therefore
// metadata.ingestionTime, which AWS adds, is left out; the log of record tells
// when an event came. What came in stands in the record with every byte as it
// was: [Original] returns it.
package activity
