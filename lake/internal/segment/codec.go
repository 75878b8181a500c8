package segment

import (
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// codec is Arrow's Zstandard with encoders that are kept: Arrow's own pool loses
// them at every garbage collection, and each costs 20 MB anew.
type codec struct {
	compress.Codec
	kept map[zstd.EncoderLevel]chan *zstd.Encoder
}

// keepEncoders puts codec in the place of Arrow's, once for the whole process.
var keepEncoders = sync.OnceValue(func() error {
	arrows, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		return err
	}
	c := codec{Codec: arrows, kept: map[zstd.EncoderLevel]chan *zstd.Encoder{}}
	for l := zstd.SpeedFastest; l <= zstd.SpeedBestCompression; l++ {
		c.kept[l] = make(chan *zstd.Encoder, keptEncoders)
	}
	compress.RegisterCodec(compress.Codecs.Zstd, c)
	return nil
})

// keptEncoders is how many segments are written at a time.
const keptEncoders = 2

// EncodeLevel compresses src into the memory of dst.
func (c codec) EncodeLevel(dst, src []byte, level int) []byte {
	l := zstd.EncoderLevelFromZstd(level)
	var e *zstd.Encoder
	select {
	case e = <-c.kept[l]:
	default:
		// Options that are all valid give no error.
		e, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(l), zstd.WithEncoderConcurrency(1),
			zstd.WithZeroFrames(true), zstd.WithAllLitEntropyCompression(true))
	}
	dst = e.EncodeAll(src, dst[:0])
	select {
	case c.kept[l] <- e:
	default:
	}
	return dst
}
