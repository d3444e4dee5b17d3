package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/share"
	"golang.org/x/net/websocket"
)

var (
	caFile     = flag.String("ca", "", "PEM file of the authorities to trust: connect with TLS")
	serverName = flag.String("server-name", "", "name that the certificate of the server must have; empty is the host of the address")
	rpcPath    = flag.String("path", "", "path on http, ws and wss; empty is the one of rpcx")
)

// secure sets TLS and the path as the command line has them.
func secure(o *client.Option) error {
	o.RPCPath = *rpcPath
	if *caFile == "" {
		return nil
	}
	pem, err := os.ReadFile(*caFile)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %s", *caFile)
	}
	o.TLSConfig = &tls.Config{RootCAs: roots, ServerName: *serverName}
	return nil
}

// dial opens a connection of the network without a client on it.
func (e env) dial() (net.Conn, error) {
	if e.network == "ws" || e.network == "wss" {
		return e.dialWebSocket()
	}
	if factory, ok := client.ConnFactories[e.network]; ok {
		return factory(client.NewClient(e.option), e.network, e.addr)
	}
	if e.option.TLSConfig != nil {
		return tls.Dial(e.network, e.addr, e.option.TLSConfig)
	}
	return net.Dial(e.network, e.addr)
}

// dialWebSocket does what the client of rpcx does, which has no name outside its package.
func (e env) dialWebSocket() (net.Conn, error) {
	path, scheme := e.option.RPCPath, "http"
	if path == "" {
		path = share.DefaultRPCPath
	}
	if e.network == "wss" {
		scheme = "https"
	}
	config, err := websocket.NewConfig(e.network+"://"+e.addr+path, scheme+"://"+e.addr)
	if err != nil {
		return nil, err
	}
	config.TlsConfig = e.option.TLSConfig
	return websocket.DialConfig(config)
}
