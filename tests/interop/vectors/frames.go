package main

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/share"

	"rpcx-interop/peer"
)

// seq is the sequence number of every frame that is built here.
const seq = 1234567890

// request builds Arith.METHOD with the codec; edit changes it before it is encoded.
func request(method string, codec protocol.SerializeType, args any, edit func(*protocol.Message)) ([]byte, error) {
	payload, err := share.Codecs[codec].Encode(args)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", method, err)
	}
	m := protocol.NewMessage()
	m.SetSeq(seq)
	m.SetSerializeType(codec)
	m.ServicePath, m.ServiceMethod, m.Payload = "Arith", method, payload
	if edit != nil {
		edit(m)
	}
	return m.Encode(), nil
}

func beat(m *protocol.Message) {
	m.SetHeartbeat(true)
	m.SetSeq(0)
	m.ServicePath, m.ServiceMethod = "", ""
	m.Payload = binary.BigEndian.AppendUint64([]byte{0xd3}, 1700000000000000000)
}

func gzip(m *protocol.Message) { m.SetCompressType(protocol.Gzip) }

// frame describes a request frame.
type frame struct {
	meaning, method string
	codec           protocol.SerializeType
	args            any
	edit            func(*protocol.Message)
}

// Pattern of 2000 bytes is above the size from which rpcx compresses.
const compressible = 2000

func frames() map[string]frame {
	args := peer.Args{A: 10, B: 20}
	meta := func(m *protocol.Message) { m.Metadata = map[string]string{"k": "v"} }
	return map[string]frame{
		"mul":       {"Arith.Mul {10, 20}, msgpack", "Mul", protocol.MsgPack, args, nil},
		"meta":      {"Arith.Mul {10, 20}, msgpack, metadata k=v", "Mul", protocol.MsgPack, args, meta},
		"gzip":      {"Arith.Mul {10, 20}, msgpack, payload compressed", "Mul", protocol.MsgPack, args, gzip},
		"json":      {"Arith.Mul {10, 20}, JSON", "Mul", protocol.JSON, args, nil},
		"say":       {"Arith.Say `rpcx`, msgpack", "Say", protocol.MsgPack, "rpcx", nil},
		"raw":       {"Arith.Echo of 4 bytes, no codec", "Echo", protocol.SerializeNone, []byte{0, 1, 254, 255}, nil},
		"raw-empty": {"Arith.Echo of nothing, no codec", "Echo", protocol.SerializeNone, []byte{}, nil},
		"gzip-big":  {"Arith.Echo of 2000 bytes, compressed", "Echo", protocol.SerializeNone, peer.Pattern(compressible), gzip},
		"oneway":    {"Arith.Notify {10, 20}, one way", "Notify", protocol.MsgPack, args, func(m *protocol.Message) { m.SetOneway(true) }},
		"error":     {"Arith.Error {10, 20}", "Error", protocol.MsgPack, args, nil},
		"respmeta":  {"Recorded.Meta {10, 20}: asks for response metadata", "Meta", protocol.MsgPack, args, recorded},
		"heartbeat": {"heartbeat at 1.7e18 ns, seq 0", "", protocol.MsgPack, 0, beat},
		"no-service": {"Nowhere.Mul", "Mul", protocol.MsgPack, args,
			func(m *protocol.Message) { m.ServicePath = "Nowhere" }},
		"no-method":  {"Arith.Nothing", "Nothing", protocol.MsgPack, args, nil},
		"no-codec":   {"Arith.Mul with serialize type 9", "Mul", protocol.MsgPack, args, func(m *protocol.Message) { m.SetSerializeType(9) }},
		"max-seq":    {"Arith.Mul {10, 20}, seq 2^64-1", "Mul", protocol.MsgPack, args, func(m *protocol.Message) { m.SetSeq(^uint64(0)) }},
		"types-nil":  {"Types.Nil {}, msgpack", "Nil", protocol.MsgPack, peer.Empty{}, types},
		"types-echo": {"Types.Echo of peer.Sample(), msgpack", "Echo", protocol.MsgPack, peer.Sample(), types},
		"types-json": {"Types.Echo of peer.Sample(), JSON", "Echo", protocol.JSON, peer.Sample(), types},
		"with-timeout": {"Arith.Mul with __ServerTimeout 2999", "Mul", protocol.MsgPack, args,
			func(m *protocol.Message) { m.Metadata = map[string]string{share.ServerTimeout: "2999"} }},
	}
}

func recorded(m *protocol.Message) { m.ServicePath = "Recorded" }
func types(m *protocol.Message)    { m.ServicePath = "Types" }

// requests are the frames as rpcx encodes them.
func requests() ([]vector, error) {
	all := frames()
	var out []vector
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		data, err := request(f.method, f.codec, f.args, f.edit)
		if err != nil {
			return nil, err
		}
		out = append(out, vector{"frame.request." + name, f.meaning, data})
	}
	return out, nil
}
