//go:build kcp

package main

import (
	"flag"

	"github.com/smallnest/rpcx/client"

	"rpcx-interop/peer"
)

// The default option is where every client here gets its options from.
func init() {
	crypt := func(text string) error {
		block, err := peer.BlockCrypt(text)
		client.DefaultOption.Block = block
		return err
	}
	flag.Func("kcp-crypt", "crypt of the network kcp: NAME or NAME:HEXKEY", crypt)
}
