// Command reflection asks a server for its services as Go's tools do: by the service that Go's package `reflection`
// registers. It prints `ok NAME` or `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/protocol"
)

var addr = flag.String("addr", "", "server to ask: host:port")

func main() {
	flag.Parse()
	failed := 0
	for name, codec := range map[string]protocol.SerializeType{"msgpack": protocol.MsgPack, "json": protocol.JSON} {
		if err := ask(codec); err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", name, err)
			continue
		}
		fmt.Println("ok", name)
	}
	os.Exit(failed)
}

func ask(codec protocol.SerializeType) error {
	discovery, err := client.NewPeer2PeerDiscovery("tcp@"+*addr, "")
	if err != nil {
		return err
	}
	option := client.DefaultOption
	option.SerializeType = codec
	reflection := client.NewXClient("Reflection", client.Failtry, client.RandomSelect, discovery, option)
	defer reflection.Close()
	var all, one string
	if err := reflection.Call(context.Background(), "GetServices", "", &all); err != nil {
		return fmt.Errorf("GetServices: %w", err)
	}
	if err := reflection.Call(context.Background(), "GetService", "Arith", &one); err != nil {
		return fmt.Errorf("GetService: %w", err)
	}
	for _, text := range []string{all, one} {
		for _, line := range []string{
			"package main\n\ntype Arith struct{}\n",
			"type Args struct {\n\tA int64\n\tB int64\n}\n",
			"type (s *Arith) Mul(ctx context.Context, arg *Args, reply *Reply) error {\n\treturn nil\n}\n",
		} {
			if !strings.Contains(text, line) {
				return fmt.Errorf("no %q in %q", line, text)
			}
		}
	}
	err = reflection.Call(context.Background(), "GetService", "Nope", &one)
	if err == nil || err.Error() != "not found service Nope" {
		return fmt.Errorf("an unknown service: %v", err)
	}
	return nil
}
