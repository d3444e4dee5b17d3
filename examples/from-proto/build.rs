//! Generates the Rust code of `proto/hello.proto` and of what it imports.

fn main() {
    rpcx_build::configure()
        .proto("proto/hello.proto", ["proto"])
        .compile();
}
