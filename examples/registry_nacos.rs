//! Servers that register in nacos, and a channel that finds them: as Go programs with rpcx-nacos do.

#[allow(unreachable_pub, dead_code)]
mod registries;

use registries::tour;

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    // It takes half a minute to start, and four ports: one that runs already is used.
    let Ok(address) = std::env::var("NACOS_ADDRESS") else {
        println!("NACOS_ADDRESS does not say where nacos is, such as 127.0.0.1:8848");
        println!(
            "there is none? `docker run -e MODE=standalone -p 8848:8848 nacos/nacos-server`, or a release of nacos 2"
        );
        return Ok(());
    };
    tour(&format!("nacos://{address}/DEFAULT_GROUP?interval=1s")).await
}
