//go:build quic

package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"

	"github.com/smallnest/rpcx/client"
)

var quicCA = flag.String("quic-ca", "", "PEM file with the authority of the server on the network quic")

// trust lets o accept servers of the authority that the command line names.
func trust(o *client.Option) error {
	if *quicCA == "" {
		return nil
	}
	pem, err := os.ReadFile(*quicCA)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s has no certificate", *quicCA)
	}
	o.TLSConfig = &tls.Config{RootCAs: roots}
	return nil
}
