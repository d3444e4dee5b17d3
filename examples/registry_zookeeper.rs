//! Servers that register in ZooKeeper, and a channel that finds them: as Go programs with rpcx-zookeeper do.

#[allow(unreachable_pub, dead_code)]
mod registries;

use std::fs;

use registries::{Program, tour};

/// Debian's.
const CLASSES: &str = "/usr/share/java/zookeeper.jar:/usr/share/java/*";

#[tokio::main]
async fn main() -> rpcx::Result<()> {
    let how = "`apt-get install zookeeperd default-jre-headless`";
    if !fs::exists("/usr/share/java/zookeeper.jar").unwrap_or(false) {
        println!("there is no zookeeper here: {how}");
        return Ok(());
    }
    let arguments = |port: u16, folder: &str| {
        let settings = format!(
            "tickTime=500\ndataDir={folder}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n"
        );
        let path = format!("{folder}/zoo.cfg");
        fs::write(&path, settings).expect("the folder is new");
        let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
        ["-Xmx256m", "-cp", CLASSES, main, &path]
            .map(str::to_owned)
            .into()
    };
    let Some(zookeeper) = Program::start("java", how, arguments).await else {
        return Ok(());
    };
    tour(&format!(
        "zookeeper://{}/rpcx_test?interval=1s",
        zookeeper.address
    ))
    .await
}
