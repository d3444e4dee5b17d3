// Command forms serves or calls the service of package generated, through nothing but generated code.
//
// As a server it prints `listening ADDRESS` and runs until SIGTERM. As a client it prints `ok NAME` or
// `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/smallnest/rpcx/client"
	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/protocol"

	"rpcx-interop/generated"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "host:port to listen on or to call")
	codec := flag.String("codec", "", "call with msgpack or json; without it, serve")
	flag.Parse()
	rpcxlog.SetDummyLogger() // it would write between our lines
	if *codec == "" {
		if err := serve(*addr); err != nil {
			fmt.Fprintln(os.Stderr, "forms:", err)
			os.Exit(1)
		}
		return
	}
	serialize, known := map[string]protocol.SerializeType{"msgpack": protocol.MsgPack, "json": protocol.JSON}[*codec]
	if !known {
		fmt.Fprintf(os.Stderr, "forms: -codec must be msgpack or json, not %q\n", *codec)
		os.Exit(2)
	}
	os.Exit(run(*addr, serialize))
}

func run(addr string, codec protocol.SerializeType) int {
	option := client.DefaultOption
	option.SerializeType = codec
	option.ConnectTimeout = 5 * time.Second
	discovery, err := client.NewPeer2PeerDiscovery("tcp@"+addr, "")
	if err != nil {
		fmt.Fprintln(os.Stderr, "forms:", err)
		return 1
	}
	xclient := client.NewXClient(generated.FormsPath, client.Failfast, client.RandomSelect, discovery, option)
	defer xclient.Close()
	c := generated.NewFormsClient(xclient)
	failed := 0
	for _, check := range checks {
		if err := check.run(c); err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", check.name, err)
			continue
		}
		fmt.Println("ok", check.name)
	}
	return failed
}
