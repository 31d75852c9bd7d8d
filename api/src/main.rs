//! The binary `masthead`; everything it does is in the library.

fn main() -> std::process::ExitCode {
    masthead_api::cli::run()
}
