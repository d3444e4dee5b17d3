//! Servers that register in redis, and a channel that finds them: as Go programs with rpcx-redis do, with the same keys.

#[allow(unreachable_pub)]
mod registries;

use registries::{Program, tour};

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let arguments = |port: u16, folder: &str| {
        let port = port.to_string();
        let options = [
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
            "--save",
            "",
            "--dir",
            folder,
        ];
        options.map(str::to_owned).into()
    };
    let how = "`apt-get install redis-server`";
    let Some(redis) = Program::start("redis-server", how, arguments).await else {
        return Ok(());
    };
    tour(&format!("redis://{}/rpcx_test?interval=1s", redis.address)).await
}
