//! A real nginx as a shared cache, with the example configuration.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::binary::{free_port, workspace};
use crate::tools::nginx;

/// A running nginx; it ends with this value.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

/// What the example is embedded in: one process that writes into its own folder alone.
const AROUND: &str = "
daemon off;
master_process off;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/masthead.conf;
}
";

impl Nginx {
    /// Starts it in front of this address with `examples/nginx/masthead.conf`, of which only addresses and the folder
    /// are replaced, and what `change` changes; waits until it listens.
    pub fn in_front_of(service: SocketAddr, change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shown = folder.path().display().to_string();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let example = workspace().join("examples/nginx/masthead.conf");
        let mut example = std::fs::read_to_string(example).expect("the example is there");
        for (usual, here) in [
            ("server 127.0.0.1:8080;", format!("server {service};")),
            ("listen 80;", format!("listen {address};")),
            ("/var/cache/nginx/masthead", format!("{shown}/cache")),
        ] {
            assert_eq!(example.matches(usual).count(), 1, "{usual}");
            example = example.replace(usual, &here);
        }
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("the folder can be written");
        };
        write("masthead.conf", &change(example));
        write("nginx.conf", &AROUND.replace("FOLDER", &shown));
        let child = nginx()
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "nginx does not start: {error}; ./scripts/test installs it, or set MASTHEAD_TEST_NGINX"
                )
            });
        let mut this = Self {
            child,
            address,
            folder,
        };
        this.wait_until_it_listens();
        this
    }

    fn wait_until_it_listens(&mut self) {
        for _ in 0..500 {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            let ended = self.child.try_wait().expect("the process can be asked");
            assert!(ended.is_none(), "nginx ended: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nginx does not listen: {}", self.said());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it complained about.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }

    /// The files of the answers that it keeps.
    pub fn kept(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.folder.path().join("cache"), &mut files);
        files
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
