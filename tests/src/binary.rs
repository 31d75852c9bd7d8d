//! The real binary, run as a user would.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The binary, built from the same sources as the tests, and with the features that theirs have, so that nothing is
/// compiled for it alone.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--workspace", "--bin", "masthead"])
            .current_dir(workspace())
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binary does not build");
        // The tests stand in target/PROFILE/deps, the binary one above.
        let tests = std::env::current_exe().expect("the tests have a path");
        let binary = tests
            .parent()
            .and_then(Path::parent)
            .expect("a folder")
            .join("masthead");
        assert!(binary.exists(), "{} is not there", binary.display());
        binary
    })
}

/// A port that is free at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port is free")
        .port()
}

/// A run of the binary that ends with this value.
#[derive(Debug)]
pub struct Masthead {
    child: Child,
}

impl Masthead {
    /// Runs a command to its end.
    pub fn run(arguments: &[&str], input: &str) -> Output {
        let mut child = Self::command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        child
            .stdin
            .take()
            .expect("input")
            .write_all(input.as_bytes())
            .expect("input is taken");
        child.wait_with_output().expect("the binary ends")
    }

    /// Starts a command that goes on.
    pub fn spawn(arguments: &[&str]) -> Self {
        Self::start(Self::command(arguments))
    }

    /// Starts a command that was prepared with [`Self::command`] and goes on.
    pub fn start(mut command: Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        Self {
            child: child.expect("the binary starts"),
        }
    }

    /// A command without any of this process's settings.
    pub fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until `GET /health/ready` answers 200 on this port.
    pub fn wait_until_ready(&mut self, port: u16) {
        let caller = crate::Caller::new(([127, 0, 0, 1], port).into(), None);
        for _ in 0..600 {
            let answers = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            if answers && caller.get("/health/ready").status() == 200 {
                return;
            }
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                panic!("the binary ended with {status} before it was ready");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the binary does not get ready");
    }
}

impl Drop for Masthead {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
