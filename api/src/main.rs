//! The binary `masthead`; everything it does is in the library.

/// What comes in hundreds of small pieces with every request is given back to the machine when the hour is over.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    masthead_api::cli::run()
}
