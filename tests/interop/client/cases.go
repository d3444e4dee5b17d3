package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/smallnest/rpcx/client"

	"rpcx-interop/peer"
)

const mebi = 1 << 20

// testCase is one check; raw marks those that need no codec.
type testCase struct {
	name string
	raw  bool
	run  func(env) error
}

// cases in the order in which `all` runs them.
var cases = []testCase{
	{"mul", false, mul},
	{"add", false, add},
	{"say", false, say},
	{"echo", true, echo},
	{"error", false, serviceError},
	{"unknown-service", true, unknownService},
	{"unknown-method", true, unknownMethod},
	{"types", false, typesEcho},
	{"types-zero", false, typesZero},
	{"types-nil", false, typesNil},
	{"metadata", false, metadata},
	{"oneway", false, oneway},
	{"concurrent", true, concurrent},
	{"big", true, big},
	{"gzip", true, gzipBothWays},
	{"deadline", false, deadline},
	{"no-deadline", false, noDeadline},
	{"heartbeat", true, heartbeat},
	{"slow", false, slow},
	{"xclient", false, xclientMul},
	{"push", false, push},
}

// connect opens a low-level client on the server under test.
func (e env) connect() (*client.Client, error) {
	c := client.NewClient(e.option)
	return c, c.Connect(e.network, e.addr)
}

// call makes one call on a connection of its own.
func (e env) call(path, method string, args, reply any) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return c.Call(ctx, path, method, args, reply)
}

func same[T any](got, want T) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("got %+v, want %+v", got, want)
	}
	return nil
}

func mul(e env) error {
	var reply peer.Reply
	if err := e.call("Arith", "Mul", peer.Args{A: 10, B: 20}, &reply); err != nil {
		return err
	}
	return same(reply.C, 200)
}

func add(e env) error {
	var reply peer.Reply
	if err := e.call("Arith", "Add", peer.Args{A: -1, B: 1 << 40}, &reply); err != nil {
		return err
	}
	return same(reply.C, 1<<40-1)
}

func say(e env) error {
	for _, text := range []string{"", "wörld", "<a href=\"b\">&</a>\n"} { // JSON escapes parts of the last one
		var reply string
		if err := e.call("Arith", "Say", text, &reply); err != nil {
			return fmt.Errorf("%q: %w", text, err)
		}
		if err := same(reply, "hello "+text); err != nil {
			return err
		}
	}
	return nil
}

func echo(e env) error {
	for _, data := range [][]byte{{}, {0}, []byte("some bytes"), peer.Pattern(1025), peer.Pattern(mebi)} {
		var reply []byte
		if err := e.call("Arith", "Echo", data, &reply); err != nil {
			return fmt.Errorf("%d bytes: %w", len(data), err)
		}
		if !bytes.Equal(reply, data) {
			return fmt.Errorf("%d bytes came back as %d other bytes", len(data), len(reply))
		}
	}
	return nil
}

// wantText checks that err is a service error with exactly this text.
func wantText(err error, text string) error {
	if err == nil {
		return fmt.Errorf("no error, want %q", text)
	}
	if _, ok := err.(client.ServiceError); !ok {
		return fmt.Errorf("%q is a %T, want a service error", err, err)
	}
	return same(err.Error(), text)
}

func serviceError(e env) error {
	var reply peer.Reply
	return wantText(e.call("Arith", "Error", peer.Args{A: 1}, &reply), peer.Refused)
}

func unknownService(e env) error {
	var reply []byte
	return wantText(e.call("Nowhere", "Mul", []byte{1}, &reply), "rpcx: can't find service Nowhere")
}

func unknownMethod(e env) error {
	var reply []byte
	return wantText(e.call("Arith", "Nothing", []byte{1}, &reply), "rpcx: can't find method Nothing")
}

func typesEcho(e env) error {
	var reply peer.All
	if err := e.call("Types", "Echo", peer.Sample(), &reply); err != nil {
		return err
	}
	return same(reply.Normal(), peer.Sample())
}

func typesZero(e env) error {
	var reply peer.All
	if err := e.call("Types", "Echo", peer.All{}, &reply); err != nil {
		return err
	}
	return same(reply.Normal(), peer.All{})
}

func typesNil(e env) error {
	reply := peer.All{Int: 1, Str: "left", U64: 1} // a field that the answer leaves out would keep its value
	if err := e.call("Types", "Nil", peer.Empty{}, &reply); err != nil {
		return err
	}
	return same(reply.Normal(), peer.All{})
}
