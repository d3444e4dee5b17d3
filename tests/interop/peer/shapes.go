// Package peer holds the messages and services that the interop programs share. The Rust tests declare the same shapes.
package peer

import "time"

// Args and Reply are the messages of Arith.Mul and Arith.Add.
type (
	Args  struct{ A, B int }
	Reply struct{ C int }
)

// Pause asks Arith.Sleep for a delay in milliseconds; the reply carries the same number.
type Pause struct{ Ms int }

// Empty is the argument or reply that says nothing.
type Empty struct{}

// BigArgs asks Types.Big for Size bytes; BigReply carries them (byte i is i modulo 251).
type (
	BigArgs  struct{ Size int }
	BigReply struct{ Data []byte }
)

// Inner is the nested part of All.
type Inner struct {
	Name  string
	Score int32
	Tags  []string
}

// All has one field of every kind that a Go service usually sends.
type All struct {
	Int    int
	I8     int8
	I16    int16
	I32    int32
	I64    int64
	U8     uint8
	U16    uint16
	U32    uint32
	U64    uint64
	F32    float32
	F64    float64
	Bool   bool
	Str    string
	Bytes  []byte
	Arr    [4]byte
	Time   time.Time
	Dur    time.Duration
	Strs   []string
	Map    map[string]int64
	IntMap map[int64]string
	Inner  Inner
	Ptr    *Inner
	Inners []Inner
}

// Sample is an All without a zero field. Its maps have one entry each, so that its encoding is always the same.
func Sample() All {
	return All{
		Int: -42, I8: -128, I16: -32768, I32: -2147483648, I64: -9223372036854775808,
		U8: 255, U16: 65535, U32: 4294967295, U64: 18446744073709551615,
		F32: 1.5, F64: -2.25, Bool: true, Str: "grüße, 世界", Bytes: []byte{0, 1, 254, 255}, Arr: [4]byte{1, 2, 3, 4},
		Time: time.Unix(1700000000, 123000000).UTC(), Dur: 90 * time.Second,
		Strs: []string{"a", "", "c"}, Map: map[string]int64{"k": -7}, IntMap: map[int64]string{-1: "minus one"},
		Inner:  Inner{Name: "in", Score: 7, Tags: []string{"x"}},
		Ptr:    &Inner{Name: "ptr", Score: -7, Tags: []string{"y", "z"}},
		Inners: []Inner{{Name: "one", Score: 1, Tags: []string{"t"}}, {Name: "two", Score: 2, Tags: []string{"u"}}},
	}
}

// Normal maps what a peer without nil may answer to one form: empty slices and maps become nil, the time is in UTC.
func (a All) Normal() All {
	a.Time = a.Time.UTC()
	if len(a.Bytes) == 0 {
		a.Bytes = nil
	}
	if len(a.Strs) == 0 {
		a.Strs = nil
	}
	if len(a.Map) == 0 {
		a.Map = nil
	}
	if len(a.IntMap) == 0 {
		a.IntMap = nil
	}
	if len(a.Inners) == 0 {
		a.Inners = nil
	}
	if len(a.Inner.Tags) == 0 {
		a.Inner.Tags = nil
	}
	return a
}

// Pattern is the content of BigReply: it compresses, yet no two neighbours are equal.
func Pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i % 251)
	}
	return data
}
