package eventgen

import (
	"math/bits"
	"math/rand/v2"
)

// source is a stream of random numbers. Every record has its own, seeded by
// where the record stands and not by what was written before it. So records
// can be made in any order, on any core, and a second time for a copy, and
// are always the same.
type source struct{ rand.PCG }

// start begins the stream that belongs to two numbers.
func (s *source) start(a, b uint64) { s.Seed(mix(a, b), b) }

// n returns a number from 0 up to but not including k.
func (s *source) n(k int) int {
	hi, _ := bits.Mul64(s.Uint64(), uint64(k))
	return int(hi)
}

// percent is true p times in a hundred.
func (s *source) percent(p int) bool { return s.n(100) < p }

// unit returns a number from 0 up to but not including 1.
func (s *source) unit() float64 { return unit(s.Uint64()) }

// skewed returns a number below k that is far more often small than large,
// the way a few users, buckets and functions make most of the traffic.
func (s *source) skewed(k int) int { return skew(s.Uint64(), k) }

func unit(u uint64) float64 { return float64(u>>11) / (1 << 53) }

func skew(u uint64, k int) int {
	f := unit(u)
	return int(f * f * float64(k))
}

// mix hashes two numbers into one that depends on every bit of both.
func mix(a, b uint64) uint64 {
	x := a ^ (b+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// mixText hashes a name into a seed.
func mixText(seed uint64, name string) uint64 {
	for i := range len(name) {
		seed = mix(seed, uint64(name[i]))
	}
	return seed
}
