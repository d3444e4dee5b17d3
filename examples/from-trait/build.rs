//! Generates `arith.rs` from the trait file.

fn main() {
    rpcx_build::configure()
        .trait_file("service/arith.rs")
        .compile();
}
