// Package sqs is the one door to queues of Amazon SQS, and of whatever speaks like it.
//
// A [Queue] hands out messages, and takes back word that they are done with. Who asks
// is decided as for buckets (package s3), whose errors these are, too.
package sqs
