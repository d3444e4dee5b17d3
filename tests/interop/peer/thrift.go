package peer

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/smallnest/rpcx/codec/testdata"
)

// Thrift is a service of thrift structs.
type Thrift struct{}

// Colors answers with the next id, and the colors in reverse.
func (*Thrift) Colors(_ context.Context, args *testdata.ThriftColorGroup, reply *testdata.ThriftColorGroup) error {
	reply.ID, reply.Name = args.GetID()+1, args.GetName()
	// The server recycles the argument, so the reply must not share its memory.
	reply.Colors = slices.Clone(args.GetColors())
	slices.Reverse(reply.Colors)
	return nil
}

func (*Thrift) Nothing(context.Context, *EmptyStruct, *EmptyStruct) error { return nil }

func (*Thrift) Error(context.Context, *testdata.ThriftColorGroup, *testdata.ThriftColorGroup) error {
	return errors.New(Refused)
}

// EmptyStruct is a thrift struct without fields.
type EmptyStruct struct{}

var _ thrift.TStruct = new(EmptyStruct)

// Read skips the fields that another version may have.
func (*EmptyStruct) Read(ctx context.Context, in thrift.TProtocol) error {
	if _, err := in.ReadStructBegin(ctx); err != nil {
		return err
	}
	for {
		_, kind, _, err := in.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return in.ReadStructEnd(ctx)
		}
		if err := in.Skip(ctx, kind); err != nil {
			return err
		}
		if err := in.ReadFieldEnd(ctx); err != nil {
			return err
		}
	}
}

func (*EmptyStruct) Write(ctx context.Context, out thrift.TProtocol) error {
	return errors.Join(
		out.WriteStructBegin(ctx, "EmptyStruct"),
		out.WriteFieldStop(ctx),
		out.WriteStructEnd(ctx),
	)
}
