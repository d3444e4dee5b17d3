package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/nacos-group/nacos-sdk-go/v2/common/constant"
	"github.com/rpcxio/libkv/store"
	consul "github.com/rpcxio/rpcx-consul/client"
	etcd "github.com/rpcxio/rpcx-etcd/client"
	nacos "github.com/rpcxio/rpcx-nacos/client"
	redis "github.com/rpcxio/rpcx-redis/client"
	zookeeper "github.com/rpcxio/rpcx-zookeeper/client"
	"github.com/smallnest/rpcx/client"
)

func (s *settings) discover() error {
	discovery, err := s.discovery()
	if err != nil {
		return err
	}
	option := client.DefaultOption
	option.ConnectTimeout = 5 * time.Second
	xclient := client.NewXClient(s.services[0], client.Failover, client.RoundRobin, discovery, option)
	defer xclient.Close()
	fmt.Println("found")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text(), xclient, discovery))
	}
	return nil
}

func answer(line string, xclient client.XClient, discovery client.ServiceDiscovery) string {
	switch line {
	case "call":
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		reply := new(Reply)
		if err := xclient.Call(ctx, "Mul", &Args{A: 10, B: 20}, reply); err != nil {
			return "err " + strconv.Quote(err.Error())
		}
		return fmt.Sprint("ok ", reply.C)
	case "list":
		nodes := map[string]string{}
		for _, pair := range discovery.GetServices() {
			nodes[pair.Key] = pair.Value
		}
		text, err := json.Marshal(nodes)
		if err != nil {
			return "err " + strconv.Quote(err.Error())
		}
		return string(text)
	}
	return "err unknown command " + strconv.Quote(line)
}

func (s *settings) discovery() (client.ServiceDiscovery, error) {
	at, name := []string{s.at}, s.services[0]
	switch s.registry {
	case "etcd":
		return etcd.NewEtcdV3Discovery(s.base, name, at, true, s.options())
	case "redis":
		return redis.NewRedisDiscovery(s.base, name, at, s.options())
	case "zookeeper":
		return zookeeper.NewZookeeperDiscovery(s.base, name, at, s.options())
	case "consul":
		return consul.NewConsulDiscovery(s.base, name, at, s.options())
	case "mdns":
		return client.NewMDNSDiscovery(name, time.Second, time.Second, s.base)
	case "nacos":
		client, servers, err := s.nacos()
		if err != nil {
			return nil, err
		}
		return nacos.NewNacosDiscovery(name, "test", s.base, client, servers)
	}
	return nil, fmt.Errorf("unknown registry %q", s.registry)
}

func (s *settings) options() *store.Config {
	options := &store.Config{Password: s.password, Bucket: s.db, ConnectionTimeout: 10 * time.Second}
	if s.registry == "etcd" && s.password != "" {
		options.Username = "root"
	}
	return options
}

func (s *settings) nacos() (constant.ClientConfig, []constant.ServerConfig, error) {
	host, text, err := net.SplitHostPort(s.at)
	if err != nil {
		return constant.ClientConfig{}, nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return constant.ClientConfig{}, nil, err
	}
	client := constant.ClientConfig{
		TimeoutMs: 10000, BeatInterval: 5000, NamespaceId: "public", NotLoadCacheAtStart: true,
		LogDir: s.folder, CacheDir: s.folder, LogLevel: "error",
	}
	return client, []constant.ServerConfig{*constant.NewServerConfig(host, port)}, nil
}
