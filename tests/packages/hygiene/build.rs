//! Generates `arith.rs`.

fn main() {
    rpcx_build::configure()
        .trait_file("service/arith.rs")
        .compile();
}
