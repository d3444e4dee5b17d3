// Command mixed serves the stock of a shop, or calls a server that does.
//
// Without arguments it prints the address that it listens on, and serves. With an address it calls.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/server"

	rpcxlog "github.com/smallnest/rpcx/log"

	"mixed/stock"
)

func main() {
	rpcxlog.SetDummyLogger() // it would write between our lines
	run := serve
	if len(os.Args) > 1 {
		run = func() error { return call(os.Args[1]) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mixed:", err)
		os.Exit(1)
	}
}

func serve() error {
	s := server.NewServer()
	if err := stock.RegisterStock(s, newShop(), ""); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return s.ServeListener("tcp", listener)
}

// call fills the shelf and takes from it. The Rust program does the same.
func call(address string) error {
	discovery, err := client.NewPeer2PeerDiscovery("tcp@"+address, "")
	if err != nil {
		return err
	}
	xclient := client.NewXClient(stock.StockPath, client.Failfast, client.RandomSelect, discovery, client.DefaultOption)
	defer xclient.Close()
	c, ctx := stock.NewStockClient(xclient), context.Background()
	for _, item := range []stock.Item{{Name: "apple", Count: 3}, {Name: "pear", Count: 1}} {
		if err := c.Add(ctx, &item); err != nil {
			return err
		}
	}
	items, err := c.List(ctx)
	if err != nil {
		return err
	}
	var list []string
	for _, item := range items {
		list = append(list, fmt.Sprintf("%d %s", item.Count, item.Name))
	}
	left, err := c.Take(ctx, &stock.StockTakeArgs{Name: "apple", Count: 2})
	if err != nil {
		return err
	}
	_, err = c.Take(ctx, &stock.StockTakeArgs{Name: "apple", Count: 2})
	var refused *stock.StockError
	if !errors.As(err, &refused) || refused.Code != stock.StockErrorNotEnough {
		return fmt.Errorf("two more were not refused: %w", err)
	}
	fmt.Printf("%s; %d apple left, %s\n", strings.Join(list, ", "), left, refused.Text)
	return nil
}
