// Package background is for work that has time: whoever waits for an answer has the
// processors first.
package background

// Nice is how far it steps back, in the words of the system's scheduler.
const Nice = 15
