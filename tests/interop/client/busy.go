package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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
