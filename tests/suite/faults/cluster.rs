//! A PostgreSQL cluster of a test's own, to be stopped and started at will.

use std::path::PathBuf;
use std::process::Command;

use masthead_tests::free_port;
use tempfile::TempDir;

/// A cluster that goes away with this value.
pub(super) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    os_user: Option<String>,
    port: u16,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests read what ./scripts/test gives them"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Cluster {
    /// Makes a cluster that does not run yet.
    pub(super) fn stopped() -> Self {
        let programs = variable("MASTHEAD_TEST_POSTGRES_BIN").expect(
            "this test starts and stops a PostgreSQL server: set MASTHEAD_TEST_POSTGRES_BIN to the folder of initdb, \
             pg_ctl and postgres (and MASTHEAD_TEST_POSTGRES_OS_USER to who runs them, where you are root), or run \
             ./scripts/test, which finds or installs them",
        );
        // Short, for a socket's path has a limit, and in a place that another user can reach.
        let folder = tempfile::Builder::new()
            .prefix("masthead-fault-")
            .tempdir_in("/tmp")
            .expect("a folder");
        let this = Self {
            folder,
            programs: programs.into(),
            os_user: variable("MASTHEAD_TEST_POSTGRES_OS_USER"),
            port: free_port(),
        };
        if let Some(user) = &this.os_user {
            let given = Command::new("chown").arg(user).arg(this.folder.path()).status();
            assert!(given.expect("chown runs").success());
        }
        let data = this.data();
        this.run(
            "initdb",
            &[
                "--pgdata",
                &data,
                "--username=masthead",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            ],
        );
        this
    }

    /// Makes a cluster and starts it.
    pub(super) fn started() -> Self {
        let this = Self::stopped();
        this.start();
        this
    }

    fn data(&self) -> String {
        self.folder.path().join("cluster").display().to_string()
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://masthead@127.0.0.1:{}/postgres", self.port)
    }

    pub(super) fn start(&self) {
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off -c max_connections=40 \
             -c shared_buffers=16MB",
            self.port,
            self.folder.path().display()
        );
        let log = self
            .folder
            .path()
            .join("cluster/server.log")
            .display()
            .to_string();
        self.run(
            "pg_ctl",
            &[
                "start",
                "--pgdata",
                &self.data(),
                "--wait",
                "--silent",
                "--log",
                &log,
                "--options",
                &settings,
            ],
        );
    }

    /// Stops it: `fast` ends its sessions with a word, `immediate` like a power cut.
    pub(super) fn stop(&self, mode: &str) {
        self.run(
            "pg_ctl",
            &[
                "stop",
                "--pgdata",
                &self.data(),
                "--wait",
                "--silent",
                "--mode",
                mode,
            ],
        );
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program, arguments).status();
        let status = status.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let path = self.programs.join(program);
        let mut command = match &self.os_user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        command
            .args(arguments)
            .current_dir("/")
            .stdout(std::process::Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let arguments = [
            "stop",
            "--pgdata",
            &self.data(),
            "--wait",
            "--silent",
            "--mode",
            "immediate",
        ];
        let _ = self
            .command("pg_ctl", &arguments)
            .stderr(std::process::Stdio::null())
            .status();
    }
}
