// Command rpcx-peer is Go rpcx as a peer of the comparison: `server NAME ADDRESS` and
// `client NAME ADDRESS MODE --control ADDRESS --secs S --warm S`, with the output of the Rust program.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/server"
)

func main() {
	log.SetDummyLogger() // standard output belongs to the protocol with the driver
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rpcx-peer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "server":
		return serve(args[2])
	case len(args) >= 4 && args[0] == "client":
		return load(args[2], args[3], args[4:])
	}
	return fmt.Errorf("wanted: server NAME ADDRESS, or client NAME ADDRESS MODE")
}

// Bench has the calls of the comparison.
type Bench struct{}

// Say changes two fields.
func (Bench) Say(_ context.Context, message, reply *BenchmarkMessage) error {
	*reply = *message
	reply.Field1, reply.Field2 = "OK", 100
	return nil
}

// Mul multiplies.
func (Bench) Mul(_ context.Context, args *MulArgs, reply *MulReply) error {
	reply.C = args.A * args.B
	return nil
}

// Blob gives back what it got.
func (Bench) Blob(_ context.Context, data, reply *[]byte) error {
	*reply = *data
	return nil
}

func serve(address string) error {
	control, err := answer()
	if err != nil {
		return err
	}
	s := server.NewServer()
	if err := s.RegisterName("Bench", Bench{}, ""); err != nil {
		return err
	}
	fmt.Println("control", control)
	return s.Serve("tcp", address)
}
