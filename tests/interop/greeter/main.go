// Command greeter serves or calls the service of examples/from-proto/proto/hello.proto, with messages that
// protoc-gen-gogofast and a client and an interface that protoc-gen-rpcx have made of the same file.
//
// As a server it prints `listening ADDRESS` and runs until SIGTERM. As a client it prints `ok NAME` or
// `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gogo/protobuf/types"
	"github.com/smallnest/rpcx/client"
	rpcxlog "github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/server"

	"rpcx-interop/greeter/hello"
	"rpcx-interop/greeter/people"
)

// path is what clients of protoc-gen-rpcx call the service: its name without its package.
const path = "Greeter"

var _ hello.GreeterAble = (*greeter)(nil)

// greeter answers as `MyGreeter` in examples/from-proto/tests/go.rs does.
type greeter struct{}

func (*greeter) SayHello(_ context.Context, args *hello.HelloRequest, reply *hello.HelloReply) error {
	person := args.GetPerson()
	if person == nil {
		return errors.New("nobody to greet")
	}
	answer := "be quiet"
	switch contact := person.GetContact().(type) {
	case *people.Person_Mail:
		answer = "write to " + contact.Mail
	case *people.Person_Phone:
		answer = fmt.Sprint("call ", contact.Phone)
	}
	reply.Message = fmt.Sprintf("hello %s %s, I shall %s", person.Titles["en"], person.Name, answer)
	reply.At = &types.Timestamp{Seconds: -int64(len(person.Titles)), Nanos: 999_999_999}
	return nil
}

// check is a question and what is answered to it.
type check struct {
	name    string
	person  *people.Person
	message string
	seconds int64
}

var checks = []check{
	{"phone", &people.Person{
		Name:    "Lovelace",
		Titles:  map[string]string{"en": "Lady", "de": "Gräfin", "": ""},
		Contact: &people.Person_Phone{Phone: 1<<64 - 1},
	}, "hello Lady Lovelace, I shall call 18446744073709551615", -3},
	{"mail", &people.Person{
		Name:    "世界",
		Titles:  map[string]string{"de": "Gräfin"},
		Contact: &people.Person_Mail{Mail: "ada@example.org"},
	}, "hello  世界, I shall write to ada@example.org", -1},
	{"empty-mail", &people.Person{Contact: &people.Person_Mail{}}, "hello  , I shall write to ", 0},
	{"zero-phone", &people.Person{Contact: &people.Person_Phone{}}, "hello  , I shall call 0", 0},
	{"nothing", &people.Person{}, "hello  , I shall be quiet", 0},
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "host:port to listen on or to call")
	call := flag.Bool("call", false, "call, and do not serve")
	codec := flag.String("codec", "protobuf", "protobuf, msgpack or json, for a call")
	flag.Parse()
	rpcxlog.SetDummyLogger() // it would write between our lines
	if !*call {
		if err := serve(*addr); err != nil {
			fmt.Fprintln(os.Stderr, "greeter:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(*addr, *codec))
}

func serve(addr string) error {
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	s := server.NewServer()
	if err := s.RegisterName(path, new(greeter), ""); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeListener("tcp", listener) }()
	fmt.Println("listening", listener.Addr())
	select {
	case err = <-served:
		return err
	case <-stop.Done():
		return s.Close()
	}
}

// xclient is the one of protoc-gen-rpcx, which has the codec protobuf, or one like it with another codec.
func xclient(addr, codec string) (client.XClient, error) {
	client.DefaultOption.ConnectTimeout = 5 * time.Second
	option := client.DefaultOption
	switch codec {
	case "protobuf":
		return hello.NewXClientForGreeter(addr)
	case "msgpack":
		option.SerializeType = protocol.MsgPack
	case "json":
		option.SerializeType = protocol.JSON
	default:
		return nil, fmt.Errorf("unknown codec %q", codec)
	}
	discovery, err := client.NewPeer2PeerDiscovery("tcp@"+addr, "")
	if err != nil {
		return nil, err
	}
	return client.NewXClient(path, client.Failtry, client.RoundRobin, discovery, option), nil
}

func run(addr, codec string) int {
	xclient, err := xclient(addr, codec)
	if err != nil {
		fmt.Fprintln(os.Stderr, "greeter:", err)
		return 1
	}
	defer xclient.Close()
	greeter := hello.NewGreeterClient(xclient)
	failed := 0
	report := func(name string, err error) {
		if err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", name, err)
			return
		}
		fmt.Println("ok", name)
	}
	for _, c := range checks {
		// gogo leaves the field out of JSON, and with it which one is set
		if codec == "json" && (c.name == "empty-mail" || c.name == "zero-phone") {
			continue
		}
		report(c.name, c.run(greeter))
	}
	report("nobody", nobody(greeter))
	return failed
}

func say(greeter *hello.GreeterClient, args *hello.HelloRequest) (*hello.HelloReply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return greeter.SayHello(ctx, args)
}

func (c check) run(greeter *hello.GreeterClient) error {
	reply, err := say(greeter, &hello.HelloRequest{Person: c.person})
	if err != nil {
		return err
	}
	if reply.Message != c.message {
		return fmt.Errorf("got %q, want %q", reply.Message, c.message)
	}
	if reply.At == nil || reply.At.Seconds != c.seconds || reply.At.Nanos != 999_999_999 {
		return fmt.Errorf("got the time %v, want %d s", reply.At, c.seconds)
	}
	return nil
}

// nobody is a request without a person, which is an error of the service.
func nobody(greeter *hello.GreeterClient) error {
	_, err := say(greeter, &hello.HelloRequest{})
	if err == nil || err.Error() != "nobody to greet" {
		return fmt.Errorf("got the error %v", err)
	}
	return nil
}
