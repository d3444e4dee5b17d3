package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	metrics "github.com/rcrowley/go-metrics"
	consul "github.com/rpcxio/rpcx-consul/serverplugin"
	etcd "github.com/rpcxio/rpcx-etcd/serverplugin"
	nacos "github.com/rpcxio/rpcx-nacos/serverplugin"
	redis "github.com/rpcxio/rpcx-redis/serverplugin"
	zookeeper "github.com/rpcxio/rpcx-zookeeper/serverplugin"
	"github.com/smallnest/rpcx/server"
	"github.com/smallnest/rpcx/serverplugin"
)

type Args struct{ A, B int }

type Reply struct{ C int }

// Arith is what every service here is.
type Arith struct{}

func (*Arith) Mul(_ context.Context, args *Args, reply *Reply) error {
	reply.C = args.A * args.B
	return nil
}

// plugin is what the official plugins have in common.
type plugin interface {
	Start() error
	Stop() error
}

func (s *settings) serve(meta string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := "tcp@" + listener.Addr().String()
	registration, err := s.plugin(address)
	if err != nil {
		return err
	}
	// The one for mdns panics at its end if it was started before it had a service.
	early := s.registry != "mdns"
	if early {
		if err := registration.Start(); err != nil {
			return err
		}
	}
	srv := server.NewServer()
	srv.Plugins.Add(registration)
	for _, name := range s.services {
		if err := srv.RegisterName(name, new(Arith), meta); err != nil {
			return err
		}
	}
	if !early {
		if err := registration.Start(); err != nil {
			return err
		}
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- srv.ServeListener("tcp", listener) }()
	fmt.Println("listening", address)
	select {
	case err := <-served:
		return err
	case <-stop.Done():
		if err := registration.Stop(); err != nil {
			return err
		}
		return srv.Close()
	}
}

func (s *settings) plugin(address string) (plugin, error) {
	at := []string{s.at}
	meters := metrics.NewRegistry()
	switch s.registry {
	case "etcd":
		return &etcd.EtcdV3RegisterPlugin{ServiceAddress: address, EtcdServers: at, BasePath: s.base, Metrics: meters, UpdateInterval: s.update, Options: s.options()}, nil
	case "redis":
		return &redis.RedisRegisterPlugin{ServiceAddress: address, RedisServers: at, BasePath: s.base, Metrics: meters, UpdateInterval: s.update, Options: s.options()}, nil
	case "zookeeper":
		return &zookeeper.ZooKeeperRegisterPlugin{ServiceAddress: address, ZooKeeperServers: at, BasePath: s.base, Metrics: meters, UpdateInterval: s.update, Options: s.options()}, nil
	case "consul":
		return &consul.ConsulRegisterPlugin{ServiceAddress: address, ConsulServers: at, BasePath: s.base, Metrics: meters, UpdateInterval: s.update, Options: s.options()}, nil
	case "mdns":
		return serverplugin.NewMDNSRegisterPlugin(address, 0, meters, s.update, s.base), nil
	case "nacos":
		client, servers, err := s.nacos()
		if err != nil {
			return nil, err
		}
		return &nacos.NacosRegisterPlugin{ServiceAddress: address, ClientConfig: client, ServerConfig: servers, Cluster: "test", Group: s.base, Weight: 5}, nil
	}
	return nil, fmt.Errorf("unknown registry %q", s.registry)
}
