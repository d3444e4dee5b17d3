//go:build kcp

package main

import (
	"bytes"
	"flag"
	"fmt"

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
	cases = append(cases, testCase{"first-reply", false, firstReply})
}

// firstReply is many times as long as what the client has sent when the server begins with it.
func firstReply(e env) error {
	var reply peer.BigReply
	if err := e.call("Types", "Big", peer.BigArgs{Size: 20_000}, &reply); err != nil {
		return err
	}
	if !bytes.Equal(reply.Data, peer.Pattern(20_000)) {
		return fmt.Errorf("20,000 bytes arrived as %d other bytes", len(reply.Data))
	}
	return nil
}
