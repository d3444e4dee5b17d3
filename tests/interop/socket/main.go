// Command socket calls a server by JSON-RPC 2.0 over WebSocket, with two client libraries, and takes what the server
// pushes as their notifications. It prints `ok NAME` or `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/gorilla/websocket"
	"github.com/sourcegraph/jsonrpc2"
	objects "github.com/sourcegraph/jsonrpc2/websocket"
)

// Args are those of Arith.
type Args struct{ A, B int }

// Reply is that of Arith.Mul.
type Reply struct{ C int }

// Tick is what the server pushes.
type Tick struct {
	Number int
	Text   string
}

var addr = flag.String("addr", "", "server to call: host:port")

// callers and calls make the load of a connection; ticks are asked for beside it.
const callers, calls, ticks = 8, 50, 20

func main() {
	flag.Parse()
	failed := 0
	for _, c := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"sourcegraph", sourcegraph}, {"sourcegraph-errors", sourcegraphErrors}, {"jrpc2", jrpc}, {"jrpc2-errors", jrpcErrors},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		err := c.run(ctx)
		cancel()
		if err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", c.name, err)
			continue
		}
		fmt.Println("ok", c.name)
	}
	os.Exit(failed)
}

func dial(ctx context.Context) (*websocket.Conn, error) {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+*addr+"/jsonrpc", nil)
	return conn, err
}

// loaded calls Arith.Mul from several callers at once.
func loaded(mul func(a, b int) (int, error)) error {
	var wait sync.WaitGroup
	errs := make(chan error, callers)
	for caller := range callers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for call := range calls {
				a := caller*1000 + call
				if c, err := mul(a, 3); err != nil || c != a*3 {
					errs <- fmt.Errorf("%d times 3: %d %v", a, c, err)
					return
				}
			}
		}()
	}
	wait.Wait()
	close(errs)
	return <-errs
}

// pushed expects each tick once: in their order where the library hands them on in that of their arrival.
func pushed(ctx context.Context, came <-chan Tick, inOrder bool) error {
	var seen [ticks]bool
	for n := range ticks {
		select {
		case tick := <-came:
			at := tick.Number
			if tick.Text != "tick" || at < 0 || at >= ticks || seen[at] || inOrder && at != n {
				return fmt.Errorf("tick %d: %+v", n, tick)
			}
			seen[at] = true
		case <-ctx.Done():
			return fmt.Errorf("tick %d has not come", n)
		}
	}
	return nil
}

// take hands on a notification.
func take(came chan<- Tick, method string, params json.RawMessage) {
	var tick Tick
	if err := json.Unmarshal(params, &tick); err != nil || method != "Ticks.Tick" {
		tick.Text = fmt.Sprintf("%s %s: %v", method, params, err)
	}
	came <- tick
}

func sourcegraphConn(ctx context.Context, came chan<- Tick) (*jsonrpc2.Conn, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	handler := jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
		take(came, r.Method, *r.Params)
		return nil, nil
	})
	return jsonrpc2.NewConn(ctx, objects.NewObjectStream(conn), handler), nil
}

func sourcegraph(ctx context.Context) error {
	came := make(chan Tick, ticks)
	client, err := sourcegraphConn(ctx, came)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Call(ctx, "Ticker.Subscribe", []int{ticks}, nil); err != nil {
		return fmt.Errorf("subscribe: %v", err)
	}
	err = loaded(func(a, b int) (int, error) {
		var reply Reply
		if err := client.Notify(ctx, "Arith.Mul", Args{a, b}); err != nil {
			return 0, fmt.Errorf("notify: %v", err)
		}
		err := client.Call(ctx, "Arith.Mul", Args{a, b}, &reply)
		return reply.C, err
	})
	if err != nil {
		return err
	}
	return pushed(ctx, came, true)
}

func sourcegraphErrors(ctx context.Context) error {
	client, err := sourcegraphConn(ctx, make(chan Tick, 1))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, c := range []struct {
		method string
		params any
		code   int64
	}{{"Arith.Nope", Args{}, jsonrpc2.CodeMethodNotFound}, {"Arith.Error", Args{}, -32000}, {"Arith.Mul", []string{"x", "y"}, jsonrpc2.CodeInvalidParams}} {
		err := client.Call(ctx, c.method, c.params, nil)
		if e, ok := err.(*jsonrpc2.Error); !ok || e.Code != c.code {
			return fmt.Errorf("%s: %v", c.method, err)
		}
	}
	return nil
}

// channel is a WebSocket as jrpc2 wants one: a record is a message.
type channel struct{ *websocket.Conn }

func (c channel) Send(record []byte) error { return c.WriteMessage(websocket.TextMessage, record) }

func (c channel) Recv() ([]byte, error) {
	_, record, err := c.ReadMessage()
	return record, err
}

func jrpcClient(ctx context.Context, came chan<- Tick) (*jrpc2.Client, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	return jrpc2.NewClient(channel{conn}, &jrpc2.ClientOptions{OnNotify: func(r *jrpc2.Request) {
		var params json.RawMessage
		if err := r.UnmarshalParams(&params); err != nil {
			params = nil
		}
		take(came, r.Method(), params)
	}}), nil
}

func jrpc(ctx context.Context) error {
	came := make(chan Tick, ticks)
	client, err := jrpcClient(ctx, came)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Call(ctx, "Ticker.Subscribe", []int{ticks}); err != nil {
		return fmt.Errorf("subscribe: %v", err)
	}
	err = loaded(func(a, b int) (int, error) {
		responses, err := client.Batch(ctx, []jrpc2.Spec{
			{Method: "Arith.Mul", Params: []int{a, b}},
			{Method: "Arith.Mul", Params: Args{a, 1}, Notify: true},
			{Method: "Arith.Mul", Params: []Args{{a, 2}}},
		})
		if err != nil || len(responses) != 2 {
			return 0, fmt.Errorf("batch: %v %v", responses, err)
		}
		var reply Reply
		if err := responses[1].UnmarshalResult(&reply); err != nil || reply.C != 2*a {
			return 0, fmt.Errorf("batch: %v %v", reply, err)
		}
		err = responses[0].UnmarshalResult(&reply)
		return reply.C, err
	})
	if err != nil {
		return err
	}
	return pushed(ctx, came, false) // it calls OnNotify of several at once
}

func jrpcErrors(ctx context.Context) error {
	client, err := jrpcClient(ctx, make(chan Tick, 1))
	if err != nil {
		return err
	}
	defer client.Close()
	for method, code := range map[string]jrpc2.Code{"Arith.Nope": jrpc2.MethodNotFound, "Arith.Error": -32000} {
		if _, err := client.Call(ctx, method, Args{1, 2}); jrpc2.ErrorCode(err) != code {
			return fmt.Errorf("%s: %v", method, err)
		}
	}
	if _, err := client.Call(ctx, "Arith.Mul", []string{"x", "y"}); jrpc2.ErrorCode(err) != jrpc2.InvalidParams {
		return fmt.Errorf("wrong arguments: %v", err)
	}
	return nil
}
