//! Whether the table says what is so.

use super::*;

#[test]
fn the_documented_defaults_are_the_real_ones() {
    for setting in settings().filter(|setting| setting.shape != Shape::Secret) {
        let mut settings = Settings::default();
        let documented = setting.default.split(';').next().unwrap();
        // What is no value, such as `none`, is refused and changes nothing.
        let _ = (setting.read)(&mut settings, documented);
        assert_eq!(
            format!("{settings:?}"),
            format!("{:?}", Settings::default()),
            "{}",
            setting.key
        );
    }
}

#[test]
fn a_setting_is_called_alike_everywhere() {
    for setting in settings() {
        assert_eq!(setting.name, setting.key.replace('_', "-"));
        assert_eq!(
            setting.variable(),
            format!("MASTHEAD_{}", setting.key.to_uppercase())
        );
    }
}

#[test]
fn a_header_that_no_network_reads_is_refused_with_those_that_are_known() {
    let setting = settings().find(|setting| setting.key == "cache_tag_headers");
    let read = setting.expect("the setting").read;
    let mut settings = Settings::default();
    read(&mut settings, "Surrogate-Key, cache-groups").expect("two headers");
    let names: Vec<_> = settings
        .cache_tag_headers
        .of(&["article:1".to_owned()])
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(names, ["cache-tag", "surrogate-key", "cache-groups"]);
    let refused = format!("{:?}", read(&mut settings, "surrogate-key,x-key").unwrap_err());
    assert!(
        refused.contains("`x-key`") && refused.contains("edge-cache-tag"),
        "{refused}"
    );
}
