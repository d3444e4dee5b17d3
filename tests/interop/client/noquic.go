//go:build !quic

package main

import "github.com/smallnest/rpcx/client"

// trust has nothing to do without the tag quic.
func trust(*client.Option) error { return nil }
