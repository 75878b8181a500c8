package socket

// Frame lets tests speak as strangers do.
var Frame = frame

// Longest lets tests make longer names.
const Longest = longest
