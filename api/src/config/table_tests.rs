//! Whether the table says what is so.

use super::*;

#[test]
fn the_documented_defaults_are_the_real_ones() {
    for setting in SETTINGS.iter().filter(|setting| setting.shape != Shape::Secret) {
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
    for setting in SETTINGS {
        assert_eq!(setting.name, setting.key.replace('_', "-"));
        assert_eq!(
            setting.variable(),
            format!("MASTHEAD_{}", setting.key.to_uppercase())
        );
    }
}
