//go:build kcp

// Command kcp is a Go rpcx server on the network kcp, with the services of package peer, and Packets. It prints `listening ADDRESS` and runs until SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/server"
	kcp "github.com/xtaci/kcp-go"

	"rpcx-interop/peer"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on: host:port")
	crypt := flag.String("kcp-crypt", "none", "NAME or NAME:HEXKEY")
	fast := flag.Bool("kcp-fast", false, "large windows, acknowledgements at once and no congestion control")
	flag.Parse()
	if err := run(*addr, *crypt, *fast); err != nil {
		fmt.Fprintln(os.Stderr, "kcp:", err)
		os.Exit(1)
	}
}

func run(addr, crypt string, fast bool) error {
	rpcxlog.SetDummyLogger() // it would write to standard output, where the reader expects one line
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	block, err := peer.BlockCrypt(crypt)
	if err != nil {
		return err
	}
	s := server.NewServer(server.WithBlockCrypt(block))
	if err := errors.Join(peer.Register(s), s.RegisterName("Packets", packets{}, "")); err != nil {
		return err
	}
	if fast {
		s.Plugins.Add(hurry{})
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve("kcp", addr) }()
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

// hurry tunes every accepted connection, as the examples of rpcx do.
type hurry struct{}

func (hurry) HandleConnAccept(conn net.Conn) (net.Conn, bool) {
	if session, ok := conn.(*kcp.UDPSession); ok {
		session.SetStreamMode(true)
		session.SetWindowSize(256, 256)
		session.SetNoDelay(1, 10, 2, 1)
		session.SetACKNoDelay(true)
	}
	return conn, true
}

// packets tells what kcp-go has counted in this process.
type packets struct{}

// PacketCounts are some of the counters of kcp-go: packets that parity has brought back, and those with a segment that it does not know.
type PacketCounts struct{ Recovered, Wrong int64 }

func (packets) Count(_ context.Context, _ peer.Empty, reply *PacketCounts) error {
	counters := kcp.DefaultSnmp.Copy()
	reply.Recovered, reply.Wrong = int64(counters.FECRecovered), int64(counters.KCPInErrors)
	return nil
}
