package lake

import "unicode/utf8"

// By is who did what an entry of the log tells: a user of the operating system, as
// the process knows itself, or as the kernel says who is on the other side of a
// server's socket. It is what the writer says; nobody signs for themselves.
type By struct {
	UID  int    `json:"uid"`
	User string `json:"user,omitempty"` // the name that the id has there and then
}

// longestUser is how much of a user's name the log takes.
const longestUser = 64

// As returns the lake for acts of somebody else: what is done by way of it is by
// them. It is the same lake, and is closed once.
func (l *Lake) As(who By) *Lake {
	if len(who.User) > longestUser {
		who.User = who.User[:longestUser]
	}
	if !utf8.ValidString(who.User) {
		who.User = ""
	}
	return &Lake{l.core, &who}
}
