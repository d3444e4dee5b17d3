package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"

	"github.com/smallnest/rpcx/server"
)

var (
	certFile = flag.String("cert", "", "PEM file of a certificate: serve with TLS")
	keyFile  = flag.String("key", "", "PEM file of its key")
)

// secure reads the certificate of the command line; without one there is no TLS.
func secure() (*tls.Config, error) {
	if *certFile == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(*certFile, *keyFile)
	return &tls.Config{Certificates: []tls.Certificate{certificate}}, err
}

// newServer makes a server with the TLS setting of the command line.
func newServer() (*server.Server, error) {
	config, err := secure()
	if err != nil || config == nil {
		return server.NewServer(), err
	}
	return server.NewServer(server.WithTLSConfig(config)), nil
}

// listen makes the listener that rpcx makes for its network: with TLS under tcp when the server has it, never under unix.
func listen(network, addr string) (net.Listener, error) {
	config, err := secure()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen(network, addr)
	if err == nil && config != nil && network != "unix" {
		listener = tls.NewListener(listener, config)
	}
	return listener, err
}

// isWeb says whether rpcx must make the listener itself: it puts HTTP or WebSocket in front only then.
func isWeb(network string) bool {
	return network == "http" || network == "ws" || network == "wss"
}

// serveWeb serves and prints where it listens.
func serveWeb(s *server.Server, network, addr string) error {
	config, err := secure()
	if err != nil {
		return err
	}
	server.RegisterMakeListener(network, func(*server.Server, string) (net.Listener, error) {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, err
		}
		fmt.Println("listening", listener.Addr())
		if config != nil {
			listener = tls.NewListener(listener, config)
		}
		return listener, nil
	})
	return s.Serve(network, addr)
}
