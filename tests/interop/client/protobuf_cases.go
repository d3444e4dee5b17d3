package main

import (
	"fmt"
	"strings"

	gogo "github.com/gogo/protobuf/types"
	"github.com/smallnest/rpcx/codec/testdata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"rpcx-interop/peer"
)

// protobufCases run with `-codec protobuf`, in this order, in place of the others.
var protobufCases = []testCase{
	{"colors", false, colors},
	{"colors-zero", false, colorsZero},
	{"colors-big", false, colorsBig},
	{"proto-say", false, protoSay},
	{"gogo", false, gogoSay},
	{"nothing", false, nothing},
	{"proto-error", false, protoError},
}

// askColors checks one call of Proto.Colors.
func askColors(e env, args, want *testdata.ProtoColorGroup) error {
	reply := new(testdata.ProtoColorGroup)
	if err := e.call("Proto", "Colors", args, reply); err != nil {
		return err
	}
	if !proto.Equal(reply, want) {
		return fmt.Errorf("got %v, want %v", reply, want)
	}
	return nil
}

func colors(e env) error {
	args := &testdata.ProtoColorGroup{Id: -2, Name: "Reds", Colors: []string{"Crimson", "", "Röd"}}
	want := &testdata.ProtoColorGroup{Id: -1, Name: "Reds", Colors: []string{"Röd", "", "Crimson"}}
	return askColors(e, args, want)
}

// colorsZero has no bytes in the payload: of the request here, of the answer with id -1.
func colorsZero(e env) error {
	if err := askColors(e, &testdata.ProtoColorGroup{}, &testdata.ProtoColorGroup{Id: 1}); err != nil {
		return err
	}
	return askColors(e, &testdata.ProtoColorGroup{Id: -1}, &testdata.ProtoColorGroup{})
}

func colorsBig(e env) error {
	name := strings.Repeat("Röd", mebi/4)
	return askColors(e, &testdata.ProtoColorGroup{Name: name}, &testdata.ProtoColorGroup{Id: 1, Name: name})
}

func protoSay(e env) error {
	reply := new(wrapperspb.StringValue)
	if err := e.call("Proto", "Say", wrapperspb.String("Ada"), reply); err != nil {
		return err
	}
	return same(reply.GetValue(), "hello Ada")
}

func gogoSay(e env) error {
	reply := new(gogo.StringValue)
	if err := e.call("Proto", "Gogo", &gogo.StringValue{Value: "Ada"}, reply); err != nil {
		return err
	}
	return same(reply.GetValue(), "hello Ada")
}

func nothing(e env) error {
	return e.call("Proto", "Nothing", new(emptypb.Empty), new(emptypb.Empty))
}

func protoError(e env) error {
	return wantText(e.call("Proto", "Error", new(emptypb.Empty), new(emptypb.Empty)), peer.Refused)
}
