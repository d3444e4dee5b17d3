//! The document of a build script and that of a server, of one trait file.

use rpcx::services::Service;
use serde_json::Value;

#[allow(clippy::use_self, reason = "types are named as users name them")]
#[path = "orders.rs"]
mod orders;

use orders::{Line, Order, OrderError, Orders, OrdersServer};

struct None_;

impl Orders for None_ {
    async fn get(&self, _: u64) -> Result<Order, OrderError> {
        Err(OrderError::Missing)
    }

    async fn same(&self, line: Line) -> rpcx::Result<Line> {
        Ok(line)
    }

    async fn put(&self, _: Vec<Line>, _: Option<String>, _: &[u8]) -> Result<(), OrderError> {
        Err(OrderError::Late)
    }

    async fn count(&self) -> rpcx::Result<u32> {
        Ok(0)
    }

    async fn forget(&self, _: Vec<u64>, _: &str) -> rpcx::Result<()> {
        Ok(())
    }

    async fn raw(&self, data: &[u8]) -> rpcx::Result<Vec<u8>> {
        Ok(data.to_vec())
    }
}

fn of_the_build_script() -> String {
    let parsed = syn::parse_file(include_str!("orders.rs")).unwrap();
    let page = rpcx_schema::openapi::read("orders", &parsed).unwrap();
    rpcx_schema::openapi::render(&[page])
}

#[test]
fn a_build_script_says_what_a_server_says() {
    let served = rpcx::reflection::openapi([OrdersServer::new(None_).info()]);
    let served: Value = serde_json::from_str(&served.to_string()).unwrap();
    let built: Value = serde_json::from_str(&of_the_build_script()).unwrap();
    for (name, schema) in served["components"]["schemas"].as_object().unwrap() {
        assert_eq!(built["components"]["schemas"][name], *schema, "{name}");
    }
    for (path, item) in served["paths"].as_object().unwrap() {
        assert_eq!(built["paths"][path], *item, "{path}");
    }
    assert_eq!(built, served);
}

/// Judged by what others have written: the package `openapi-spec-validator` of Python.
#[test]
fn a_published_validator_takes_the_document() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(&file, of_the_build_script()).unwrap();
    let required = std::env::var("RPCX_OPENAPI").is_ok_and(|value| value == "required");
    let run = std::process::Command::new("openapi-spec-validator")
        .arg(&file)
        .output();
    match run {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) if required => panic!("openapi-spec-validator does not run: {error}"),
        Err(_) => println!("skipped: no openapi-spec-validator"),
    }
}
