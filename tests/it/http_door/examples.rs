//! The `gateway` and `server` examples.

use std::io::{Read, Write};

use crate::examples::{Server, client, lines, printed_with};

#[test]
fn the_gateway_example_answers_on_one_port() {
    let lines = printed_with("gateway", &["--addr", "tcp@127.0.0.1:0", "--once"]);
    let said = lines[0].strip_prefix("curl -d '{\"A\":10,\"B\":20}' http://127.0.0.1:");
    assert!(
        said.is_some_and(|rest| rest.ends_with("/Arith/Mul")),
        "{lines:?}"
    );
    let at = lines[0].split('/').nth(2).unwrap();
    assert_eq!(lines[1], format!("in a browser: http://{at}/"));
    let expected = [
        r#"{"C":200}"#,
        r#"{"jsonrpc":"2.0","result":{"C":200},"id":1}"#,
        "tcp: 200",
        "http: 200",
        "ws: 200",
    ];
    assert_eq!(lines[2..], expected);
}

#[test]
fn the_standalone_gateway_example_calls_another_server() {
    let lines = printed_with("standalone_gateway", &["--once"]);
    assert!(lines[0].starts_with("curl -d"), "{lines:?}");
    assert_eq!(lines[1..], [r#"{"C":200}"#, "ready: ok"]);
}

#[test]
fn the_server_example_answers_http_where_it_is_asked_to() {
    let server = Server::start_with(&["--addr", "tcp@127.0.0.1:0", "--http"]);
    let at = server.address.strip_prefix("tcp@").unwrap();
    let mut socket = std::net::TcpStream::connect(at).unwrap();
    let request = format!(
        "POST /Arith/Mul HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{{\"A\":10,\"B\":20}}"
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\n{\"C\":200}"), "{answer}");
    assert_eq!(lines(&client(&server.address, &[])), ["ok 200"]);
}
