//! What the command line understands.

use clap::CommandFactory as _;
use masthead_domain::rights::Permission;

use super::*;

fn parse(line: &str) -> Result<CommandLine, String> {
    CommandLine::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())
}

#[test]
fn the_commands_fit_together() {
    CommandLine::command().debug_assert();
}

#[test]
fn the_database_can_be_named_before_and_after_any_command() {
    for line in [
        "serve",
        "demo",
        "migrate up",
        "migrate status",
        "import markdown x",
        "openapi --check",
        "user disable-second-factor --email a@b",
        "user create --email a@b --name N --role admin --password-stdin",
        "key create --name N --scopes content:read",
        "health",
    ] {
        for whole in [
            format!("masthead {line} --database-url sqlite://x.db"),
            format!("masthead --database-url sqlite://x.db {line}"),
        ] {
            let flags = parse(&whole).unwrap().common.0;
            let settings = Settings::load(Settings::default(), &flags, &Environment::default())
                .unwrap()
                .settings;
            assert_eq!(settings.database_url.expose(), "sqlite://x.db", "{whole}");
        }
    }
}

#[test]
fn a_word_that_is_not_known_is_answered_with_those_that_are() {
    let said = parse("masthead user create --email a@b --name N --role boss --password-stdin").unwrap_err();
    assert!(said.contains("reader, viewer, author, editor, admin"), "{said}");
    let said = parse("masthead key create --name N --scopes content:read,all").unwrap_err();
    assert!(
        said.contains("`all`") && said.contains("articles:publish"),
        "{said}"
    );
    assert!(parse("masthead key create --name N").is_err());
    assert!(parse("masthead import markdown").is_err());
    assert!(parse("masthead serve --no-such-flag").is_err());
}

#[test]
fn scopes_are_separated_by_commas_or_given_again() {
    let line = "masthead key create --name N --scopes content:read,articles:write --scopes articles:publish";
    let Command::Key(accounts::Key::Create(key)) = parse(line).unwrap().command else {
        panic!()
    };
    assert_eq!(
        key.scopes,
        [
            Permission::ContentRead,
            Permission::ArticlesWrite,
            Permission::ArticlesPublish
        ]
    );
}

#[test]
fn help_documents_every_setting_with_its_default_its_variable_and_its_key() {
    let mut command = CommandLine::command();
    command.build();
    let serve = command.find_subcommand_mut("serve").unwrap();
    let help = serve
        .render_long_help()
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for part in [
        "[env: MASTHEAD_LISTEN] [file: listen] [default: 127.0.0.1:8080]",
        "[env: MASTHEAD_DATABASE_URL] [file: database_url]",
        "[env: MASTHEAD_CONFIG]",
        "MASTHEAD_SECRET_KEY,",
        "--delivery-requires-key",
        "--log-level",
    ] {
        assert!(help.contains(part), "{part}\n{help}");
    }
}

#[test]
fn a_switch_needs_no_value_and_takes_one() {
    for (line, on) in [
        ("--delivery-requires-key", true),
        ("--delivery-requires-key=false", false),
        ("", false),
    ] {
        let Command::Serve(flags) = parse(&format!("masthead serve {line}")).unwrap().command else {
            panic!()
        };
        let settings = Settings::load(Settings::default(), &flags.0, &Environment::default())
            .unwrap()
            .settings;
        assert_eq!(settings.delivery_requires_key, on, "{line}");
    }
}

#[test]
fn an_example_in_the_help_is_understood() {
    let mut command = CommandLine::command();
    command.build();
    let mut texts = vec![FIRST_STEPS.to_owned()];
    let mut commands: Vec<_> = command.get_subcommands().collect();
    while let Some(command) = commands.pop() {
        texts.extend(command.get_after_help().map(ToString::to_string));
        commands.extend(command.get_subcommands());
    }
    let texts: Vec<_> = texts.iter().map(|text| text.replace("\\\n    ", "")).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let examples = lines.filter_map(|line| {
        line.starts_with("  ")
            .then(|| line.find("masthead ").map(|at| &line[at..]))?
    });
    let mut seen = 0;
    for example in examples {
        let example = example.split("  ").next().unwrap().trim_end_matches(')');
        // Where the shell puts the output is not the command's.
        let example = example.split(" >").next().unwrap();
        assert!(parse(example).is_ok(), "{example}: {:?}", parse(example).err());
        seen += 1;
    }
    assert!(seen > 12, "{seen}");
}
