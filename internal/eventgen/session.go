package eventgen

// assume makes a principal the caller. Its session, key and address follow
// from the principal and the time alone; nothing is remembered, and yet a
// session lasts for hours with one name and one key.
func (m *maker) assume(w *principal) {
	c, l := &m.caller, m.rec.lane
	c.who = w
	slot, host, turn := uint64(0), w.home, w.seed
	if w.sessions > 0 {
		slot = mix(w.seed+m.rec.burst, uint64(m.src.n(2))) % uint64(w.sessions)
		if !w.hops {
			host = mix(w.seed+slot, l.seed)
		}
		turn = m.turn(w, slot, host)
	}
	c.key = append(c.key, w.key...)
	if w.key == "" {
		c.key = appendKeyID(c.key, "ASIA", turn, 20)
	}
	c.arn = append(c.arn, w.arn...)
	if w.kind == assumedRole {
		c.session = m.appendSessionName(c.session, w, host, turn)
		c.arn = append(c.arn, c.session...)
	}
	c.address = m.appendAddress(c.address, w, host, turn)
}

// turn finds the session that is running in a slot: when it began, and a
// number that stands for it.
func (m *maker) turn(w *principal, slot, host uint64) uint64 {
	// Programs renew their keys at any time of day, people come to work.
	offset := int64(mix(host, slot) % uint64(w.lasting))
	if w.hops {
		offset = w.lasting - 5*hour - int64(mix(host, slot)%(90*minute))
	}
	nth := (m.rec.at + offset) / w.lasting
	m.caller.since = nth*w.lasting - offset
	return mix(mix(w.seed, host), uint64(nth)<<8+slot)
}

func (m *maker) appendSessionName(b []byte, w *principal, host, turn uint64) []byte {
	switch w.naming {
	case byInstance:
		machines := m.rec.lane.world[kindInstance]
		return append(b, machines[host%uint64(len(machines))]...)
	case byTask:
		s := source{}
		s.start(turn, host)
		return appendFrom(b, &s, lowerHex, 32)
	case byClock:
		b = append(b, "botocore-session-"...)
		return appendDecimal(b, uint64(m.caller.since))
	case byRun:
		b = append(b, "run-"...)
		return appendDecimal(b, 17_000_000_000+turn%900_000_000)
	}
	return append(b, w.label...)
}

// appendAddress adds where the principal's requests come from. All addresses
// are from the ranges reserved for documentation, or private.
func (m *maker) appendAddress(b []byte, w *principal, host, turn uint64) []byte {
	switch {
	case w.service != "":
		return append(b, w.service...)
	case w.hops:
		return m.appendPersonal(b, w)
	case w.private:
		return appendPrivate(b, host)
	case w.class == deploy:
		return appendPublic(b, "192.0.2.", turn>>8, 100)
	}
	return appendPublic(b, "203.0.113.", host>>8, 100)
}

// appendPersonal adds a person's address of the day: the office, their home,
// or now and then a telephone.
func (m *maker) appendPersonal(b []byte, w *principal) []byte {
	at := m.rec.at
	today := mix(w.home, uint64(at/day)) % 100
	switch {
	case today >= 95:
		b = append(b, "2001:db8:"...)
		for i := range 3 {
			b = append(b, lowerHex[1+w.home>>(8*i)%15], lowerHex[today%16], lowerHex[w.home>>(8*i+4)%16], ':')
		}
		return append(b, ":1"...)
	case today < 70 && people(at/hour) > peopleShare/4:
		return appendPublic(b, "192.0.2.", w.home%2+16, 100)
	}
	return appendPublic(b, "198.51.100.", w.home, 150)
}

// appendPublic adds an address with a last number from 1 to limit; the story
// has the higher ones for itself.
func appendPublic(b []byte, network string, u uint64, limit uint64) []byte {
	return appendDecimal(append(b, network...), 1+u%limit)
}
