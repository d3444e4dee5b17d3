package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/smallnest/rpcx/client"
)

// busyCallers is how many goroutines share the connection.
const busyCallers = 50

// busy calls over one connection until it ends, and prints how many calls were answered.
func busy(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	var answered atomic.Int64
	var callers sync.WaitGroup
	for range busyCallers {
		callers.Add(1)
		go func() {
			defer callers.Done()
			var reply []byte
			for c.Call(context.Background(), "Arith", "Echo", []byte("busy"), &reply) == nil {
				answered.Add(1)
			}
		}()
	}
	callers.Wait()
	fmt.Println("answered", answered.Load())
	return nil
}

// crowdCallers is how many calls are in flight on one connection.
const crowdCallers = 10000

// crowd makes that many calls at once over one connection, and prints how many were answered and in how many milliseconds.
func crowd(e env) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	var answered atomic.Int64
	var failure atomic.Value
	var callers sync.WaitGroup
	began := time.Now()
	for range crowdCallers {
		callers.Add(1)
		go func() {
			defer callers.Done()
			var reply []byte
			ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
			defer cancel()
			if err := c.Call(ctx, "Arith", "Echo", []byte("crowd"), &reply); err != nil {
				failure.Store(err.Error())
				return
			}
			answered.Add(1)
		}()
	}
	callers.Wait()
	fmt.Println("answered", answered.Load())
	fmt.Println("took", time.Since(began).Milliseconds())
	if text := failure.Load(); text != nil {
		return fmt.Errorf("%v", text)
	}
	return nil
}

// failover calls two servers, with a comma between their addresses, until the first one is gone and 2,000 more calls were
// answered. It prints how many were, and how many failed.
func failover(e env) error {
	var pairs []*client.KVPair
	for _, addr := range strings.Split(e.addr, ",") {
		pairs = append(pairs, &client.KVPair{Key: e.network + "@" + addr})
	}
	d, err := client.NewMultipleServersDiscovery(pairs)
	if err != nil {
		return err
	}
	option := e.option
	option.Retries = 5
	c := client.NewXClient("Arith", client.Failover, client.RoundRobin, d, option)
	defer c.Close()
	var answered, failed, gone atomic.Int64
	var failure atomic.Value
	var callers sync.WaitGroup
	deadline := time.Now().Add(60 * time.Second)
	for range busyCallers {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for time.Now().Before(deadline) && gone.Load() < 2000 {
				var reply []byte
				if err := c.Call(context.Background(), "Echo", []byte("busy"), &reply); err != nil {
					failed.Add(1)
					failure.Store(err.Error())
					continue
				}
				answered.Add(1)
				// The second server says so when the first one has stopped.
				if string(reply) == "alone" {
					gone.Add(1)
				}
			}
		}()
	}
	callers.Wait()
	fmt.Println("answered", answered.Load())
	if failed.Load() > 0 {
		return fmt.Errorf("%d calls failed: %v", failed.Load(), failure.Load())
	}
	return nil
}
