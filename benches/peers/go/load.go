package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/protocol"
)

type mode struct {
	connections, callers int
	operation            string
}

var modes = map[string]mode{
	"a": {1, 1, "Say"}, "b": {1, 64, "Say"}, "c": {8, 512, "Say"}, "d": {1, 8, "Blob"}, "e": {1, 64, "Mul"},
	"f": {100, 5000, "Say"}, "g": {50, 1000, "Say"},
}

const (
	warming int32 = iota
	measuring
	stopping
)

type outcome struct {
	Calls   int     `json:"calls"`
	Errors  int64   `json:"errors"`
	Seconds float64 `json:"seconds"`
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	P999    float64 `json:"p999_us"`
	Client  usage   `json:"client"`
	Server  usage   `json:"server"`
}

func load(address, letter string, args []string) error {
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	secs := flags.Float64("secs", 2, "seconds that are measured")
	warm := flags.Float64("warm", 0.5, "seconds before")
	rate := flags.Float64("rate", 0, "calls in a second that begin at their own times; 0 for each at the end of the one before")
	control := flags.String("control", "", "the server's control address")
	if err := flags.Parse(args); err != nil {
		return err
	}
	m, ok := modes[letter]
	if !ok {
		return fmt.Errorf("there is no mode %q", letter)
	}
	clients, err := connect(address, m.connections)
	if err != nil {
		return err
	}
	var server *probe
	if *control != "" {
		conn, err := net.Dial("tcp", *control)
		if err != nil {
			return err
		}
		server = &probe{conn, bufio.NewReader(conn)}
	}
	return measure(clients, m, server, *warm, *secs, *rate)
}

func connect(address string, n int) ([]*client.Client, error) {
	option := client.DefaultOption
	option.SerializeType = protocol.MsgPack
	var clients []*client.Client
	for try := 0; len(clients) < n; try++ {
		c := client.NewClient(option)
		err := c.Connect("tcp", address)
		if err == nil {
			clients = append(clients, c)
		} else if try > 250 {
			return nil, err
		} else {
			time.Sleep(20 * time.Millisecond) // the server was only just started
		}
	}
	return clients, nil
}

func measure(clients []*client.Client, m mode, server *probe, warm, secs, rate float64) error {
	due := pace(rate)
	var phase atomic.Int32
	var errors atomic.Int64
	var callers sync.WaitGroup
	latencies := make([][]time.Duration, m.callers)
	for i := range m.callers {
		call := caller(clients[i%len(clients)], m.operation)
		callers.Go(func() { latencies[i] = keepCalling(call, due, &phase, &errors) })
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	time.Sleep(seconds(warm))
	server0, err := server.ask()
	if err != nil {
		return err
	}
	start, client0 := time.Now(), own()
	phase.Store(measuring)
	time.Sleep(seconds(secs))
	phase.Store(stopping)
	server1, err := server.ask()
	if err != nil {
		return err
	}
	elapsed, client1 := time.Since(start), own()
	callers.Wait()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return json.NewEncoder(os.Stdout).Encode(outcome{
		len(all), errors.Load(), elapsed.Seconds(), quantile(all, 0.5), quantile(all, 0.99), quantile(all, 0.999),
		client1.since(client0), server1.since(server0),
	})
}

// pace says when each call is meant to begin, in ticks of a millisecond. Without a rate there is no such time.
func pace(rate float64) <-chan time.Time {
	if rate <= 0 {
		return nil
	}
	due := make(chan time.Time, 1<<20)
	go func() {
		begin, given := time.Now(), 0
		for tick := 1; ; tick++ {
			at := begin.Add(time.Duration(tick) * time.Millisecond)
			time.Sleep(time.Until(at))
			for ; float64(given) < rate*float64(tick)/1000; given++ {
				due <- at
			}
		}
	}()
	return due
}

func keepCalling(call func(i int32) error, due <-chan time.Time, phase *atomic.Int32, errors *atomic.Int64) (latencies []time.Duration) {
	before := time.Now()
	for i := int32(1); ; i++ {
		if due != nil {
			before = <-due
		}
		now := phase.Load()
		if now == stopping {
			return latencies
		}
		err := call(i)
		after := time.Now()
		if err != nil {
			if errors.Add(1) == 1 {
				fmt.Fprintln(os.Stderr, "the first error:", err)
			}
		} else if now == measuring {
			latencies = append(latencies, after.Sub(before))
		}
		before = after
	}
}

func caller(c *client.Client, operation string) func(i int32) error {
	call := func(args, reply any) error {
		return c.Call(context.Background(), "Bench", operation, args, reply)
	}
	switch operation {
	case "Mul":
		return func(i int32) error {
			var reply MulReply
			err := call(&MulArgs{i, 3}, &reply)
			return check(err, reply.C == i*3)
		}
	case "Blob":
		blob := make([]byte, 1<<20)
		return func(int32) error {
			var reply []byte
			err := call(&blob, &reply)
			return check(err, len(reply) == len(blob))
		}
	}
	message := filled()
	return func(int32) error {
		var reply BenchmarkMessage
		err := call(message, &reply)
		return check(err, reply.Field1 == "OK" && reply.Field2 == 100)
	}
}

func check(err error, right bool) error {
	if err == nil && !right {
		return fmt.Errorf("a wrong reply")
	}
	return err
}

func quantile(sorted []time.Duration, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := min(int(share*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[at]) / 1000
}
