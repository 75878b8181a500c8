// Package awsapi has AWS's own clients speak to a running tarn serve: the SDKs for Go
// and, where they are there, boto3 and the AWS command line. None of them is changed.
package awsapi
