// Package access says who somebody is that comes over the network, and what they
// may do.
//
// A [Keeper] makes credentials and checks them. There are two kinds. An access key
// is an id and a secret: it signs requests as the AWS SDKs do (package sigv4), or
// is sent as name and password (curl -u). A token is sent as it is (Authorization:
// Bearer). The secret of an access key has to be at hand to check a signature, so
// it is kept sealed, with a key that is not in the lake; of a token only a hash is
// kept. Both are shown once, when they are made.
//
// A credential has one [Role] and, if it is so limited, the stores that it is for.
package access
