// Command registries has the official registry plugins of Go rpcx on the other end of a real registry.
//
//	registries -serve -registry etcd -at 127.0.0.1:2379 -services Arith,Echo -meta 'group=a&weight=7'
//	registries -registry etcd -at 127.0.0.1:2379 -services Arith
//
// With -serve it registers the services, prints `listening tcp@HOST:PORT`, serves, and leaves the registry on SIGTERM.
// Without, it is an XClient that finds the first of the services, prints `found`, and answers lines of its standard
// input: `call` with `ok 200` or `err WHY`, `list` with the nodes that the plugin has, as a JSON object.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	rpcxlog "github.com/smallnest/rpcx/log"
)

// settings are the same for both ends.
type settings struct {
	registry, at, base, password, db string
	services                         []string
	update                           time.Duration
	folder                           string
}

func main() {
	var s settings
	serve := flag.Bool("serve", false, "serve and register, in place of discovering")
	flag.StringVar(&s.registry, "registry", "", "etcd, redis, zookeeper, consul, nacos or mdns")
	flag.StringVar(&s.at, "at", "", "host:port of the registry")
	flag.StringVar(&s.base, "base", "/rpcx_test", "base path; the group of nacos; the domain of mdns")
	flag.StringVar(&s.password, "password", "", "password of redis or etcd (with user root)")
	flag.StringVar(&s.db, "db", "", "database of redis")
	flag.StringVar(&s.folder, "folder", os.TempDir(), "where the nacos client keeps its files")
	flag.DurationVar(&s.update, "update", 3*time.Second, "how often a server refreshes")
	services := flag.String("services", "Arith", "names of services, with commas between")
	meta := flag.String("meta", "", "metadata of each service")
	verbose := flag.Bool("verbose", false, "let rpcx log")
	flag.Parse()
	s.services = strings.Split(*services, ",")
	if !*verbose {
		rpcxlog.SetDummyLogger() // it would write between our lines
	}
	run := s.discover
	if *serve {
		run = func() error { return s.serve(*meta) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "registries:", err)
		os.Exit(1)
	}
}
