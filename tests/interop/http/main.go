// Command http calls a server on the port of its rpcx clients as programs of the web do: by the headers of the
// HTTP gateway, as the http_invoke example of rpcx does, and by two JSON-RPC clients.
// It prints `ok NAME` or `fail NAME: why` for each case and exits with 1 when one failed.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/jhttp"
	"github.com/smallnest/rpcx/codec"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/server"
	"github.com/smallnest/rpcx/share"
	"github.com/ybbus/jsonrpc/v3"
)

// Args are those of Arith.
type Args struct{ A, B int }

// Reply is that of Arith.Mul.
type Reply struct{ C int }

var (
	addr = flag.String("addr", "", "server to call: host:port")
	only = flag.String("case", "", "run only these cases, with commas between")
)

// callers and calls make the load of each case.
const callers, calls = 8, 50

func main() {
	flag.Parse()
	failed := 0
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"invoke", loaded(invoke)}, {"invoke-errors", invokeErrors}, {"invoke-oneway", invokeOneway},
		{"json-rpc-header", loaded(byHeader)}, {"ybbus", loaded(ybbus)}, {"ybbus-batch", ybbusBatch}, {"ybbus-errors", ybbusErrors},
		{"jrpc2", jrpc}, {"jrpc2-errors", jrpcErrors},
	} {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), c.name) {
			continue
		}
		if err := c.run(); err != nil {
			failed = 1
			fmt.Printf("fail %s: %v\n", c.name, err)
			continue
		}
		fmt.Println("ok", c.name)
	}
	os.Exit(failed)
}

// loaded runs a case from several callers at once.
func loaded(run func(a, b int) error) func() error {
	return func() error {
		var wait sync.WaitGroup
		errs := make(chan error, callers)
		for caller := range callers {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for call := range calls {
					if err := run(caller*1000+call, 3); err != nil {
						errs <- err
						return
					}
				}
			}()
		}
		wait.Wait()
		close(errs)
		return <-errs
	}
}

func post(codecType protocol.SerializeType, method string, body []byte, more map[string]string) (*http.Response, []byte, error) {
	req, err := http.NewRequest("POST", "http://"+*addr+"/", bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	h := req.Header
	h.Set(server.XMessageID, "10000")
	h.Set(server.XMessageType, "0")
	h.Set(server.XSerializeType, strconv.Itoa(int(codecType)))
	h.Set(server.XServicePath, "Arith")
	h.Set(server.XServiceMethod, method)
	for name, value := range more {
		h.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res, data, err
}

func invoke(a, b int) error {
	for _, codecType := range []protocol.SerializeType{protocol.MsgPack, protocol.JSON} {
		c := share.Codecs[codecType]
		data, err := c.Encode(&Args{a, b})
		if err != nil {
			return err
		}
		res, body, err := post(codecType, "Mul", data, nil)
		if err != nil {
			return err
		}
		reply := &Reply{}
		if err := c.Decode(body, reply); err != nil || reply.C != a*b {
			return fmt.Errorf("%s: %v %v", res.Status, reply, err)
		}
		if id := res.Header.Get(server.XMessageID); id != "10000" {
			return fmt.Errorf("the id is %q", id)
		}
		if _, there := res.Header[http.CanonicalHeaderKey(server.XMeta)]; !there {
			return fmt.Errorf("no %s", server.XMeta)
		}
	}
	return nil
}

func invokeErrors() error {
	data, _ := (&codec.MsgpackCodec{}).Encode(&Args{1, 2})
	for _, c := range []struct {
		method, name, value, said string
	}{
		{"Nope", "X-Any", "", "rpcx: can't find method Nope"},
		{"Mul", server.XSerializeType, "", "empty serialized type"},
		{"", "X-Any", "", "empty servicemethod"},
		{"Mul", server.XMessageID, "x", `strconv.ParseUint: parsing "x": invalid syntax`},
		{"Error", "X-Any", "", "arith: refused"},
	} {
		res, body, err := post(protocol.MsgPack, c.method, data, map[string]string{c.name: c.value})
		if err != nil {
			return err
		}
		said := res.Header.Get(server.XErrorMessage)
		if said != c.said || res.Header.Get(server.XMessageStatusType) != "Error" || len(body) != 0 {
			return fmt.Errorf("%s: %s %q", c.said, res.Status, said)
		}
	}
	return nil
}

func invokeOneway() error {
	data, _ := (&codec.MsgpackCodec{}).Encode(&Args{1, 2})
	res, body, err := post(protocol.MsgPack, "Mul", data, map[string]string{server.XOneway: "true"})
	if err != nil || res.StatusCode != 200 || len(body) != 0 {
		return fmt.Errorf("%v %q %v", res, body, err)
	}
	return nil
}

func byHeader(a, b int) error {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","method":"Arith.Mul","params":{"A":%d,"B":%d},"id":7}`, a, b)
	req, err := http.NewRequest("POST", "http://"+*addr+"/", bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-JSONRPC-2.0", "true")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if want := fmt.Sprintf(`{"jsonrpc":"2.0","result":{"C":%d},"id":7}`, a*b); string(data) != want {
		return fmt.Errorf("%s: %v", data, err)
	}
	return nil
}

func ybbusClient() jsonrpc.RPCClient { return jsonrpc.NewClient("http://" + *addr + "/jsonrpc") }

func ybbus(a, b int) error {
	client := ybbusClient()
	reply := &Reply{}
	// By name, and by position: the library makes a list of the two.
	if err := client.CallFor(context.Background(), reply, "Arith.Mul", &Args{a, b}); err != nil || reply.C != a*b {
		return fmt.Errorf("%v %v", reply, err)
	}
	if err := client.CallFor(context.Background(), reply, "Arith.Mul", a, b); err != nil || reply.C != a*b {
		return fmt.Errorf("by position: %v %v", reply, err)
	}
	return nil
}

func ybbusBatch() error {
	requests := jsonrpc.RPCRequests{}
	for i := range 100 {
		requests = append(requests, jsonrpc.NewRequest("Arith.Mul", &Args{i, 2}))
	}
	responses, err := ybbusClient().CallBatch(context.Background(), requests)
	if err != nil || len(responses) != 100 || responses.HasError() {
		return fmt.Errorf("%v %v", responses, err)
	}
	for id, response := range responses.AsMap() {
		reply := &Reply{}
		if err := response.GetObject(reply); err != nil || reply.C != 2*id {
			return fmt.Errorf("%d: %v %v", id, reply, err)
		}
	}
	return nil
}

func ybbusErrors() error {
	for method, code := range map[string]int{"Arith.Nope": -32601, "Nowhere.Mul": -32601, "Arith.Error": -32000} {
		response, err := ybbusClient().Call(context.Background(), method, &Args{1, 2})
		if err != nil || response.Error == nil || response.Error.Code != code {
			return fmt.Errorf("%s: %+v %v", method, response, err)
		}
	}
	return nil
}

func jrpcClient() *jrpc2.Client {
	return jrpc2.NewClient(jhttp.NewChannel("http://"+*addr+"/jsonrpc", nil), nil)
}

func jrpc() error {
	client := jrpcClient()
	defer client.Close()
	return loaded(func(a, b int) error {
		var reply Reply
		if err := client.CallResult(context.Background(), "Arith.Mul", Args{a, b}, &reply); err != nil || reply.C != a*b {
			return fmt.Errorf("%v %v", reply, err)
		}
		if err := client.Notify(context.Background(), "Arith.Mul", []int{a, b}); err != nil {
			return fmt.Errorf("notify: %v", err)
		}
		responses, err := client.Batch(context.Background(), []jrpc2.Spec{
			{Method: "Arith.Mul", Params: []int{a, b}},
			{Method: "Arith.Mul", Params: Args{a, 1}, Notify: true},
			{Method: "Arith.Mul", Params: []Args{{a, 2}}},
		})
		if err != nil || len(responses) != 2 {
			return fmt.Errorf("batch: %v %v", responses, err)
		}
		for i, factor := range []int{b, 2} {
			if err := responses[i].UnmarshalResult(&reply); err != nil || reply.C != a*factor {
				return fmt.Errorf("batch: %v %v", reply, err)
			}
		}
		return nil
	})()
}

func jrpcErrors() error {
	client := jrpcClient()
	defer client.Close()
	for method, code := range map[string]jrpc2.Code{"Arith.Nope": jrpc2.MethodNotFound, "Arith.Error": -32000} {
		_, err := client.Call(context.Background(), method, Args{1, 2})
		if jrpc2.ErrorCode(err) != code {
			return fmt.Errorf("%s: %v", method, err)
		}
	}
	_, err := client.Call(context.Background(), "Arith.Mul", []string{"x", "y"})
	if jrpc2.ErrorCode(err) != jrpc2.InvalidParams {
		return fmt.Errorf("wrong arguments: %v", err)
	}
	return nil
}
