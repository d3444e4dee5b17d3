// Command server is a Go rpcx server with the services of package peer. It prints `listening ADDRESS` and runs until SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/server"

	"rpcx-interop/peer"
)

func main() {
	network := flag.String("network", "tcp", "network to listen on: tcp, tcp4, tcp6, unix, or quic with the tag quic")
	addr := flag.String("addr", "127.0.0.1:0", "address, or network@address")
	flag.Parse()
	if before, after, ok := strings.Cut(*addr, "@"); ok {
		*network, *addr = before, after
	}
	if err := run(*network, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(network, addr string) error {
	if network == "reuseport" {
		return serveReuseport(addr)
	}
	rpcxlog.SetDummyLogger() // it would write to standard output, where the reader expects one line
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if network == "quic" {
		return serveQuic(stop, addr)
	}
	s := server.NewServer()
	if err := peer.Register(s); err != nil {
		return err
	}
	listener, err := net.Listen(network, addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeListener(network, listener) }()
	fmt.Println("listening", listener.Addr())
	select {
	case err = <-served:
		return err
	case <-stop.Done():
		return s.Close()
	}
}
