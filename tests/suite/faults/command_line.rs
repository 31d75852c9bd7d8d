//! What the command line says when it cannot do what it is told: what happened, and what to do.

use std::net::TcpListener;
use std::process::Output;

use masthead_tests::{Masthead, free_port};

/// Runs a command that has to fail; answers what it says.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Masthead::run(arguments, "");
    let said = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(1), "{arguments:?}: {said}");
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    assert!(
        said.contains("error: ") && said.contains("what to do: "),
        "{said}"
    );
    assert!(
        !said.contains("panicked") && !said.contains("backtrace"),
        "{said}"
    );
    said
}

/// Every command that opens a database, without its `--database-url`.
const COMMANDS: [&[&str]; 4] = [
    &["serve", "--listen", "127.0.0.1:0"],
    &["migrate", "up"],
    &["key", "create", "--name", "Test", "--scopes", "content:read"],
    &[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        "/tmp/masthead-never-made",
    ],
];

fn on(command: &[&str], url: &str) -> String {
    refused(&[command, &["--database-url", url]].concat())
}

#[test]
fn an_address_without_a_scheme_or_with_another_is_refused_with_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("masthead.db");
    let path = file.to_str().unwrap();
    for command in COMMANDS {
        for url in [
            path,
            "masthead.db",
            "localhost/masthead",
            "mysql://root@localhost/masthead",
            "sqlite:masthead.db",
            "file:///tmp/x.db",
        ] {
            let said = on(command, url);
            assert!(said.contains("sqlite://PATH"), "{command:?} {url}: {said}");
            assert!(
                said.contains("postgres://USER:PASSWORD@HOST/DATABASE"),
                "{command:?} {url}: {said}"
            );
            assert!(said.contains("--database-url"), "{command:?} {url}: {said}");
        }
    }
    assert!(!file.exists(), "a file was made of a typing error");
    assert!(on(COMMANDS[1], "mysql://root@localhost/masthead").contains("mysql://"));
}

#[test]
fn an_address_that_names_no_file_or_no_host_is_refused() {
    for (url, hint) in [
        ("sqlite://", "sqlite://data/masthead.db"),
        ("sqlite://:memory:", "sqlite://data/masthead.db"),
        ("sqlite:///tmp/", "sqlite://data/masthead.db"),
        ("sqlite://a.db?mode=ro", "sqlite://data/masthead.db"),
        (
            "postgres://me:hunter2@localhost:port/x",
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
        (
            "postgres://me:hunter2@localhost/x?sslmode=perhaps",
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
    ] {
        let said = on(COMMANDS[1], url);
        assert!(said.contains(hint), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{url}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_made_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain");
    std::fs::write(&file, "not a folder").unwrap();
    let below = format!("sqlite://{}/sub/masthead.db", file.display());
    let folder_itself = format!("sqlite://{}", folder.path().display());
    for command in COMMANDS {
        for url in [&below, &folder_itself] {
            let said = on(command, url);
            assert!(
                said.contains("cannot be opened") && said.contains(url.trim_start_matches("sqlite://")),
                "{said}"
            );
            assert!(said.contains("may write to"), "{said}");
        }
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    let text = "Dear reader, this is no database. ".repeat(100);
    std::fs::write(&file, &text).unwrap();
    for command in COMMANDS {
        let said = on(command, &format!("sqlite://{}", file.display()));
        assert!(
            said.contains("letter.txt") && said.contains("not a database"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("masthead.db");
    std::fs::write(&own, "").unwrap();
    let mut rights = std::fs::metadata(&own).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&own, rights).unwrap();
    // Root may write what is read-only, but not what the kernel only shows.
    let is_root = std::fs::OpenOptions::new().append(true).open(&own).is_ok();
    let file = if is_root {
        "/sys/kernel/uevent_seqnum".to_owned()
    } else {
        own.display().to_string()
    };
    for command in COMMANDS {
        let said = on(command, &format!("sqlite://{file}"));
        assert!(said.contains(&file) && said.contains("denied"), "{said}");
        assert!(said.contains("may write to"), "{said}");
    }
}

#[test]
fn a_folder_that_is_missing_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some/where/masthead.db");
    let url = format!("sqlite://{}", file.display());
    let output = Masthead::run(&["migrate", "up", "--database-url", &url], "");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    // Looking makes nothing.
    let other = format!("sqlite://{}", folder.path().join("other.db").display());
    let output = Masthead::run(&["migrate", "status", "--database-url", &other], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("masthead migrate up"));
    assert!(!folder.path().join("other.db").exists());
}

#[test]
fn a_server_that_is_away_ends_a_command_with_what_to_do() {
    let url = format!("postgres://me:hunter2@127.0.0.1:{}/masthead", free_port());
    for command in [COMMANDS[1], COMMANDS[2], &["migrate", "status"]] {
        let said = on(command, &url);
        assert!(said.contains("the database is not available"), "{said}");
        assert!(said.contains("see that the database runs"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("masthead.db").display());
    let said = refused(&["serve", "--listen", &address, "--database-url", &url]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
    assert!(
        said.contains("another program listens there") && said.contains("--listen"),
        "{said}"
    );
    let demo = folder.path().join("demo");
    let said = refused(&["demo", "--listen", &address, "--data-dir", demo.to_str().unwrap()]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
}

#[test]
fn an_address_to_listen_on_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("masthead.db").display());
    for listen in [
        "8080",
        "127.0.0.1",
        "127.0.0.1:99999",
        "localhost:http",
        ":8080:",
        "",
    ] {
        let output = Masthead::run(&["serve", "--listen", listen, "--database-url", &url], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{listen}");
        assert!(
            said.contains("HOST:PORT") || said.contains("127.0.0.1:8080"),
            "{listen}: {said}"
        );
    }
    let said = refused(&["serve", "--listen", "192.0.2.1:8080", "--database-url", &url]);
    assert!(said.contains("no such address"), "{said}");
}
