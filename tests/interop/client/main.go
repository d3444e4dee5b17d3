// Command client calls a server that offers the services of package peer and checks every answer.
// It prints `ok NAME` or `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/smallnest/rpcx/client"
	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/protocol"
)

// env is what a case needs to know about the run.
type env struct {
	network, addr string
	codec         protocol.SerializeType
	option        client.Option
	servedBy      string
}

var codecs = map[string]protocol.SerializeType{
	"msgpack": protocol.MsgPack, "json": protocol.JSON, "raw": protocol.SerializeNone,
	"protobuf": protocol.ProtoBuffer, "thrift": protocol.Thrift,
}

func main() {
	addr := flag.String("addr", "", "server to call: host:port or network@address")
	codec := flag.String("codec", "msgpack", "msgpack, json, raw, protobuf or thrift")
	gzip := flag.Bool("gzip", false, "compress requests above 1024 bytes")
	heartbeat := flag.Duration("heartbeat", 0, "heartbeat interval of every client; 0 is none")
	name := flag.String("case", "all", "a case, several with commas between, or all")
	servedBy := flag.String("served-by", "", "expected `served-by` of the response metadata; empty takes any")
	flag.Parse()
	serialize, known := codecs[*codec]
	if !known || *addr == "" {
		fmt.Fprintf(os.Stderr, "client: -addr is needed and -codec must be msgpack, json, raw, protobuf or thrift (codec %q, addr %q)\n", *codec, *addr)
		os.Exit(2)
	}
	rpcxlog.SetDummyLogger() // it would write between our lines
	e := env{network: "tcp", addr: *addr, codec: serialize, option: option(serialize, *gzip, *heartbeat), servedBy: *servedBy}
	if before, after, ok := strings.Cut(*addr, "@"); ok {
		e.network, e.addr = before, after
	}
	if err := trust(&e.option); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(2)
	}
	os.Exit(runCases(e, *name))
}

func option(codec protocol.SerializeType, gzip bool, heartbeat time.Duration) client.Option {
	o := client.DefaultOption
	o.SerializeType = codec
	o.Retries = 0
	o.ConnectTimeout = 5 * time.Second
	if gzip {
		o.CompressType = protocol.Gzip
	}
	if heartbeat > 0 {
		o.Heartbeat, o.HeartbeatInterval = true, heartbeat
	}
	return o
}

// runCases runs the named cases in their order and returns the exit code.
func runCases(e env, names string) int {
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		wanted[name] = true
	}
	failed := 0
	all := cases
	switch e.codec {
	case protocol.ProtoBuffer:
		all = protobufCases
	case protocol.Thrift:
		all = thriftCases
	}
	for _, c := range all {
		fits := e.codec != protocol.SerializeNone || c.raw
		if !wanted[c.name] && !(wanted["all"] && fits) {
			continue
		}
		delete(wanted, c.name)
		if err := c.run(e); err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", c.name, err)
			continue
		}
		fmt.Println("ok", c.name)
	}
	delete(wanted, "all")
	for name := range wanted {
		failed = 2
		fmt.Printf("fail %s: no such case\n", name)
	}
	return failed
}
