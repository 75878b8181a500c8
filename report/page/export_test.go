package page

// Visible is how a text stands on a page, without the marks around numbers.
func Visible(s string) string { return plain(s, unseen) }
