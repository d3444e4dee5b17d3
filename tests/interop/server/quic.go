//go:build quic

package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"

	"github.com/smallnest/rpcx/server"

	"rpcx-interop/peer"
)

var (
	quicCert = flag.String("quic-cert", "", "PEM file with the certificate for the network quic")
	quicKey  = flag.String("quic-key", "", "PEM file with its key")
)

// serveQuic serves on a listener that rpcx makes itself, until stop ends.
func serveQuic(stop context.Context, addr string) error {
	certificate, err := tls.LoadX509KeyPair(*quicCert, *quicKey)
	if err != nil {
		return err
	}
	s := server.NewServer(server.WithTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}))
	if err := peer.Register(s); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve("quic", addr) }()
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
