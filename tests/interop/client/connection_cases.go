package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/share"

	"rpcx-interop/peer"
)

// metadata sends two keys and expects both in the reply value and in the metadata of the response.
func metadata(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	request := map[string]string{"tenant": "blue", "empty": "", "text": "grüße & co"}
	response := map[string]string{}
	ctx := context.WithValue(context.Background(), share.ReqMetaDataKey, request)
	ctx = context.WithValue(ctx, share.ResMetaDataKey, response)
	reply := map[string]string{}
	if err := c.Call(ctx, "Arith", "Meta", peer.Empty{}, &reply); err != nil {
		return err
	}
	for key, value := range request {
		if got, ok := reply[key]; !ok || got != value {
			return fmt.Errorf("the handler saw %q = %q, want %q", key, got, value)
		}
		if got, ok := response["echo-"+key]; !ok || got != value {
			return fmt.Errorf("response metadata echo-%s = %q, want %q", key, got, value)
		}
	}
	by := response["served-by"]
	if by == "" || (e.servedBy != "" && by != e.servedBy) {
		return fmt.Errorf("response metadata served-by = %q, want %q", by, e.servedBy)
	}
	return nil
}

// oneway sends five calls without a reply and then counts them.
func oneway(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	count := func() (n int64, err error) {
		err = c.Call(context.Background(), "Arith", "Count", peer.Empty{}, &n)
		return n, err
	}
	before, err := count()
	if err != nil {
		return err
	}
	for i := range 5 {
		// A nil reply is what makes a call one way.
		if err := c.Call(context.Background(), "Arith", "Notify", peer.Args{A: i}, nil); err != nil {
			return err
		}
	}
	var after int64
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if after, err = count(); err != nil || after == before+5 {
			return err
		}
	}
	return fmt.Errorf("the server counted %d calls, want 5", after-before)
}

// concurrent runs 64 callers with 200 calls each on one connection.
func concurrent(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	failures := make(chan error, 64)
	var callers sync.WaitGroup
	for caller := range 64 {
		callers.Go(func() {
			for i := range 200 {
				if err := numbered(c, e.codec, caller*1000+i); err != nil {
					failures <- fmt.Errorf("caller %d, call %d: %w", caller, i, err)
					return
				}
			}
		})
	}
	callers.Wait()
	close(failures)
	return <-failures
}

// numbered makes one call whose answer belongs to n only.
func numbered(c *client.Client, codec protocol.SerializeType, n int) error {
	if codec == protocol.SerializeNone {
		var reply []byte
		if err := c.Call(context.Background(), "Arith", "Echo", fmt.Append(nil, n), &reply); err != nil {
			return err
		}
		return same(string(reply), fmt.Sprint(n))
	}
	var reply peer.Reply
	if err := c.Call(context.Background(), "Arith", "Mul", peer.Args{A: n, B: 3}, &reply); err != nil {
		return err
	}
	return same(reply.C, 3*n)
}

// big moves 1 MiB there and back, and 1 MiB that only comes back.
func big(e env) error {
	data := peer.Pattern(mebi)
	var back []byte
	if err := e.call("Arith", "Echo", data, &back); err != nil {
		return err
	}
	if !bytes.Equal(back, data) {
		return fmt.Errorf("1 MiB came back as %d other bytes", len(back))
	}
	if e.codec == protocol.SerializeNone {
		return nil
	}
	var reply peer.BigReply
	if err := e.call("Types", "Big", peer.BigArgs{Size: mebi}, &reply); err != nil {
		return err
	}
	if !bytes.Equal(reply.Data, data) {
		return fmt.Errorf("1 MiB arrived as %d other bytes", len(reply.Data))
	}
	return nil
}

// gzipBothWays looks at the frames themselves: a compressed request has a compressed answer, a plain one a plain answer.
func gzipBothWays(e env) error {
	for _, compress := range []protocol.CompressType{protocol.None, protocol.Gzip, e.option.CompressType} {
		data := peer.Pattern(100_000)
		response, err := e.exchange(compress, data)
		if err != nil {
			return err
		}
		if got := response.CompressType(); got != compress {
			return fmt.Errorf("compress type of the answer is %d, of the request %d", got, compress)
		}
		var reply []byte
		if err := share.Codecs[e.codec].Decode(response.Payload, &reply); err != nil {
			return err
		}
		if !bytes.Equal(reply, data) {
			return fmt.Errorf("%d bytes came back as %d other bytes", len(data), len(reply))
		}
	}
	return nil
}

// exchange sends one Arith.Echo frame over a socket of its own and reads the answer.
func (e env) exchange(compress protocol.CompressType, data []byte) (*protocol.Message, error) {
	payload, err := share.Codecs[e.codec].Encode(data)
	if err != nil {
		return nil, err
	}
	request := protocol.NewMessage()
	request.SetSerializeType(e.codec)
	request.SetCompressType(compress)
	request.SetSeq(77)
	request.ServicePath, request.ServiceMethod, request.Payload = "Arith", "Echo", payload
	conn, err := e.dial()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(60 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := io.Copy(conn, bytes.NewReader(request.Encode())); err != nil {
		return nil, err
	}
	response, err := protocol.Read(conn)
	if err == nil && response.MessageStatusType() == protocol.Error {
		err = errors.New(response.Metadata[protocol.ServiceError])
	}
	if err == nil && response.Seq() != 77 {
		err = fmt.Errorf("seq of the answer is %d, want 77", response.Seq())
	}
	return response, err
}

// xclient makes a client of the kind most Go programs use.
func (e env) xclient() (client.XClient, error) {
	discovery, err := client.NewPeer2PeerDiscovery(e.network+"@"+e.addr, "")
	if err != nil {
		return nil, err
	}
	return client.NewXClient("Arith", client.Failfast, client.RandomSelect, discovery, e.option), nil
}

func xclientMul(e env) error {
	x, err := e.xclient()
	if err != nil {
		return err
	}
	defer x.Close()
	var reply peer.Reply
	if err := x.Call(context.Background(), "Mul", peer.Args{A: 10, B: 20}, &reply); err != nil {
		return err
	}
	return same(reply.C, 200)
}

// deadline gives the call three seconds; the handler must see most of them.
func deadline(e env) error {
	left, err := e.left(3 * time.Second)
	if err != nil {
		return err
	}
	if left <= 1000 || left > 3000 {
		return fmt.Errorf("the handler has %d ms left, want 1000 to 3000", left)
	}
	return nil
}

func noDeadline(e env) error {
	left, err := e.left(0)
	if err != nil {
		return err
	}
	return same(left, -1)
}

// left asks how much of the timeout the handler sees, in milliseconds; 0 sends no deadline.
func (e env) left(timeout time.Duration) (int64, error) {
	x, err := e.xclient()
	if err != nil {
		return 0, err
	}
	defer x.Close()
	ctx := context.Background()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	var left int64
	err = x.Call(ctx, "Deadline", peer.Empty{}, &left)
	return left, err
}

// heartbeat keeps a connection idle for a second, with an answer due every 100 ms, and then calls.
func heartbeat(e env) error {
	e.option.Heartbeat, e.option.HeartbeatInterval = true, 100*time.Millisecond
	e.option.MaxWaitForHeartbeat = 500 * time.Millisecond
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	time.Sleep(time.Second)
	if c.IsClosing() || c.IsShutdown() {
		return errors.New("the connection is gone after a second of heartbeats")
	}
	return numbered(c, e.codec, 21)
}

// slow gives up on a call after 100 ms; the connection must still serve the next one.
func slow(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	started := time.Now()
	var reply peer.Pause
	if err := c.Call(ctx, "Arith", "Sleep", peer.Pause{Ms: 2000}, &reply); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(started); took > time.Second {
		return fmt.Errorf("giving up took %v", took)
	}
	return numbered(c, e.codec, 21)
}
