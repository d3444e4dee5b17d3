//! Generates the Rust code of `proto/hello.proto` and of what it imports.

fn main() {
    rpcx_build::configure()
        .proto("proto/hello.proto", ["proto"])
        // msgpack and JSON callers too, as a Go service has them
        .all_codecs(true)
        .compile();
}
