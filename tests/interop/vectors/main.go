// Command vectors prints what Go rpcx puts on the wire, one `name = hex  # meaning` a line, sorted by name.
// Two runs with the same Go release print the same bytes.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	rpcxlog "github.com/smallnest/rpcx/log"
)

// vector is one recorded byte string.
type vector struct {
	name, meaning string
	data          []byte
}

func main() {
	rpcxlog.SetDummyLogger() // it would write between the vectors
	var all []vector
	for _, record := range []func() ([]vector, error){payloads, requests, answers, live} {
		vectors, err := record()
		if err != nil {
			fmt.Fprintln(os.Stderr, "vectors:", err)
			os.Exit(1)
		}
		all = append(all, vectors...)
	}
	slices.SortFunc(all, func(a, b vector) int { return strings.Compare(a.name, b.name) })
	fmt.Printf("# Bytes of Go rpcx, recorded with `go run ./vectors > ../vectors/go-rpcx.txt` in tests/interop.\n")
	fmt.Printf("# rpcx %s, %s. The gzip bytes depend on the Go release; nothing else does.\n", rpcxVersion(), runtime.Version())
	fmt.Printf("# One vector a line: name = hex  # meaning. Frames are whole; `-` stands for no bytes.\n")
	for _, v := range all {
		hex := fmt.Sprintf("%x", v.data)
		if hex == "" {
			hex = "-"
		}
		fmt.Printf("%s = %s  # %s\n", v.name, hex, v.meaning)
	}
}

func rpcxVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/smallnest/rpcx" {
				return module.Version
			}
		}
	}
	return "of an unknown version"
}
