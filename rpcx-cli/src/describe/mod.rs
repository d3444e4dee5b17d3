//! `rpcx list` and `rpcx describe`: what a server says about its services.

mod ask;
mod document;
mod go;
mod near;
mod registered;
mod sample;
mod schema;
mod show;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::call::MethodName;
use crate::connect::{ConnectOptions, duration};
use crate::outcome::{EXIT_CODES, Outcome};
use crate::shell::method_names;
use crate::typed::TypeOptions;
pub(crate) use ask::ask;
use document::Service;
pub(crate) use document::{Document, Method};
pub(crate) use near::{near, suggestion};
pub(crate) use registered::{each, listed, services, unheard};
pub(crate) use schema::{fields, reference};

const LIST_EXAMPLES: &str = "\
Examples:
  rpcx list tcp@127.0.0.1:8972
  rpcx list 127.0.0.1:8972 | grep Arith
  rpcx list 127.0.0.1:8972 --json
  rpcx list etcd://127.0.0.1:2379/rpcx

In a pipe each method is a line, as `rpcx call` takes it. A server in Rust says what it has if it is built with the feature
`reflection`, one in Go if it has the plugin of that name, which has no types. Of a registry one server of each service is asked.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  rpcx describe tcp@127.0.0.1:8972
  rpcx describe tcp@127.0.0.1:8972 Arith
  rpcx describe tcp@127.0.0.1:8972 Arith.Mul
  rpcx describe etcd://127.0.0.1:2379/rpcx Arith.Mul
  rpcx describe tcp@127.0.0.1:8972 Arith.Mul --trait service/arith.rs

Named types are printed once, behind the methods. A server in Go says no types: `--trait` takes them from a trait file, or
from the file of Go.";

/// Lists the methods of a server
#[derive(Args, Debug)]
#[command(after_help = format!("{LIST_EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct ListOptions {
    /// Where the server is: network@host:port, or the URL of a registry
    address: String,

    /// Prints the whole description as JSON
    #[arg(long)]
    json: bool,

    /// How long the server may take to answer
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    timeout: Duration,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// Describes services and methods: types, docs, errors and a sample
#[derive(Args, Debug)]
#[command(after_help = format!("{DESCRIBE_EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct DescribeOptions {
    /// Where the server is: network@host:port, or the URL of a registry
    address: String,

    /// A service, or a method: Service.Method [default: all]
    #[arg(add = ArgValueCompleter::new(method_names))]
    name: Option<String>,

    /// Prints the description as JSON
    #[arg(long)]
    json: bool,

    /// How long the server may take to answer
    #[arg(short, long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    timeout: Duration,

    #[command(flatten)]
    types: TypeOptions,

    #[command(flatten)]
    connect: ConnectOptions,
}

/// Runs `rpcx list`.
pub(crate) async fn list(options: &ListOptions) -> Result<ExitCode, Outcome> {
    let document = ask(&options.connect, &options.address, None, options.timeout).await?;
    match options.json {
        true => crate::show::print_json(&document.json()?)?,
        false => show::list(&document)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `rpcx describe`.
pub(crate) async fn describe(options: &DescribeOptions) -> Result<ExitCode, Outcome> {
    let name = options.name.as_deref();
    let service = name.map(service_of);
    let service = service.as_deref();
    let file = options.types.document()?;
    let asked = ask(&options.connect, &options.address, service, options.timeout).await;
    let mut document = match (asked, file) {
        (Ok(document), Some(file)) => document.typed_by(file),
        (Err(outcome), Some(file)) if outcome.is_refused() => file,
        (asked, _) => asked?,
    };
    if let Some(name) = name {
        document = only(document, name)?;
    }
    match options.json {
        true => {
            crate::show::print_json(&document.json()?)?;
            if !document.typed {
                anstream::eprintln!("{}", show::UNTYPED);
            }
        }
        false => show::describe(&document, &options.address)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The service of a name that is one, or a method of one.
fn service_of(name: &str) -> String {
    let method = name.parse::<MethodName>();
    method.map_or_else(|_| name.to_owned(), |method| method.service)
}

/// What a document says about a service or a method.
fn only(mut document: Document, name: &str) -> Result<Document, Outcome> {
    let near = suggestion(&document, name);
    let is_service = document.services.iter().any(|service| service.name == name);
    match name.parse::<MethodName>() {
        Ok(wanted) if !is_service => {
            document
                .services
                .retain(|service| service.name == wanted.service);
            for service in &mut document.services {
                service
                    .methods
                    .retain(|method| method.name == wanted.method);
            }
            document
                .services
                .retain(|service| !service.methods.is_empty());
        }
        _ => document.services.retain(|service| service.name == name),
    }
    match document.services.is_empty() {
        true => Err(Outcome::refused(format!("the server has no `{name}`")).hint(near)),
        false => Ok(document),
    }
}
