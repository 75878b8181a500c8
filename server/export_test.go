package server

// Bounds that tests make shorter, before a server listens.
var (
	EndTime     = &endTime
	BodyTime    = &bodyTime
	SlowTime    = &slowTime
	Connections = &connections
)
