//! Asking a running server whether it is ready, for container engines that have no curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::say;

/// How long each step may take: looking up, connecting, and each part of the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of the answer that are read; its first line is all that counts.
const ANSWER: usize = 256;

#[derive(Debug, Args)]
pub(super) struct Health {
    /// The server's address: the question goes to the process itself, not to a proxy before it; with https, whose
    /// certificate names another host then, no certificate is looked at
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    url: String,
}

impl Health {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let target = target(&self.url)?;
        let status = ask(&target).with_context(|| format!("no answer from {}", self.url))?;
        match status {
            200 => Ok(say("ready")?),
            503 => anyhow::bail!(
                "not ready (503): the server runs and its database does not answer; see the server's log"
            ),
            other => anyhow::bail!("{} answered {other} instead of 200; is it a Masthead?", self.url),
        }
    }
}

/// Whom to ask for what.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// `HOST:PORT`.
    host: String,
    path: String,
    tls: bool,
}

fn target(url: &str) -> anyhow::Result<Target> {
    let expected =
        || format!("`{url}` cannot be asked; give http://HOST:PORT, such as http://127.0.0.1:8080");
    let (tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
        (Some(rest), _) => (false, rest),
        (None, rest) => (true, rest.with_context(expected)?),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '?' | '#');
    anyhow::ensure!(!authority.is_empty() && !url.contains(strange), expected());
    // The last colon divides host and port, unless it stands inside the brackets of IPv6.
    let has_port = authority
        .rfind(':')
        .is_some_and(|colon| authority.rfind(']').is_none_or(|bracket| bracket < colon));
    let host = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:{}", if tls { 443 } else { 80 })
    };
    Ok(Target {
        host,
        path: format!("{}/health/ready", path.trim_end_matches('/')),
        tls,
    })
}

/// The status of the answer.
fn ask(target: &Target) -> anyhow::Result<u16> {
    let Target { host, path, tls } = target;
    let mut last = anyhow::anyhow!("{host} has no address");
    for address in host
        .to_socket_addrs()
        .with_context(|| format!("{host} is not known"))?
    {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return if *tls {
                    talk(tls::over(stream, host)?, host, path)
                } else {
                    talk(stream, host, path)
                };
            }
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

fn talk(mut stream: impl Read + Write, host: &str, path: &str) -> anyhow::Result<u16> {
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::with_capacity(ANSWER);
    let mut part = [0; ANSWER];
    while answer.len() < ANSWER && !answer.contains(&b'\n') {
        match stream
            .read(&mut part)
            .context("the server does not answer in time")?
        {
            0 => break,
            n => answer.extend_from_slice(&part[..n]),
        }
    }
    let line = String::from_utf8_lossy(&answer);
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
    status.context("what answers does not speak HTTP")
}

/// TLS with whoever answers, for a question whose answer is no secret and is trusted with nothing.
mod tls {
    use std::net::TcpStream;
    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, aws_lc_rs};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{
        ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    };

    pub(super) fn over(
        stream: TcpStream,
        host: &str,
    ) -> anyhow::Result<StreamOwned<ClientConnection, TcpStream>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name)?)?;
        Ok(StreamOwned::new(connection, stream))
    }

    #[derive(Debug)]
    struct Anybody(Arc<CryptoProvider>);

    impl ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let known = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let known = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_address_gives_host_and_path() {
        for (url, host, path, tls) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", "/health/ready", false),
            ("http://localhost", "localhost:80", "/health/ready", false),
            ("http://[::1]:9/cms/", "[::1]:9", "/cms/health/ready", false),
            ("http://[::1]", "[::1]:80", "/health/ready", false),
            ("https://localhost", "localhost:443", "/health/ready", true),
            ("https://127.0.0.1:8443", "127.0.0.1:8443", "/health/ready", true),
        ] {
            assert_eq!(
                target(url).unwrap(),
                Target {
                    host: host.into(),
                    path: path.into(),
                    tls,
                }
            );
        }
        for bad in [
            "ftp://x",
            "https://",
            "127.0.0.1:8080",
            "http://",
            "http://a b",
            "http://a\r\nX: y",
            "http://u@h",
            "http://h/?x",
        ] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    fn answered(answer: &'static str) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 1024];
            let _ = stream.read(&mut question).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let outcome = Health { url }.run();
        server.join().unwrap();
        outcome
    }

    #[test]
    fn only_a_200_is_ready() {
        assert!(answered("HTTP/1.1 200 OK\r\n\r\n").is_ok());
        assert!(
            answered("HTTP/1.1 503 Service Unavailable\r\n\r\n")
                .unwrap_err()
                .to_string()
                .contains("database")
        );
        assert!(
            answered("HTTP/1.1 404 Not Found\r\n\r\n")
                .unwrap_err()
                .to_string()
                .contains("404")
        );
        assert!(answered("SSH-2.0-x\r\n").is_err());
        assert!(answered("").is_err());
    }
}
