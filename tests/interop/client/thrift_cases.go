package main

import (
	"fmt"
	"strings"

	"github.com/smallnest/rpcx/codec/testdata"

	"rpcx-interop/peer"
)

// thriftCases run with `-codec thrift`, in this order, in place of the others.
var thriftCases = []testCase{
	{"thrift-colors", false, thriftColors},
	{"thrift-zero", false, thriftZero},
	{"thrift-big", false, thriftBig},
	{"thrift-nothing", false, thriftNothing},
	{"thrift-error", false, thriftError},
}

// askThriftColors checks one call of Thrift.Colors.
func askThriftColors(e env, args, want *testdata.ThriftColorGroup) error {
	reply := new(testdata.ThriftColorGroup)
	if err := e.call("Thrift", "Colors", args, reply); err != nil {
		return err
	}
	if !reply.Equals(want) {
		return fmt.Errorf("got %v, want %v", reply, want)
	}
	return nil
}

func thriftColors(e env) error {
	args := &testdata.ThriftColorGroup{ID: -2, Name: "Reds", Colors: []string{"Crimson", "", "Röd"}}
	want := &testdata.ThriftColorGroup{ID: -1, Name: "Reds", Colors: []string{"Röd", "", "Crimson"}}
	return askThriftColors(e, args, want)
}

func thriftZero(e env) error {
	return askThriftColors(e, &testdata.ThriftColorGroup{ID: -1}, &testdata.ThriftColorGroup{})
}

func thriftBig(e env) error {
	name := strings.Repeat("Röd", mebi/4)
	return askThriftColors(e, &testdata.ThriftColorGroup{Name: name}, &testdata.ThriftColorGroup{ID: 1, Name: name})
}

func thriftNothing(e env) error {
	return e.call("Thrift", "Nothing", new(peer.EmptyStruct), new(peer.EmptyStruct))
}

func thriftError(e env) error {
	return wantText(e.call("Thrift", "Error", new(testdata.ThriftColorGroup), new(testdata.ThriftColorGroup)), peer.Refused)
}
