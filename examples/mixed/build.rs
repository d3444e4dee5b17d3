//! One trait file becomes Rust in `OUT_DIR`, and a Go package that is checked in.

fn main() {
    rpcx_build::configure()
        .trait_file("service/stock.rs")
        .go("go/stock", "stock")
        .compile();
}
