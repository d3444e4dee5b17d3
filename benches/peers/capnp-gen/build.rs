//! Runs Cap'n Proto's own generator, which asks the program `capnp` for the schema.

fn main() {
    capnpc::CompilerCommand::new()
        .src_prefix("schema")
        .file("schema/bench.capnp")
        .run()
        .expect("the program `capnp` is needed, in Debian's package capnproto");
}
