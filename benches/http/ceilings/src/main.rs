//! What the benchmark holds Masthead against, and the clients that load, change and watch it.

use std::process::ExitCode;

use arguments::{Arguments, Outcome};

mod arguments;
mod churn;
mod http;
mod link;
mod load;
mod measure;
mod rows;
mod serve;
mod session;
mod template;
mod write;

const HELP: &str = "\
Usage: ceilings COMMAND --name value …

Servers:
  serve   finished answers from memory, SQLite and PostgreSQL: --port --bodies FILE --file FILE [--postgres URL]

Writers without a server:
  rows    every row of a database as JSON: --database URL
  write   rows that Masthead wrote, again: --database URL --template FILE --work create|change
          [--connections N] [--seconds S]

Clients of Masthead (--address HOST:PORT --login FILE --input FILE [--connections N] [--seconds S]):
  load    creates and publishes articles [--skip N] [--count N] [--made FILE]
  change  changes deks and publishes again
  churn   publishes steadily, and watches for stale answers [--rate N] [--readers N] [--answers N]

`run` beside this folder uses all of them; its --help says what they are for.
";

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1);
    let outcome = match given.next().as_deref() {
        None | Some("--help" | "-h" | "help") => {
            print!("{HELP}");
            Ok(())
        }
        Some(command) => run(command, given),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("ceilings: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, given: impl Iterator<Item = String>) -> Outcome<()> {
    match command {
        "serve" => serve::serve(&Arguments::read(given, serve::SERVE)?),
        "rows" => rows::rows(&Arguments::read(given, rows::ROWS)?),
        "write" => write::write(&Arguments::read(given, write::WRITE)?),
        "load" => load::load(&Arguments::read(given, load::LOAD)?),
        "change" => load::change(&Arguments::read(given, load::CHANGE)?),
        "churn" => churn::churn(&Arguments::read(given, churn::CHURN)?),
        other => Err(format!("{other} is no command; see --help")),
    }
}
