package peer

import (
	"context"
	"errors"
	"slices"

	gogo "github.com/gogo/protobuf/types"
	"github.com/smallnest/rpcx/codec/testdata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Proto is a service of protobuf messages: those of google.golang.org/protobuf and, in Gogo, of gogo/protobuf.
type Proto struct{}

// Colors answers with the next id, and the colors in reverse.
func (*Proto) Colors(_ context.Context, args *testdata.ProtoColorGroup, reply *testdata.ProtoColorGroup) error {
	reply.Id, reply.Name = args.GetId()+1, args.GetName()
	// The server recycles the argument, so the reply must not share its memory.
	reply.Colors = slices.Clone(args.GetColors())
	slices.Reverse(reply.Colors)
	return nil
}

func (*Proto) Say(_ context.Context, args *wrapperspb.StringValue, reply *wrapperspb.StringValue) error {
	reply.Value = "hello " + args.GetValue()
	return nil
}

func (*Proto) Gogo(_ context.Context, args *gogo.StringValue, reply *gogo.StringValue) error {
	reply.Value = "hello " + args.GetValue()
	return nil
}

func (*Proto) Nothing(context.Context, *emptypb.Empty, *emptypb.Empty) error { return nil }

func (*Proto) Error(context.Context, *emptypb.Empty, *emptypb.Empty) error {
	return errors.New(Refused)
}
