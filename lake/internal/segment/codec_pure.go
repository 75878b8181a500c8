//go:build !cgo

package segment

import "github.com/klauspost/compress/zstd"

// inGo is for programs without C. They hardly write segments.
type inGo map[zstd.EncoderLevel]*zstd.Encoder

func newCompressor() compressor { return inGo{} }

func (c inGo) compress(dst, src []byte, level int) (_ []byte, err error) {
	l := zstd.EncoderLevelFromZstd(level)
	if c[l] == nil {
		c[l], err = zstd.NewWriter(nil, zstd.WithEncoderLevel(l), zstd.WithEncoderConcurrency(1),
			zstd.WithZeroFrames(true), zstd.WithAllLitEntropyCompression(true))
		if err != nil {
			return nil, err
		}
	}
	return c[l].EncodeAll(src, dst[:0]), nil
}
