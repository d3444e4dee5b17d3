//! curl, as the README has it, and by HTTP/2 under TLS.

use std::process::Command;

use rpcx::gateway::Http;
use rpcx::transport::tls::Tls;

use super::{builder, served};
use crate::certificates::Authority;

/// What curl prints, or `None` where there is none.
async fn curl(arguments: &[&str]) -> Option<String> {
    let arguments: Vec<_> = arguments.iter().map(|&one| one.to_owned()).collect();
    let run = move || {
        Command::new("curl")
            .args(["-s", "-m", "20"])
            .args(arguments)
            .output()
    };
    match tokio::task::spawn_blocking(run).await.unwrap() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(_) => {
            println!("skipped: no curl");
            None
        }
    }
}

#[tokio::test]
async fn the_line_of_the_readme() {
    let at = served().await;
    let url = format!("http://{at}/Arith/Mul");
    let Some(printed) = curl(&["-d", r#"{"A":10,"B":20}"#, &url]).await else {
        return;
    };
    assert_eq!(printed, r#"{"C":200}"#);
    let fields = curl(&["-d", "A=10", "-d", "B=20", &url]).await;
    assert_eq!(fields.as_deref(), Some(r#"{"C":200}"#));
    let rpc = r#"[{"jsonrpc":"2.0","method":"Arith.Add","params":[1,2],"id":1},{"jsonrpc":"2.0","method":"Arith.Say","params":["bob"],"id":2}]"#;
    let printed = curl(&["-d", rpc, &format!("http://{at}/jsonrpc")]).await;
    let expected =
        r#"[{"jsonrpc":"2.0","result":3,"id":1},{"jsonrpc":"2.0","result":"hello bob","id":2}]"#;
    assert_eq!(printed.as_deref(), Some(expected));
}

#[tokio::test]
async fn tls_negotiates_http_2_or_1() {
    let authority = Authority::new().unwrap();
    let certificate = authority.issue(&["127.0.0.1"]).unwrap();
    let tls = Tls::from_pem(certificate.pem.as_bytes(), certificate.key.as_bytes()).unwrap();
    let server = builder()
        .listen("tcp@127.0.0.1:0")
        .tls(tls)
        .http(Http::new())
        .bind()
        .await
        .unwrap();
    let url = format!("https://{}/Arith/Mul", server.addresses()[0].location());
    tokio::spawn(server.serve());
    for (flag, version) in [("--http2", "2"), ("--http1.1", "1.1"), ("--no-alpn", "1.1")] {
        let arguments = [
            "-k",
            flag,
            "-w",
            " %{http_version}",
            "-d",
            r#"{"A":10,"B":20}"#,
            &url,
        ];
        let Some(printed) = curl(&arguments).await else {
            return;
        };
        assert_eq!(printed, format!(r#"{{"C":200}} {version}"#), "{flag}");
    }
}
