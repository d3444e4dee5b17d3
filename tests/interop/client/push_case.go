package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/smallnest/rpcx/protocol"

	"rpcx-interop/peer"
)

// push subscribes and takes what the server sends without being asked.
func push(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	messages := make(chan *protocol.Message, 10)
	c.RegisterServerMessageChan(messages)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Call(ctx, "Market", "Subscribe", peer.Subscription{Count: 5}, &peer.Empty{}); err != nil {
		return err
	}
	for i := range 5 {
		select {
		case m := <-messages:
			got := fmt.Sprint(m.ServicePath, " ", m.ServiceMethod, " ", m.Metadata["n"], " ", string(m.Payload))
			n := strconv.Itoa(i)
			if err := same(got, "Prices Changed "+n+" "+n); err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("message %d did not come", i)
		}
	}
	return nil
}
