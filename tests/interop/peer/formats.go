package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/share"
)

// The numbers of formats that rpcx leaves to its users.
const (
	// Four is JSON under the number of thrift, as in the official examples of a codec of one's own.
	Four = protocol.Thrift
	// Prefixed is JSON behind the text of prefix.
	Prefixed = protocol.SerializeType(9)
	// Snappy and Zstd have the numbers that the Rust side gives them.
	Snappy = protocol.CompressType(2)
	Zstd   = protocol.CompressType(3)
)

var prefix = []byte("v1:")

// RegisterFormats makes them known to this process. With four the number of thrift is no longer thrift.
func RegisterFormats(four bool) {
	share.RegisterCodec(Prefixed, prefixedJSON{})
	if four {
		share.RegisterCodec(Four, plainJSON{})
	}
	protocol.Compressors[Snappy] = &protocol.SnappyCompressor{}
	protocol.Compressors[Zstd] = zstdCompressor{}
}

type plainJSON struct{}

func (plainJSON) Encode(v any) ([]byte, error)    { return json.Marshal(v) }
func (plainJSON) Decode(data []byte, v any) error { return json.Unmarshal(data, v) }

type prefixedJSON struct{}

func (prefixedJSON) Encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	return append(bytes.Clone(prefix), data...), err
}

func (prefixedJSON) Decode(data []byte, v any) error {
	rest, found := bytes.CutPrefix(data, prefix)
	if !found {
		return errors.New("no prefix")
	}
	return json.Unmarshal(rest, v)
}

type zstdCompressor struct{}

func (zstdCompressor) Zip(data []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	defer encoder.Close()
	return encoder.EncodeAll(data, nil), nil
}

func (zstdCompressor) Unzip(data []byte) ([]byte, error) {
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	defer decoder.Close()
	return decoder.DecodeAll(data, nil)
}
