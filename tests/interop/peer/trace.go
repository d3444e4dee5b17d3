package peer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/share"
)

// Forward is what Arith.Forward is asked: to call Arith.Mul at Address.
type Forward struct {
	Address string
	A, B    int
}

// Forwarded is its reply: the product, the traceparent that came, and the one that went on.
type Forwarded struct {
	C         int
	Got, Sent string
}

// Forward calls Arith.Mul elsewhere and continues the trace of its caller, as the OpenTelemetry plugin does: it puts a span of its own into
// the metadata that it got, and passes that on.
func (*Arith) Forward(ctx context.Context, args Forward, reply *Forwarded) error {
	meta, _ := ctx.Value(share.ReqMetaDataKey).(map[string]string)
	reply.Got = meta["traceparent"]
	parts := strings.Split(reply.Got, "-")
	if len(parts) != 4 {
		return errors.New("no traceparent: " + reply.Got)
	}
	var span [8]byte
	if _, err := rand.Read(span[:]); err != nil {
		return err
	}
	parts[2] = hex.EncodeToString(span[:])
	reply.Sent = strings.Join(parts, "-")
	meta["traceparent"] = reply.Sent

	c := client.NewClient(client.DefaultOption)
	if err := c.Connect("tcp", args.Address); err != nil {
		return err
	}
	defer c.Close()
	var product Reply
	ctx = context.WithValue(context.Background(), share.ReqMetaDataKey, meta)
	if err := c.Call(ctx, "Arith", "Mul", Args{A: args.A, B: args.B}, &product); err != nil {
		return err
	}
	reply.C = product.C
	return nil
}
