//! Servers that register in nacos, and a channel that finds them: as Go programs with rpcx-nacos do.

#[allow(unreachable_pub, dead_code)]
mod registries;

use registries::{Program, tour};

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    // One that runs already is used.
    if let Ok(address) = std::env::var("NACOS_ADDRESS") {
        return at(&address).await;
    }
    let Ok(folder) = std::env::var("RPCX_NACOS") else {
        println!(
            "there is no nacos here: NACOS_ADDRESS says where one runs, such as 127.0.0.1:8848"
        );
        println!(
            "`docker run -e MODE=standalone -p 8848:8848 nacos/nacos-server` is one, or a release of nacos 2; \
             tests/interop/README.md makes one of what is on Maven Central, whose folder RPCX_NACOS names"
        );
        return Ok(());
    };
    let rest = std::fs::read_to_string(format!("{folder}/cp.txt")).expect("a class path in cp.txt");
    // It takes half a minute to start, and has three ports beside this one.
    let arguments = |port: u16, own: &str| {
        vec![
            format!("-Dnacos.home={own}"),
            format!("-Duser.home={own}"),
            format!("-Dserver.port={port}"),
            "-Xmx384m".to_owned(),
            "-cp".to_owned(),
            format!("{folder}/classes:{}", rest.trim()),
            "com.alibaba.nacos.Boot".to_owned(),
        ]
    };
    let Some(nacos) =
        Program::start("java", "`apt-get install default-jre-headless`", arguments).await
    else {
        return Ok(());
    };
    at(&nacos.address).await
}

async fn at(address: &str) -> rpcx::Result<()> {
    tour(&format!("nacos://{address}/DEFAULT_GROUP?interval=1s")).await
}
