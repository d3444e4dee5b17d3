package main

// BenchmarkMessage has the fields of the published benchmark.
type BenchmarkMessage struct {
	Field1   string
	Field9   *string
	Field18  *string
	Field80  *bool
	Field81  *bool
	Field2   int32
	Field3   int32
	Field280 *int32
	Field6   *int32
	Field22  *int64
	Field4   *string
	Field5   []uint64
	Field59  *bool
	Field7   *string
	Field16  *int32
	Field130 *int32
	Field12  *bool
	Field17  *bool
	Field13  *bool
	Field14  *bool
	Field104 *int32
	Field100 *int32
	Field101 *int32
	Field102 *string
	Field103 *string
	Field29  *int32
	Field30  *bool
	Field60  *int32
	Field271 *int32
	Field272 *int32
	Field150 *int32
	Field23  *int32
	Field24  *bool
	Field25  *int32
	Field78  *bool
	Field67  *int32
	Field68  *int32
	Field128 *int32
	Field129 *string
	Field131 *int32
}

// MulArgs are the arguments of Mul.
type MulArgs struct{ A, B int32 }

// MulReply is the reply of Mul.
type MulReply struct{ C int32 }

// filled sets every string, number and truth value to the same.
func filled() *BenchmarkMessage {
	text, number, long, yes := "许多往事在眼前一幕一幕，变的那麼模糊", int32(100000), int64(100000), true
	return &BenchmarkMessage{
		Field1:   text,
		Field9:   &text,
		Field18:  &text,
		Field80:  &yes,
		Field81:  &yes,
		Field2:   number,
		Field3:   number,
		Field280: &number,
		Field6:   &number,
		Field22:  &long,
		Field4:   &text,
		Field59:  &yes,
		Field7:   &text,
		Field16:  &number,
		Field130: &number,
		Field12:  &yes,
		Field17:  &yes,
		Field13:  &yes,
		Field14:  &yes,
		Field104: &number,
		Field100: &number,
		Field101: &number,
		Field102: &text,
		Field103: &text,
		Field29:  &number,
		Field30:  &yes,
		Field60:  &number,
		Field271: &number,
		Field272: &number,
		Field150: &number,
		Field23:  &number,
		Field24:  &yes,
		Field25:  &number,
		Field78:  &yes,
		Field67:  &number,
		Field68:  &number,
		Field128: &number,
		Field129: &text,
		Field131: &number,
	}
}
