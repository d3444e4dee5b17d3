//! Programs that the macros accept without a warning.

use super::workspace::Workspace;

/// The parts of these programs that are only there to be compiled.
const MANIFEST: &str =
    "[dependencies]\nrpcx = { path = \"ROOT\" }\n[lints.rust]\ndead_code = \"allow\"\n";

fn accepts(name: &str, source: &str) {
    let name = format!("accepts_{name}");
    let workspace = Workspace::new(&name, &[&name]);
    workspace
        .package(&name, 2024, MANIFEST)
        .file(&format!("{name}/src/main.rs"), source);
    let said = workspace.passes(&["check"]);
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn every_form_of_argument_and_every_option() {
    accepts("forms", include_str!("accepted/forms.rs"));
}

#[test]
fn names_that_generated_code_must_not_meet() {
    accepts("hygiene", include_str!("accepted/hygiene.rs"));
}

#[test]
fn a_service_its_client_and_a_shared_pointer_to_it_where_the_trait_is_asked_for() {
    accepts(
        "interchangeable",
        include_str!("accepted/interchangeable.rs"),
    );
}

#[test]
fn every_name_of_generated_code_in_the_place_of_a_users() {
    accepts("every_name", include_str!("accepted/every_name.rs"));
}
