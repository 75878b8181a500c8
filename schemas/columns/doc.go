// Package columns turns raw events into Parquet columns by the tables of package
// schemas. The columns of a segment are a function of its raw events and of
// nothing else, so that whoever doubts a column can compute it again.
//
// The rules, for values that are not what a column expects: a value of another
// shape (an object where text is expected, text where a map is) is NULL; a
// number or truth value in a text column is its JSON text; "true" and "false"
// in quotes are truth values; a null is NULL, in a map it is a key without
// value; nested values in a map are compact JSON text; of repeated keys the
// first wins, also if its value is of another shape; names and keys are compared
// unescaped, names of members without case; a list of more than 10,000 elements
// is NULL; a lone surrogate becomes U+FFFD. The whole truth stays in eventjson.
//
// These are the rules of version [Rules]. A segment's log entry names the version
// that made its columns, so that they can be computed again.
package columns

// Rules is the version of the rules above. Whatever changes a column of an event
// that can occur raises it.
const Rules = 1
