// Package sigv4 checks AWS Signature Version 4, with which the AWS SDKs and the
// AWS command line sign their requests, and signs with it.
//
// A request is checked by signing it again, with the secret that belongs to its
// access key, and comparing. [Parse] tells whose it says it is, [Signature.Check]
// whether it is. What is not signed can be changed on the way, so everything that
// says what is asked must be: method, path, query, body, host, date and all other
// headers whose names begin with x-amz.
//
// It takes signatures in the Authorization header. Not those in a URL, which are
// passed on, nor of bodies in chunks or without hash.
package sigv4
