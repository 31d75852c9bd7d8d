//! What the demo says and brings.

use std::path::Path;

use super::*;

#[test]
fn every_example_is_a_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/content");
    let mut there: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.retain(|name| {
        Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "md")
    });
    there.sort();
    assert_eq!(
        samples::SAMPLES.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        there
    );
}

#[test]
fn a_password_is_good_enough_for_an_account_and_never_the_same() {
    let (one, two) = (password().unwrap(), password().unwrap());
    assert_ne!(one, two);
    assert_eq!(one.len(), 23);
    assert!(accounts::check_password(&one, ADMIN).is_ok());
}

#[test]
fn the_password_is_shown_at_the_first_start_alone() {
    let settings = Settings::in_dir("masthead-demo");
    let address = SocketAddr::from(([0, 0, 0, 0], 9000));
    let first = welcome(&settings, address, Some("abcde-fghij"));
    assert!(
        first.contains("abcde-fghij") && first.contains("http://127.0.0.1:9000/docs"),
        "{first}"
    );
    let second = welcome(&settings, address, None);
    assert!(
        second.contains("the first start printed") && second.contains("remove masthead-demo"),
        "{second}"
    );
}
