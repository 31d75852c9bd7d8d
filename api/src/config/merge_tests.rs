//! What wins over what, and what is refused.

use super::*;

fn load(flags: &Flags, environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    Settings::load(
        Settings::default(),
        flags,
        &Environment::of(environment.iter().copied()),
    )
}

fn problems(flags: &Flags, environment: &[(&str, &str)]) -> String {
    load(flags, environment).unwrap_err().to_string()
}

/// A file that is gone when the test is.
struct Written(PathBuf);

impl Written {
    fn new(name: &str, text: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("masthead-config-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn flags(&self) -> Flags {
        Flags::default().in_file(&self.0)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = Written::new(
        "order.toml",
        b"listen = \"h:1\"\nworkers = 1\nmax_connections = 1\n",
    );
    let flags = file.flags().with("listen", "h:3");
    let loaded = load(&flags, &[("MASTHEAD_LISTEN", "h:2"), ("MASTHEAD_WORKERS", "2")]).unwrap();
    let settings = loaded.settings;
    assert_eq!(
        (
            settings.listen.as_str(),
            settings.workers,
            settings.max_connections
        ),
        ("h:3", 2, 1)
    );
    assert_eq!(settings.request_timeout.as_secs(), 30);
}

#[test]
fn the_file_can_be_named_by_the_environment() {
    let file = Written::new(
        "named.toml",
        b"default_locale = \"pt-br\"\ncors_origins = [\"https://a\", \"*\"]\n",
    );
    let settings = load(
        &Flags::default(),
        &[("MASTHEAD_CONFIG", file.0.to_str().unwrap())],
    )
    .unwrap()
    .settings;
    assert_eq!(settings.default_locale.as_str(), "pt-BR");
    assert_eq!(settings.cors_origins.exact, ["https://a"]);
    assert!(settings.cors_origins.any_for_delivery);
}

#[test]
fn an_unknown_key_is_refused_with_the_known_ones() {
    let file = Written::new("unknown.toml", b"lisen = \"h:1\"\n[database]\nurl = \"x\"\n");
    let said = problems(&file.flags(), &[]);
    assert!(
        said.contains("`lisen`") && said.contains("`database`") && said.contains("database_url, data_dir"),
        "{said}"
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    let file = Written::new("wrong.toml", b"listen = 80\nlog_format = [\"text\"]\n");
    let flags = file.flags().with("default_locale", "english");
    let said = problems(&flags, &[("MASTHEAD_WORKERS", "0"), ("MASTHEAD_SITE_URL", "")]);
    for part in [
        "`listen` in ",
        "is `80`: give HOST:PORT",
        "log_format",
        "MASTHEAD_WORKERS is `0`",
        "1 to 512",
        "--default-locale",
        "MASTHEAD_SITE_URL is set and empty",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_broken_file_is_named_with_its_line_and_shows_no_secret() {
    let file = Written::new(
        "broken.toml",
        b"listen = \"h:1\"\nsecret_key = \"hunter2\" oops\n",
    );
    let said = problems(&file.flags(), &[]);
    assert!(said.contains("line 2") && !said.contains("hunter2"), "{said}");
    let binary = Written::new("binary.toml", b"\xff\xfe");
    assert!(problems(&binary.flags(), &[]).contains("UTF-8"));
    let nowhere = Flags::default().in_file(Path::new("/nowhere/masthead.toml"));
    assert!(problems(&nowhere, &[]).contains("/nowhere/masthead.toml cannot be read"));
}

#[test]
fn the_database_follows_the_data_directory_unless_it_is_named() {
    let flags = Flags::default().with("data_dir", "/srv/m");
    assert_eq!(
        load(&flags, &[]).unwrap().settings.database_url.expose(),
        "sqlite:///srv/m/masthead.db"
    );
    let named = load(&flags, &[("MASTHEAD_DATABASE_URL", "postgres://h/d")])
        .unwrap()
        .settings;
    assert_eq!(named.database_url.expose(), "postgres://h/d");
    assert!(!named.keeps_database_in_data_dir());
}

#[test]
fn a_secret_key_is_long_enough_and_never_repeated() {
    let said = problems(&Flags::default(), &[("MASTHEAD_SECRET_KEY", "hunter2")]);
    assert!(
        said.contains("MASTHEAD_SECRET_KEY: give 32") && !said.contains("hunter2"),
        "{said}"
    );
    let file = Written::new("key", &[&[b'k'; 32][..], b"\r\n"].concat());
    let path = file.0.to_str().unwrap();
    let settings = load(&Flags::default(), &[("MASTHEAD_SECRET_KEY_FILE", path)])
        .unwrap()
        .settings;
    assert_eq!(settings.secret_key.unwrap().as_bytes(), [b'k'; 32]);
    let both = [
        ("MASTHEAD_SECRET_KEY_FILE", path),
        ("MASTHEAD_SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ];
    assert!(problems(&Flags::default(), &both).contains("both"));
}

#[test]
fn a_variable_that_nobody_knows_is_noticed() {
    let environment = [
        ("MASTHEAD_LISEN", "x"),
        ("MASTHEAD_TEST_ENGINE", "x"),
        ("MASTHEAD_PORT_80_TCP", "x"),
        ("PATH", "x"),
    ];
    let notices = load(&Flags::default(), &environment).unwrap().notices;
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("MASTHEAD_LISEN"));
}
