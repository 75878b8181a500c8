package segment

import (
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// codec is Arrow's Zstandard with compressors that are kept: Arrow's own pool loses
// them at every garbage collection, and each costs megabytes anew.
type codec struct {
	compress.Codec
	kept chan compressor
}

// A compressor compresses one text at a time, into the memory of dst if that is large
// enough.
type compressor interface {
	compress(dst, src []byte, level int) ([]byte, error)
}

// keepEncoders puts codec in the place of Arrow's, once for the whole process.
var keepEncoders = sync.OnceValue(func() error {
	arrows, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		return err
	}
	compress.RegisterCodec(compress.Codecs.Zstd, codec{arrows, make(chan compressor, keptEncoders)})
	return nil
})

// keptEncoders is how many segments are written at a time.
const keptEncoders = 2

// EncodeLevel compresses src into the memory of dst.
func (c codec) EncodeLevel(dst, src []byte, level int) []byte {
	var e compressor
	select {
	case e = <-c.kept:
	default:
		e = newCompressor()
	}
	out, err := e.compress(dst, src, level)
	if err != nil { // it has no memory
		return c.Codec.EncodeLevel(dst, src, level)
	}
	select {
	case c.kept <- e:
	default:
	}
	return out
}
