//! TLS for those without a proxy: a certificate and its key from files, taken again when they change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// How long between two looks at the files.
const PERIOD: Duration = Duration::from_secs(10);
/// Bytes in a file at most.
const LIMIT: u64 = 1024 * 1024;

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with those between it and a root, in PEM, its own first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

/// Why files are not served with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{} holds no {what}: {reason}", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// Certificate and key do not go together, or cannot be used.
    #[error("the certificate and the key cannot be used together: {0}")]
    Rustls(#[from] rustls::Error),
}

/// What the files hold, byte for byte.
#[derive(Clone, PartialEq, Eq)]
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl TlsFiles {
    fn read(&self) -> Result<Texts, TlsError> {
        Ok(Texts {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }

    fn parse(&self, texts: &Texts, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let missing = |path: &Path, what, reason: &dyn fmt::Display| TlsError::Pem {
            path: path.to_owned(),
            what,
            reason: reason.to_string(),
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&texts.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| missing(&self.certificate, "certificate in PEM", &error))?;
        if chain.is_empty() {
            return Err(missing(&self.certificate, "certificate in PEM", &"there is none"));
        }
        let key = PrivateKeyDer::from_pem_slice(&texts.key)
            .map_err(|error| missing(&self.key, "private key in PEM", &error))?;
        Ok(CertifiedKey::from_der(chain, key, provider)?)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    use std::io::Read as _;
    let refused = |error| TlsError::Read {
        path: path.to_owned(),
        error,
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(refused)?;
    file.take(LIMIT).read_to_end(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

/// The certificate that connections get from now on.
pub struct Certificates {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: RwLock<(Texts, Arc<CertifiedKey>)>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({:?})", self.files)
    }
}

impl Certificates {
    /// Reads the files; what is wrong with them is told before anything is served.
    pub fn load(files: TlsFiles) -> Result<Arc<Self>, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let texts = files.read()?;
        let key = files.parse(&texts, &provider)?;
        Ok(Arc::new(Self {
            files,
            provider,
            current: RwLock::new((texts, Arc::new(key))),
        }))
    }

    /// How connections are made: TLS 1.2 and 1.3, with what rustls holds to be safe.
    pub fn config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        Ok(builder
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver))
    }

    /// Takes what the files hold now; `false` where that is what is served already. What cannot be used changes
    /// nothing.
    fn reload(&self) -> Result<bool, TlsError> {
        let texts = self.files.read()?;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).0 == texts {
            return Ok(false);
        }
        let key = Arc::new(self.files.parse(&texts, &self.provider)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (texts, key);
        Ok(true)
    }

    /// Looks at the files every ten seconds, and at once on `SIGHUP`. A renewal replaces two files one after the other,
    /// so what does not go together is told of only when it stays so.
    pub async fn keep_reloading(self: Arc<Self>) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup()).ok();
        let (mut failed, mut told) = (None, None);
        loop {
            let asked = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let is_asked = tokio::select! {
                () = tokio::time::sleep(PERIOD) => false,
                _ = asked => true,
            };
            let own = Arc::clone(&self);
            let outcome = tokio::task::spawn_blocking(move || own.reload()).await;
            match outcome {
                Ok(Ok(true)) => {
                    tracing::info!(file = %self.files.certificate.display(), "the certificate was taken anew");
                    (failed, told) = (None, None);
                }
                Ok(Ok(false)) => (failed, told) = (None, None),
                Ok(Err(error)) => {
                    let error = error.to_string();
                    let stays = is_asked || failed.as_ref() == Some(&error);
                    if stays && told.as_ref() != Some(&error) {
                        tracing::warn!(error, "the certificate before is served still");
                        told = Some(error.clone());
                    }
                    failed = Some(error);
                }
                Err(error) => tracing::warn!(%error, "the certificate was not looked at"),
            }
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current.1))
    }
}
