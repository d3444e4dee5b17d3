//! Whole packages as users have them, written below `target/` and given to cargo: generated code under
//! other editions, lints and names, and build scripts from one build to the next.
//!
//! They are checked in the target folder of this workspace and with its profile, so that the macros and
//! all that they need are there already, and with the versions of its `Cargo.lock`, so that nothing is
//! looked up.

mod accepted;
mod build_script;
mod debug_expand;
mod hygiene;
mod long;
mod moved;
mod random;
mod workspace;
