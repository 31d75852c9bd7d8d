//! TLS by the service itself: the real binary, asked by another TLS library's user over real sockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use masthead_tests::{Masthead, free_port};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use tempfile::TempDir;

/// A certificate that nobody signed but itself, with its key.
struct Certificate {
    der: CertificateDer<'static>,
    chain: String,
    key: String,
}

impl Certificate {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["news.example".to_owned()]).unwrap();
        let made = parameters.self_signed(&key).unwrap();
        Self {
            der: made.der().clone(),
            chain: made.pem(),
            key: key.serialize_pem(),
        }
    }

    fn write(&self, folder: &Path) {
        std::fs::write(folder.join("cert.pem"), &self.chain).unwrap();
        std::fs::write(folder.join("key.pem"), &self.key).unwrap();
    }
}

struct Site {
    folder: TempDir,
    port: u16,
    process: Masthead,
}

impl Site {
    fn arguments(folder: &Path, port: u16) -> Vec<String> {
        let path = |name: &str| folder.join(name).display().to_string();
        let arguments = [
            "serve",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--data-dir",
            &path("data"),
            "--tls-certificate",
            &path("cert.pem"),
            "--tls-key",
            &path("key.pem"),
        ];
        arguments.map(str::to_owned).to_vec()
    }

    fn start(certificate: &Certificate) -> Self {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        certificate.write(folder.path());
        let arguments = Self::arguments(folder.path(), port);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let process = Masthead::spawn(&arguments);
        let site = Self {
            folder,
            port,
            process,
        };
        assert!(soon(30, || site.is_healthy()), "it does not get ready");
        site
    }

    fn is_healthy(&self) -> bool {
        let url = format!("https://127.0.0.1:{}", self.port);
        Masthead::run(&["health", "--url", &url], "").status.success()
    }

    fn ask(
        &self,
        trusted: &Certificate,
        versions: &[&'static SupportedProtocolVersion],
        path: &str,
    ) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = ServerName::try_from("news.example").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut stream = StreamOwned::new(connection, socket);
        let request = format!("GET {path} HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if answer.is_empty() => return Err(error),
            _ => {}
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn reload(&mut self) {
        let id = self.process.child().id().to_string();
        assert!(
            Command::new("kill")
                .args(["-HUP", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Whether something comes true within so many seconds.
fn soon(seconds: u32, is_true: impl Fn() -> bool) -> bool {
    (0..seconds * 10).any(|_| {
        let holds = is_true();
        if !holds {
            std::thread::sleep(Duration::from_millis(100));
        }
        holds
    })
}

const BOTH: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

#[test]
fn https_is_spoken_and_browsers_are_told_to_stay_with_it() {
    let certificate = Certificate::new();
    let site = Site::start(&certificate);
    for version in BOTH {
        // Computed, kept, of management, and in vain.
        for (path, status) in [
            ("/delivery/v1/site", 200),
            ("/delivery/v1/site", 200),
            ("/management/v1/auth/jwks", 200),
            ("/nothing", 404),
        ] {
            let answer = site.ask(&certificate, &[version], path).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
            let told = head
                .matches("strict-transport-security: max-age=31536000")
                .count();
            assert_eq!(told, 1, "{path}: {head}");
        }
    }
    // Where nobody said where the site is, links lead to where it is.
    let answer = site.ask(&certificate, &BOTH, "/delivery/v1/site").unwrap();
    assert!(
        answer.contains(&format!("https://127.0.0.1:{}", site.port)),
        "{answer}"
    );
    // Plain HTTP is not answered, and neither is a hello that never ends; both cost nobody else.
    let mut plain = TcpStream::connect(("127.0.0.1", site.port)).unwrap();
    plain
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let silent: Vec<_> = (0..50)
        .map(|_| TcpStream::connect(("127.0.0.1", site.port)).unwrap())
        .collect();
    assert!(site.ask(&certificate, &BOTH, "/health/live").is_ok());
    plain.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"));
    drop(silent);
}

#[test]
fn a_renewed_certificate_is_served_without_a_restart_and_a_broken_one_is_not() {
    let (first, second) = (Certificate::new(), Certificate::new());
    let mut site = Site::start(&first);
    let serves = |site: &Site, certificate: &Certificate| {
        site.ask(certificate, &BOTH, "/health/live")
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    };
    assert!(serves(&site, &first) && !serves(&site, &second));
    // Half a renewal, an empty file, garbage, and none: the one before goes on.
    for text in [second.chain.as_str(), "", "garbage"] {
        std::fs::write(site.file("cert.pem"), text).unwrap();
        site.reload();
        std::thread::sleep(Duration::from_millis(200));
        assert!(serves(&site, &first), "after {text:?}");
    }
    std::fs::remove_file(site.file("key.pem")).unwrap();
    site.reload();
    std::thread::sleep(Duration::from_millis(200));
    assert!(serves(&site, &first));
    second.write(site.folder.path());
    site.reload();
    assert!(soon(10, || serves(&site, &second)), "the new one is not served");
    assert!(!serves(&site, &first));
    // And without anybody saying so, within ten seconds.
    first.write(site.folder.path());
    assert!(soon(20, || serves(&site, &first)), "the files are not looked at");
}

#[test]
fn what_cannot_be_served_with_is_told_before_anything_is_served() {
    let (certificate, other) = (Certificate::new(), Certificate::new());
    let folder = TempDir::new().unwrap();
    let refused = |expected: &[&str]| {
        let arguments = Site::arguments(folder.path(), free_port());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = Masthead::run(&arguments, "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        for part in expected {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("PRIVATE KEY"), "{said}");
    };
    refused(&["cert.pem", "cannot be read"]);
    certificate.write(folder.path());
    std::fs::write(folder.path().join("key.pem"), &other.key).unwrap();
    refused(&["cannot be used together"]);
    std::fs::write(folder.path().join("key.pem"), &certificate.chain).unwrap();
    refused(&["key.pem", "private key in PEM"]);
    std::fs::write(folder.path().join("cert.pem"), &certificate.key).unwrap();
    refused(&["cert.pem", "certificate in PEM"]);
    let output = Masthead::run(&["serve", "--tls-key", "x"], "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("go together"), "{said}");
}
