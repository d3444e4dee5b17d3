//! Whole packages as users have them, written below `target/` and given to cargo: generated code under
//! other editions, lints and names, and build scripts from one build to the next.
//!
//! They share a target folder of their own, so that dependencies are compiled once, and the versions
//! of this workspace's `Cargo.lock`, so that nothing is looked up.

mod build_script;
mod hygiene;
mod moved;
mod random;
mod workspace;
