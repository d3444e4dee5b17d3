// Command server is a Go rpcx server with the services of package peer. It prints `listening ADDRESS` and runs until SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/reflection"
	"github.com/smallnest/rpcx/server"

	"rpcx-interop/peer"
)

func main() {
	network := flag.String("network", "tcp", "network to listen on: tcp, tcp4, tcp6, unix, reuseport, http, ws, wss, or quic with the tag quic")
	addr := flag.String("addr", "127.0.0.1:0", "address, or network@address")
	four := flag.Bool("four", false, "codec 4 is JSON and not thrift")
	described := flag.Bool("reflection", false, "tell the services by the plugin of Go rpcx")
	flag.Parse()
	peer.RegisterFormats(*four)
	if before, after, ok := strings.Cut(*addr, "@"); ok {
		*network, *addr = before, after
	}
	if err := run(*network, *addr, *described); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(network, addr string, described bool) error {
	if network == "reuseport" {
		return serveReuseport(addr)
	}
	rpcxlog.SetDummyLogger() // it would write to standard output, where the reader expects one line
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	s, err := newServer()
	if err != nil {
		return err
	}
	if described {
		told := reflection.New()
		s.Plugins.Add(told)
		if err := s.RegisterName("Reflection", told, ""); err != nil {
			return err
		}
	}
	if err := peer.Register(s); err != nil {
		return err
	}
	served := make(chan error, 1)
	if network == "quic" {
		// rpcx has this network only with the tag, and says so otherwise
		go func() { served <- s.Serve(network, addr) }()
		select {
		case err := <-served:
			return err
		case <-s.Started:
		}
		fmt.Println("listening", s.Address())
		return wait(s, served, stop)
	}
	if isWeb(network) {
		go func() { served <- serveWeb(s, network, addr) }()
		return wait(s, served, stop)
	}
	listener, err := listen(network, addr)
	if err != nil {
		return err
	}
	go func() { served <- s.ServeListener(network, listener) }()
	fmt.Println("listening", listener.Addr())
	return wait(s, served, stop)
}

// wait returns when the server has failed or is told to stop.
func wait(s *server.Server, served <-chan error, stop context.Context) error {
	select {
	case err := <-served:
		return err
	case <-stop.Done():
		return s.Close()
	}
}
