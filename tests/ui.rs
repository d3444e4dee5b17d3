//! What the macros accept, and what they say otherwise. `tests/ui/fail/README.md` says what each file shows.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
