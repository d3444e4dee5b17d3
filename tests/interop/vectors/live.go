package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/server"
	"github.com/smallnest/rpcx/share"

	"rpcx-interop/peer"
)

// patience ends a recording that waits for bytes which never come.
const patience = 5 * time.Second

// Recorded is the service whose answers have exactly one metadata key, and the source of pushes.
type Recorded struct{ server *server.Server }

func (Recorded) Meta(ctx context.Context, args peer.Args, reply *peer.Reply) error {
	ctx.Value(share.ResMetaDataKey).(map[string]string)["served-by"] = "go"
	reply.C = args.A
	return nil
}

func (r Recorded) Push(ctx context.Context, args peer.Args, _ *peer.Reply) error {
	conn := ctx.Value(server.RemoteConnContextKey).(net.Conn)
	return r.server.SendMessage(conn, "Board", "News", map[string]string{"k": "v"}, []byte("pushed"))
}

// serve starts a server and returns its address and what ends it.
func serve() (string, func() error, error) {
	s := server.NewServer()
	err := errors.Join(peer.Register(s), s.RegisterName("Recorded", Recorded{s}, ""))
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	go s.ServeListener("tcp", listener)
	return listener.Addr().String(), s.Close, nil
}

// answers sends every request frame to a real server, each on a connection of its own, and records what comes back.
func answers() ([]vector, error) {
	addr, end, err := serve()
	if err != nil {
		return nil, err
	}
	defer end()
	sent, err := requests()
	if err != nil {
		return nil, err
	}
	var out []vector
	for _, v := range sent {
		name := v.name[len("frame.request."):]
		if name == "oneway" {
			continue
		}
		data, err := answer(addr, v.data)
		if err != nil {
			return nil, errors.Join(errors.New(name), err)
		}
		out = append(out, vector{"frame.response." + name, "answer to frame.request." + name, data})
	}
	ask, err := request("Push", protocol.MsgPack, peer.Args{}, recorded)
	if err != nil {
		return nil, err
	}
	push, err := answer(addr, ask) // the push is written before the answer
	return append(out, vector{"frame.push", "server push Board.News with metadata k=v and payload `pushed`", push}), err
}

func answer(addr string, frame []byte) ([]byte, error) {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := conn.Write(frame); err != nil {
		return nil, err
	}
	return wholeFrame(conn)
}

// wholeFrame reads one frame and keeps its bytes as they came.
func wholeFrame(r io.Reader) ([]byte, error) {
	header := make([]byte, 16)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(header[12:]))
	_, err := io.ReadFull(r, body)
	return append(header, body...), err
}

// live records the first frame of a real client, for each way of calling.
func live() ([]vector, error) {
	mul := func(c *client.Client, reply any) {
		c.Go(context.Background(), "Arith", "Mul", peer.Args{A: 10, B: 20}, reply, nil)
	}
	calls := []struct {
		name, meaning string
		codec         protocol.SerializeType
		call          func(*client.Client)
	}{
		{"mul", "first call of a client: Arith.Mul {10, 20}, seq 0", protocol.MsgPack, func(c *client.Client) { mul(c, &peer.Reply{}) }},
		{"json", "first call of a JSON client: Arith.Mul {10, 20}, seq 0", protocol.JSON, func(c *client.Client) { mul(c, &peer.Reply{}) }},
		{"oneway", "first call of a client, Arith.Mul {10, 20} without a reply: one way, seq 0", protocol.MsgPack, func(c *client.Client) { mul(c, nil) }},
		{"gzip", "Arith.Echo of 2000 bytes, msgpack, compressed", protocol.MsgPack, func(c *client.Client) {
			c.Go(context.Background(), "Arith", "Echo", peer.Pattern(compressible), new([]byte), nil)
		}},
		{"gzip-small", "Arith.Mul of a client that compresses: below 1025 bytes it does not", protocol.MsgPack,
			func(c *client.Client) { mul(c, &peer.Reply{}) }},
	}
	var out []vector
	for _, call := range calls {
		option := client.DefaultOption
		option.SerializeType = call.codec
		if call.name == "gzip" || call.name == "gzip-small" {
			option.CompressType = protocol.Gzip
		}
		data, err := firstFrame(option, call.call)
		if err != nil {
			return nil, errors.Join(errors.New(call.name), err)
		}
		out = append(out, vector{"frame.client." + call.name, call.meaning, data})
	}
	return out, nil
}

// firstFrame lets a real client connect to a bare listener and returns the first frame that it sends.
func firstFrame(option client.Option, call func(*client.Client)) ([]byte, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	c := client.NewClient(option)
	if err := c.Connect("tcp", listener.Addr().String()); err != nil {
		return nil, err
	}
	defer c.Close()
	conn, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	call(c)
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return wholeFrame(conn)
}
