package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/share"

	"rpcx-interop/peer"
)

// Shapes that only the vectors need.
type (
	base     struct{ ID int64 }
	Embedded struct {
		base
		*peer.Args
		Name string
	}
	Tagged struct {
		UserID int64  `msgpack:"user_id" json:"user_id"`
		Note   string `msgpack:",omitempty" json:",omitempty"`
		Hidden string `msgpack:"-" json:"-"`
	}
	AsArray struct {
		_msgpack struct{} `msgpack:",as_array"`
		A, B     int
	}
	Pointer struct{ P *peer.Args }
	Times   struct {
		T time.Time
		D time.Duration
	}
	TransferArgs = share.FileTransferArgs
)

// value is something to encode; both says that JSON is of interest too.
type value struct {
	name, meaning string
	value         any
	both          bool
}

func payloads() ([]vector, error) {
	var out []vector
	for _, v := range slicesOf(numbers(), texts(), times(), structs()) {
		data, err := share.Codecs[protocol.MsgPack].Encode(v.value)
		if err != nil {
			return nil, fmt.Errorf("msgpack of %s: %w", v.name, err)
		}
		out = append(out, vector{"msgpack." + v.name, v.meaning, data})
		if !v.both {
			continue
		}
		if data, err = share.Codecs[protocol.JSON].Encode(v.value); err != nil {
			return nil, fmt.Errorf("json of %s: %w", v.name, err)
		}
		out = append(out, vector{"json." + v.name, v.meaning, data})
	}
	return out, nil
}

func slicesOf(groups ...[]value) (all []value) {
	for _, group := range groups {
		all = append(all, group...)
	}
	return all
}

// numbers: int and uint take the shortest form, every sized type its full width.
func numbers() []value {
	var all []value
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64,
		-1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64} {
		all = append(all, value{"int." + number(n), fmt.Sprintf("int %d", n), n, false})
	}
	for _, n := range []uint{0, 127, 128, 256, 65536, math.MaxUint32 + 1, math.MaxUint64} {
		all = append(all, value{fmt.Sprintf("uint.%d", n), fmt.Sprintf("uint %d", n), n, false})
	}
	return append(all,
		value{"i8.5", "int8 5", int8(5), false}, value{"i8.min", "int8 -128", int8(math.MinInt8), false},
		value{"i16.5", "int16 5", int16(5), false}, value{"i16.min", "int16 -32768", int16(math.MinInt16), false},
		value{"i32.5", "int32 5", int32(5), false}, value{"i32.min", "int32 -2147483648", int32(math.MinInt32), false},
		value{"i64.5", "int64 5", int64(5), false}, value{"i64.min", "int64 -9223372036854775808", int64(math.MinInt64), false},
		value{"u8.5", "uint8 5", uint8(5), false}, value{"u8.max", "uint8 255", uint8(math.MaxUint8), false},
		value{"u16.5", "uint16 5", uint16(5), false}, value{"u16.max", "uint16 65535", uint16(math.MaxUint16), false},
		value{"u32.5", "uint32 5", uint32(5), false}, value{"u32.max", "uint32 4294967295", uint32(math.MaxUint32), false},
		value{"u64.5", "uint64 5", uint64(5), false}, value{"u64.max", "uint64 18446744073709551615", uint64(math.MaxUint64), false},
		value{"f32.1.5", "float32 1.5", float32(1.5), false}, value{"f64.-2.25", "float64 -2.25", -2.25, false},
		value{"bool.true", "true", true, false}, value{"bool.false", "false", false, false},
	)
}

// number spells a number without a sign in the name of a vector.
func number(n int) string { return strings.Replace(fmt.Sprint(n), "-", "minus", 1) }

func texts() []value {
	var none []byte
	var noStrs []string
	var noMap map[string]int64
	var noPtr *peer.Args
	long := strings.Repeat("x", 300)
	return []value{
		{"str.empty", "empty string", "", true}, {"str.31", "string of 31 x", long[:31], false},
		{"str.32", "string of 32 x", long[:32], false}, {"str.255", "string of 255 x", long[:255], false},
		{"str.256", "string of 256 x", long[:256], false}, {"str.utf8", "grüße, 世界", "grüße, 世界", true},
		{"str.html", "JSON escapes these", "<a href=\"b\">&</a>\n", true},
		{"bytes.nil", "nil []byte", none, true}, {"bytes.empty", "empty []byte", []byte{}, true},
		{"bytes.4", "[]byte 00 01 fe ff", []byte{0, 1, 254, 255}, true}, {"bytes.256", "[]byte of 256, i % 251", peer.Pattern(256), false},
		{"array4", "[4]byte 1 2 3 4", [4]byte{1, 2, 3, 4}, true},
		{"slice.nil", "nil []string", noStrs, true}, {"slice.empty", "empty []string", []string{}, true},
		{"slice.3", "[]string a, empty, c", []string{"a", "", "c"}, true}, {"slice.16", "[]int8 of 16 times 1", ones(16), false},
		{"map.nil", "nil map[string]int64", noMap, true}, {"map.empty", "empty map[string]int64", map[string]int64{}, true},
		{"map.1", "map[string]int64 k: -7", map[string]int64{"k": -7}, true},
		{"map.int", "map[int64]string -1: minus one", map[int64]string{-1: "minus one"}, true},
		{"pointer.nil", "nil *Args", noPtr, true}, {"pointer", "*Args {10, 20}", &peer.Args{A: 10, B: 20}, true},
	}
}

func ones(n int) []int8 {
	all := make([]int8, n)
	for i := range all {
		all[i] = 1
	}
	return all
}

func times() []value {
	at := func(seconds, nanos int64) time.Time { return time.Unix(seconds, nanos).UTC() }
	return []value{
		{"time.1700000000", "time 1700000000 s", at(1700000000, 0), true},
		{"time.1700000000.123", "time 1700000000.123 s", at(1700000000, 123000000), true},
		{"time.zero", "zero time: 0001-01-01T00:00:00Z", time.Time{}, true}, {"time.epoch", "time 0 s", at(0, 0), true},
		{"time.before-epoch", "time -1 s", at(-1, 0), true}, {"time.2^34", "time 2^34 s: past the 8 byte form", at(1<<34, 1), true},
		{"duration.1s", "Duration 1 s, in nanoseconds", time.Second, true},
		{"duration.minus1ns", "Duration -1 ns", time.Duration(-1), true},
		{"struct.times", "{T: 1700000000 s, D: 90 s}", Times{at(1700000000, 0), 90 * time.Second}, true},
	}
}

func structs() []value {
	args := peer.Args{A: 10, B: 20}
	return []value{
		{"args", "Args {A: 10, B: 20}", args, true}, {"reply", "Reply {C: 200}", peer.Reply{C: 200}, true},
		{"empty", "struct without fields", peer.Empty{}, true},
		{"embedded", "embedded struct and pointer, inlined: {ID 1, A 10, B 20, Name n}", Embedded{base{1}, &args, "n"}, true},
		{"tagged", "{user_id: 7}; Note is omitempty and empty, Hidden is left out", Tagged{UserID: 7, Hidden: "h"}, true},
		{"tagged.note", "{user_id: 7, Note: n}", Tagged{UserID: 7, Note: "n"}, true},
		{"as-array", "{A: 10, B: 20} as an array", AsArray{A: 10, B: 20}, false},
		{"field.pointer.nil", "{P: nil *Args}", Pointer{}, true}, {"field.pointer", "{P: {10, 20}}", Pointer{&args}, true},
		{"inner", "Inner {in, 7, [x]}", peer.Sample().Inner, true}, {"inner.zero", "Inner without values: Tags is nil", peer.Inner{}, true},
		{"all", "All of peer.Sample()", peer.Sample(), true}, {"all.zero", "All without values", peer.All{}, true},
		{"big.empty", "BigReply with nil Data", peer.BigReply{}, true},
		{"file-transfer", "FileTransferArgs {a.txt, 12, nil}", TransferArgs{FileName: "a.txt", FileSize: 12}, true},
	}
}
