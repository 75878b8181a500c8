// Package validatelogs asks the AWS command line whether digests that Tarn signs are
// what CloudTrail's are: aws cloudtrail validate-logs, unmodified, against an S3
// server on loopback.
package validatelogs
