//go:build !quic

package main

import (
	"context"
	"errors"
)

// serveQuic needs the dependencies of quic.mod: rpcx from v1.9.2 on does not compile with the tag quic.
func serveQuic(context.Context, string) error {
	return errors.New("built without the tag quic")
}
