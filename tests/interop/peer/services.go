package peer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/smallnest/rpcx/server"
	"github.com/smallnest/rpcx/share"
)

// Refused is the text of the error that Arith.Error always returns.
const Refused = "arith: refused"

// MaxBig is the largest Size that Types.Big serves, in bytes.
const MaxBig = 64 << 20

// Arith is the service that every peer offers.
type Arith struct{ notified atomic.Int64 }

func (*Arith) Mul(_ context.Context, args Args, reply *Reply) error {
	reply.C = args.A * args.B
	return nil
}

func (*Arith) Add(_ context.Context, args Args, reply *Reply) error {
	reply.C = args.A + args.B
	return nil
}

func (*Arith) Say(_ context.Context, name string, reply *string) error {
	*reply = "hello " + name
	return nil
}

func (*Arith) Error(context.Context, Args, *Reply) error { return errors.New(Refused) }

// Sleep takes its time whatever the deadline, so that a caller who gives up never races with an answer.
func (*Arith) Sleep(_ context.Context, args Pause, reply *Pause) error {
	time.Sleep(time.Duration(args.Ms) * time.Millisecond)
	*reply = args
	return nil
}

func (*Arith) Echo(_ context.Context, data []byte, reply *[]byte) error {
	// The server recycles the argument, so the reply must not share its memory.
	*reply = append([]byte{}, data...)
	return nil
}

// Notify is called one way; Count tells how often.
func (a *Arith) Notify(context.Context, Args, *Empty) error {
	a.notified.Add(1)
	return nil
}

func (a *Arith) Count(_ context.Context, _ Empty, reply *int64) error {
	*reply = a.notified.Load()
	return nil
}

// Meta answers with the metadata of the request. The metadata of the response has `served-by`, each request key again as `echo-` + key, and the
// `forms` of all requests so far.
func (*Arith) Meta(ctx context.Context, _ Empty, reply *map[string]string) error {
	request, _ := ctx.Value(share.ReqMetaDataKey).(map[string]string)
	response, ok := ctx.Value(share.ResMetaDataKey).(map[string]string)
	if !ok {
		return errors.New("no response metadata in the context")
	}
	*reply = map[string]string{}
	response["served-by"] = "go"
	response["forms"] = formsSeen()
	for key, value := range request {
		(*reply)[key] = value
		response["echo-"+key] = value
	}
	return nil
}

// Deadline answers with the milliseconds left for this call, or -1 when it has no deadline.
func (*Arith) Deadline(ctx context.Context, _ Empty, reply *int64) error {
	*reply = -1
	if until, ok := ctx.Deadline(); ok {
		*reply = time.Until(until).Milliseconds()
	}
	return nil
}

// Types is the service for message shapes.
type Types struct{}

func (*Types) Echo(_ context.Context, args All, reply *All) error {
	*reply = args
	return nil
}

// Nil answers with the zero All: every slice, map and pointer is nil.
func (*Types) Nil(context.Context, Empty, *All) error { return nil }

func (*Types) Big(_ context.Context, args BigArgs, reply *BigReply) error {
	if args.Size < 0 || args.Size > MaxBig {
		return fmt.Errorf("size %d is not in 0..%d", args.Size, MaxBig)
	}
	reply.Data = Pattern(args.Size)
	return nil
}

// Double is registered as a function: service path `Functions`, method `Double`.
func Double(_ context.Context, args Args, reply *Reply) error {
	reply.C = 2 * args.A
	return nil
}

// Register adds everything above to a server.
func Register(s *server.Server) error {
	s.Plugins.Add(formCounter{})
	return errors.Join(
		s.RegisterName("Arith", new(Arith), ""),
		s.RegisterName("Types", new(Types), ""),
		s.RegisterName("Proto", new(Proto), ""),
		s.RegisterName("Thrift", new(Thrift), ""),
		s.RegisterName("Market", &Market{s}, ""),
		s.RegisterFunctionName("Functions", "Double", Double, ""),
	)
}
