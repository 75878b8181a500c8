package confine

// Immutable does nothing: there is no such capability here.
func Immutable() error { return nil }
