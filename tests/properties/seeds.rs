//! Bytes that are right or nearly so, for property tests and as seeds of the fuzz targets.

/// `{name: "n", flag: true, number: 7, list: ["a", ""], numbers: {1}, map: {"k": [1]}, inner: {name: ""},
/// more: [{name: "m"}]}`, and bytes that are nearly a message in other ways.
pub(crate) const THRIFT: [&[u8]; 3] = [
    b"\x0b\0\x01\0\0\0\x01n\x02\0\x02\x01\x08\0\x05\0\0\0\x07\x0f\0\x09\x0b\0\0\0\x02\0\0\0\x01a\0\0\0\0\
      \x0e\0\x0a\x08\0\0\0\x01\0\0\0\x01\x0d\0\x0b\x0b\x0f\0\0\0\x01\0\0\0\x01k\x0a\0\0\0\x01\0\0\0\0\0\0\0\x01\
      \x0c\0\x0c\x0b\0\x01\0\0\0\0\0\x0f\0\x0d\x0c\0\0\0\x01\x0b\0\x01\0\0\0\x01m\0\0",
    b"\x0b\0\x01\0\0\0\0\x0d\0\x63\x02\x0c\0\0\0\x02\0\0\x01\x06\0\x01\0\x05\0\x10\0\x620123456789abcdef\0",
    b"\x0b\0\x01\0\0\0\0\x04\0\x07\x7f\xf8\0\0\0\0\0\x01\x0a\0\x06\xff\xff\xff\xff\xff\xff\xff\xff\
      \x0b\0\x08\0\0\0\x02\xff\0\x03\0\x03\x80\x06\0\x04\xff\xfe\0",
];

pub(crate) const ADDRESSES: [&str; 12] = [
    "tcp@127.0.0.1:8972",
    "tcp4@localhost:0",
    "tcp6@[::1]:1",
    "mem@a",
    "127.0.0.1:1",
    "@",
    "tcp@:1",
    "[::1%eth0]:80",
    "tcp@[::1",
    "tcp@host:65536",
    "mem@mem@b",
    "tcp@a b:1",
];

/// Frames of a WebSocket: short, long, fragmented, masked, with control frames, and wrong ones.
pub(crate) const WEB_SOCKET: [&[u8]; 8] = [
    b"\x82\x05hello\x81\x00\x02\x03abc\x89\x01p\x00\x00\x80\x03def",
    b"\x82\x85\x01\x02\x03\x04hello\x8a\x80\x01\x02\x03\x04\x89\x81\x05\x06\x07\x08p",
    b"\x82\x7e\x00\x7e0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00and so on",
    b"\x88\x05\x03\xe8bye\x82\x01x",
    b"\x88\x82\x01\x02\x03\x04\x02\xea",
    b"\xc2\x01x",
    b"\x82\x7e\x00\x01x",
];

/// Heads of HTTP messages with something behind them.
pub(crate) const HEADS: [&[u8]; 6] = [
    b"CONNECT /_rpcx_ HTTP/1.0\n\n\x08\x00",
    b"HTTP/1.0 200 Connected to rpcx\n\n\x08\x00",
    b"GET /_rpcx_ HTTP/1.1\r\nHost: a:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\x82\x80",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    b"\r\nCONNECT / HTTP/1.1\n\r\n",
    b"GET / HTTP/1.1\nA:\n B\n\n",
];

/// Data and parity of KCP with FEC, and segments without.
pub(crate) const DATAGRAMS: [&[u8]; 3] = [
    b"\0\0\0\0\xf1\0\x1e\0\x07\0\0\0\x51\0\x20\0\x64\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0data",
    b"\x0c\0\0\0\xf2\0\x1e\0\x07\0\0\0\x51\0\x20\0\x64\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0data",
    b"\x07\0\0\0\x52\0\x20\0\x64\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0",
];

/// Which registry, and what it answers.
pub(crate) const REGISTRIES: [&[u8]; 9] = [
    b"\x00tcp@10.0.0.1:8972 group=a&group=b&weight=7&state=active&latitude=48.1&longitude=11.6&version=1.2&note=two+words%26\ntcp@10.0.0.1:8972 weight=99999\nunix@/run/a group=\nnope@a:1 x\n%zz",
    b"\x01{\"header\":{\"revision\":\"7\"},\"kvs\":[{\"key\":\"L2IvQXJpdGgvdGNwQGE6MQ==\",\"value\":\"d2VpZ2h0PTcmZ3JvdXA9YQ==\",\"mod_revision\":5,\"lease\":\"3\"},{\"key\":\"L2IvQXJpdGgv\"}],\"count\":\"2\"}\n{\"result\":{\"events\":[{\"type\":\"DELETE\",\"kv\":{\"key\":\"L2IvQXJpdGgvdGNwQGE6MQ==\"}},{\"kv\":{\"key\":\"L2IvQXJpdGgvdGNwQGI6Mg==\",\"value\":\"c3RhdGU9aW5hY3RpdmU=\"}}]}}",
    b"\x02[{\"Key\":\"b/Arith/tcp@a:1\",\"Value\":\"d2VpZ2h0PTc=\",\"ModifyIndex\":3},{\"Key\":\"b/Arith/tcp@[::1]:2\",\"Value\":null,\"ModifyIndex\":4,\"Session\":\"s\"}]",
    b"\x03{\"hosts\":[{\"ip\":\"127.0.0.1\",\"port\":1,\"weight\":5.0,\"healthy\":true,\"enabled\":true,\"metadata\":{\"weight\":\"7\",\"group\":\"a\",\"network\":\"tcp\"}},{\"ip\":\"::1\",\"port\":80,\"weight\":2.5,\"healthy\":true,\"enabled\":true,\"metadata\":null}]}",
    b"\x04tcp@a:1 {\"Key\":\"/b/Arith/tcp@a:1\",\"Value\":\"Z3JvdXA9YSZ3ZWlnaHQ9Nw==\",\"LastIndex\":5}\nquic@b:2 weight=3",
    b"\x05\x02\xc0\xc0\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x03a-1\x0d_rpcxservices\x05local\x00\x00\x10\x80\x01\x00\x00\x0c\x80\x00\x91\x90%5B%7B%22service%22%3A%22Arith%22%2C%22meta%22%3A%22group%3Da%5Cu0026weight%3D7%22%2C%22service_address%22%3A%22tcp%40127.0.0.1%3A17031%22%7D%5D\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x03a-1\x0d_rpcxservices\x05local\x00\x00\x10\x80\x01\x00\x00\x00\x00\x00\x91\x90%5B%7B%22service%22%3A%22Arith%22%2C%22meta%22%3A%22group%3Da%5Cu0026weight%3D7%22%2C%22service_address%22%3A%22tcp%40127.0.0.1%3A17031%22%7D%5D",
    b"\x05\x00\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00\x03a-1\x0d_rpcxservices\x05local\x00\x00\x10\x80\x01\x00\x00\x0c\x80\x00\x91\x90%5B%7B%22service%22%3A%22Arith%22%2C%22meta%22%3A%22group%3Da%5Cu0026weight%3D7%22%2C%22service_address%22%3A%22tcp%40127.0.0.1%3A17031%22%7D%5D",
    b"\x06\x00\x00\x81\x80\x00\x00\x00\x02\x00\x00\x00\x02\x02_x\x04_tcp\x01h\x00\x00!\x00\x01\x00\x00\x00<\x00\x0b\x00\x01\x00\x02\x00P\x01a\x01h\x00\x02_x\x04_tcp\x01h\x00\x00!\x00\x01\x00\x00\x00<\x00\x0b\x00\x09\x00\x00\x00Q\x01b\x01h\x00\x01a\x01h\x00\x00\x01\x00\x01\x00\x00\x00<\x00\x04\n\x00\x00\x01\x01a\x01h\x00\x00\x1c\x00\x01\x00\x00\x00<\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
    b"\x07Arith/tcp@a:1\ncom/example.Arith/quic@[::1]:1\nArith/unix@/run/a@b/arith\nArith\n/tcp@b:1",
];

pub(crate) const LOCK: &[u8] = include_bytes!("../../rpcx-schema/tests/lock/before.json");

pub(crate) const GO: &[u8] = include_bytes!("../../rpcx-schema/tests/import/shop.go");

/// Items as people write them, one word at a time.
pub(crate) const ITEMS: [&str; 6] = [
    "\npub trait Arith : Send { async fn mul ( & self , args : Args ) -> rpcx::Result < Reply > ; }",
    "name = \"Forms.v1\" , version = \"1\"\n#[doc = \"x\"] trait Forms { # [ rpcx ( oneway , name = \"Log\" ) ] \
     async fn log ( & self , ctx : & Context , line : & str , more : Vec < u8 > ) -> Result < ( ) , E > { Ok ( ( ) ) } \
     fn plain ( self ) ; const A : u8 = 1 ; type T ; }",
    "\npub struct Args { pub a : i64 , # [ rpcx ( name = \"B\" , default , skip ) ] pub b : Option < Vec < u8 > > , }",
    "rename_all = \"snake_case\"\nenum Color { Red , # [ rpcx ( name = \"g\" ) ] Green = 2 , Blue ( u8 ) }",
    "\n#[rpcx ( wire = \"json\" )] enum Wrong { # [ rpcx ( code = 1 , message = \"{need} of {0}\" ) ] Need { need : u64 } , \
     # [ rpcx ( code = - 2 , message = \"x\" ) ] Pair ( u8 , Vec < u8 > ) , # [ rpcx ( other ) ] Rpc ( rpcx :: Error ) , }",
    "crate = other\nstruct Generic < 'a , T : Clone > ( pub T , & 'a [ u8 ] ) where T : Copy ;",
];

pub(crate) const REQUESTS: [&str; 8] = [
    "POST\n/Arith/Mul\nX-Request-Id: a\n\n{\"A\":1}",
    "GET\n/Arith/Mul?A=10&B=%22x%22&_json=[1]\nAccept: application/msgpack, */*;q=0.1\n\n",
    "PUT\n/\nX-RPCX-ServicePath: Arith\nX-RPCX-ServiceMethod: Mul\nX-RPCX-SerializeType: 1\nX-RPCX-Meta: a=b%26&c\n\n[]",
    "OPTIONS\n/Arith/Mul\nOrigin: https://a.org\nAccess-Control-Request-Method: POST\n\n",
    "POST\n/Arith/Mul\nX-RPCX-Timeout-Ms: 10\nAuthorization: Bearer a\nContent-Type: application/x-www-form-urlencoded\n\nA=1&B=2",
    "POST\n/Arith/Mul\nContent-Encoding: gzip\nHost: a\n\nxxxx",
    "POST\n/any\nX-JSONRPC-2.0: true\n\n{\"method\":\"Arith.Mul\",\"params\":[1],\"id\":1}",
    "HEAD\n/.well-known/rpcx.json\nHost: [::1]:80\n\n",
];

pub(crate) const JSON_RPC: [&str; 6] = [
    r#"{"jsonrpc":"2.0","method":"Arith.Mul","params":{"A":10,"B":20},"id":1}"#,
    r#"[{"jsonrpc":"2.0","method":"Arith/Mul","params":[1,2],"id":"a"},{"jsonrpc":"2.0","method":"Arith.Mul"}]"#,
    r#"{"jsonrpc":"2.0","method":"\u0041.B","params":null,"id":null}"#,
    r#"[1,[],{},{"id":[]},{"id":1.5e3,"method":""}]"#,
    r#"[[],[],[],[],[],[],[],[],[]]"#,
    r#"{"jsonrpc":"2.0","jsonrpc":"2.0","method":"A.B","method":"C.D","id":12345678901234567890}"#,
];

/// A frame as the reply to the call with this number.
pub(crate) fn as_reply(mut frame: Vec<u8>, seq: u64) -> Vec<u8> {
    frame[2] |= 0x80;
    frame[4..12].copy_from_slice(&seq.to_be_bytes());
    frame
}
