package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/server"

	"rpcx-interop/peer"
)

// serveReuseport serves on a listener that rpcx makes itself: a port that several servers share. Clients reach it by tcp.
func serveReuseport(addr string) error {
	rpcxlog.SetDummyLogger() // as in run
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	s := server.NewServer()
	if err := peer.Register(s); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve("reuseport", addr) }()
	select {
	case err := <-served:
		return err
	case <-s.Started:
	}
	fmt.Println("listening", s.Address())
	select {
	case err := <-served:
		return err
	case <-stop.Done():
		return s.Close()
	}
}
