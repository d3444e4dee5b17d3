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

	"rpcx-interop/peer"
)

// env is what a case needs to know about the run.
type env struct {
	network, addr string
	codec         protocol.SerializeType
	option        client.Option
	servedBy      string
	// four says that codec 4 is JSON and not thrift.
	four bool
}

var codecs = map[string]protocol.SerializeType{
	"msgpack": protocol.MsgPack, "json": protocol.JSON, "raw": protocol.SerializeNone,
	"protobuf": protocol.ProtoBuffer, "thrift": protocol.Thrift, "prefixed": peer.Prefixed, "four": peer.Four,
}

var compressions = map[string]protocol.CompressType{
	"none": protocol.None, "gzip": protocol.Gzip, "snappy": peer.Snappy, "zstd": peer.Zstd,
}

func main() {
	addr := flag.String("addr", "", "server to call: host:port or network@address")
	codec := flag.String("codec", "msgpack", "msgpack, json, raw, protobuf, thrift, prefixed (JSON as number 9) or four (JSON as number 4)")
	compress := flag.String("compress", "none", "compress requests above 1024 bytes: none, gzip, snappy or zstd")
	gzip := flag.Bool("gzip", false, "the same as -compress gzip")
	heartbeat := flag.Duration("heartbeat", 0, "heartbeat interval of every client; 0 is none")
	name := flag.String("case", "all", "a case, several with commas between, or all")
	servedBy := flag.String("served-by", "", "expected `served-by` of the response metadata; empty takes any")
	flag.Parse()
	if *gzip {
		*compress = "gzip"
	}
	serialize, known := codecs[*codec]
	compressType, knownToo := compressions[*compress]
	if !known || !knownToo || *addr == "" {
		fmt.Fprintf(os.Stderr, "client: -addr is needed, -codec and -compress must be known (codec %q, compress %q, addr %q)\n", *codec, *compress, *addr)
		os.Exit(2)
	}
	peer.RegisterFormats(*codec == "four")
	rpcxlog.SetDummyLogger() // it would write between our lines
	e := env{network: "tcp", addr: *addr, codec: serialize, option: option(serialize, compressType, *heartbeat), servedBy: *servedBy, four: *codec == "four"}
	if before, after, ok := strings.Cut(*addr, "@"); ok {
		e.network, e.addr = before, after
	}
	if err := secure(&e.option); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(2)
	}
	os.Exit(runCases(e, *name))
}

func option(codec protocol.SerializeType, compress protocol.CompressType, heartbeat time.Duration) client.Option {
	o := client.DefaultOption
	o.SerializeType = codec
	o.Retries = 0
	o.ConnectTimeout = 5 * time.Second
	o.CompressType = compress
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
	switch names { // they need a server of their own, so `all` does without them
	case "busy":
		all = []testCase{{"busy", true, busy}}
	case "crowd":
		all = []testCase{{"crowd", true, crowd}}
	case "failover":
		all = []testCase{{"failover", true, failover}}
	}
	switch e.codec {
	case protocol.ProtoBuffer:
		all = protobufCases
	case protocol.MsgPack, protocol.JSON:
		if strings.HasPrefix(names, "colors") { // messages of protobuf in another codec
			all = protobufCases
		}
	case protocol.Thrift:
		if !e.four {
			all = thriftCases
		}
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
