//! The running service: bound first, ready once its database is, stopped without losing a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse, HttpServer};
use anyhow::Context as _;
use masthead_domain::clock::Clock;
use masthead_domain::id::Ids;
use masthead_domain::preflight::SiteAddress;
use masthead_domain::trash::Keeping;
use masthead_openapi::document::Surface;
use masthead_storage::Storage;

use crate::cache::{self, Front};
use crate::config::{CorsOrigins, Settings};
use crate::connections::Connections;
use crate::cross_origin::{CrossOrigin, EXPOSED};
use crate::error::ApiError;
use crate::events::{self, Hub};
use crate::inner::Inner;
use crate::mailing::{self, Mailer};
use crate::oidc::Provider;
use crate::service::{Options, Service};
use crate::system::{self, RandomIds, SystemClock};
use crate::tls::Certificates;
use crate::{
    account_page, deeds, delivery, docs, encoding, finished, gate, health, management, metrics, observe,
    once, preview, purging, scheduler,
};

/// How long to wait between two tries to reach a database that is away.
const BEAT: Duration = Duration::from_secs(1);
/// How long between two looks for entries of the change log that need not be kept.
const PRUNING: Duration = Duration::from_hours(1);
/// Such entries dropped in one transaction at most.
const PRUNED: u32 = 1000;
/// How long a client may take to send its headers.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A service that holds its port and waits to be run.
pub struct Server {
    service: Service,
    settings: Settings,
    listener: std::net::TcpListener,
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
}

/// Binds and runs until the process is told to stop.
pub async fn serve(settings: Settings, storage: Storage) -> anyhow::Result<()> {
    bind(settings, storage).await?.run().await
}

/// Takes the port with the system's clock and random ids.
#[expect(clippy::unused_async, reason = "callers await the steps of a start alike")]
pub async fn bind(settings: Settings, storage: Storage) -> anyhow::Result<Server> {
    bind_with(settings, storage, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// Takes the port with a given clock and given ids.
pub fn bind_with(
    settings: Settings,
    storage: Storage,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> anyhow::Result<Server> {
    let listen = &settings.listen;
    let listener =
        std::net::TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    listener.set_nonblocking(true)?;
    let certificates = settings.tls_files().map(Certificates::load).transpose();
    let certificates = certificates.context("clients cannot be served over TLS")?;
    let address = listener.local_addr()?;
    let options = Options {
        default_locale: settings.default_locale.clone(),
        delivery_requires_key: settings.delivery_requires_key,
        max_body_bytes: settings.max_body_bytes,
        password_cost: settings.password_cost,
        request_timeout: settings.request_timeout,
        has_site: settings.site_url.is_some(),
        site: settings.site(address),
        site_address: SiteAddress {
            url: settings.site_url.is_some().then(|| settings.site(address).url),
            default_locale: settings.default_locale.clone(),
        },
        trash: Keeping(settings.trash_keep_days),
        max_event_listeners: settings.max_event_listeners,
        event_heartbeat: settings.event_heartbeat,
        answer_cache_bytes: settings.answer_cache_bytes,
        tag_headers: settings.cache_tag_headers.clone(),
        quotas: settings.quotas,
        trusted_proxies: settings.trusted_proxies.clone(),
        has_tls: certificates.is_some(),
        mailer: Mailer::of(&settings, address).map(Arc::new),
        provider: Provider::of(&settings).map(Arc::new),
    };
    Ok(Server {
        service: Service::new(storage, clock, ids, options),
        settings,
        listener,
        address,
        certificates,
    })
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the process is told to stop, then finishes what runs.
    pub async fn run(self) -> anyhow::Result<()> {
        self.run_until(std::future::pending()).await
    }

    /// Answers until the process is told to stop or `stop` is over, then finishes what runs.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self {
            service,
            settings,
            listener,
            address,
            certificates,
        } = self;
        let scheme = if certificates.is_some() { "https" } else { "http" };
        tracing::info!(%address, scheme, engine = service.storage().engine().name(), "listening");
        let beat = tokio::spawn(keep_going(service.clone(), settings.clone()));
        let watch = tokio::spawn(events::watch(service.clone()));
        let preparing = tokio::spawn(finished::keep_preparing(service.clone()));
        let ahead = tokio::spawn(finished::keep_ahead(service.clone()));
        let hub = service.events().clone();
        let signalled = tokio::spawn(end_streams_on_signal(hub.clone()));
        let (workers, shutdown) = (settings.workers, settings.shutdown_timeout);
        if service.answers().is_on() {
            cache::follow(service.answers()).context("cannot follow the change log")?;
        }
        let cross_origin = Arc::new(CrossOrigin::new(settings.cors_origins.clone()));
        let (limit, proxies) = (
            settings.max_connections_per_address,
            settings.trusted_proxies.clone(),
        );
        let connections = Connections::new(limit, proxies);
        let server = HttpServer::new(move || app(&service, &settings.cors_origins, &cross_origin))
            .on_connect(move |connection, extensions| connections.begun(connection, extensions))
            .workers(workers)
            .shutdown_timeout(shutdown.as_secs())
            .client_request_timeout(HEAD_TIMEOUT)
            .keep_alive(KEEP_ALIVE);
        let (server, reloading) = match certificates {
            Some(certificates) => {
                let server = server.listen_rustls_0_23(listener, certificates.config()?);
                (server, Some(tokio::spawn(certificates.keep_reloading())))
            }
            None => (server.listen(listener), None),
        };
        let server = server.context("cannot listen")?.run();
        let handle = server.handle();
        let stopped = async {
            stop.await;
            hub.close();
            handle.stop(true).await;
            std::future::pending::<()>().await;
        };
        let outcome = tokio::select! {
            outcome = server => outcome.context("the server broke"),
            () = stopped => Ok(()),
        };
        for task in [beat, watch, preparing, ahead, signalled]
            .into_iter()
            .chain(reloading)
        {
            task.abort();
        }
        tracing::info!("stopped");
        outcome
    }
}

/// Streams of events have no end of their own: told to stop, the service would wait for them. The server listens to
/// the same signals by itself.
async fn end_streams_on_signal(hub: Arc<Hub>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be heard; a stop waits for open streams");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    hub.close();
}

/// The whole application: every layer in its order, from the outside in.
fn app(
    service: &Service,
    origins: &CorsOrigins,
    cross_origin: &Arc<CrossOrigin>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let within = {
        let service = service.clone();
        Inner::new(move || inner_app(&service))
    };
    App::new()
        .app_data(Data::new(service.clone()))
        .app_data(within)
        .service(delivery::routes(web::scope(Surface::Delivery.prefix())))
        .service(preview::routes(web::scope(Surface::Preview.prefix())))
        .service(management::routes(web::scope(Surface::Management.prefix())))
        .configure(health::configure)
        .configure(metrics::configure)
        .configure(docs::configure)
        .configure(account_page::configure)
        .default_service(web::to(fallback))
        .wrap(from_fn(once::once))
        .wrap(from_fn(deeds::remember))
        .wrap(from_fn(gate::gate))
        .wrap(Compress::default())
        .wrap(from_fn(encoding::name_encoded))
        .wrap(cors(origins))
        .wrap(from_fn(observe::observe))
        .wrap(Front::new(service.clone(), Arc::clone(cross_origin)))
}

/// What requests from within pass: the routes that change something, behind the layers that decide on a request. What
/// has to do with a connection is left to the request that they are a part of.
fn inner_app(
    service: &Service,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(Data::new(service.clone()))
        .service(management::routes(web::scope(Surface::Management.prefix())))
        .default_service(web::to(fallback))
        .wrap(from_fn(once::once))
        .wrap(from_fn(deeds::remember))
        .wrap(from_fn(gate::gate))
        .wrap(from_fn(observe::observe))
}

/// What has no handler is nothing: a known address with another method is told so at the gate.
async fn fallback() -> HttpResponse {
    HttpResponse::from_error(ApiError::not_found())
}

fn cors(origins: &CorsOrigins) -> Cors {
    let mut cors = Cors::default()
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers([
            "accept",
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "x-request-id",
        ])
        // A browser's own EventSource needs no leave for the last one; whoever reads the stream with fetch does.
        .allowed_headers(["idempotency-key", "traceparent", "tracestate", "last-event-id"])
        .block_on_origin_mismatch(false)
        .max_age(600);
    if origins.exact.is_empty() && !origins.any_for_delivery {
        // No answer depends on the origin, so caches need not tell origins apart.
        return cors.disable_vary_header();
    }
    cors = cors.expose_headers(EXPOSED);
    for origin in &origins.exact {
        cors = cors.allowed_origin(origin);
    }
    if origins.any_for_delivery {
        cors = cors.allowed_origin_fn(|_, head| head.uri.path().starts_with("/delivery/"));
    }
    cors
}

/// Brings the database up to date, however long it is away, and then does what falls due.
async fn keep_going(service: Service, settings: Settings) {
    while let Err(error) = begin(&service, &settings).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the database is not ready; requests are answered with 503"
        );
        tokio::time::sleep(BEAT).await;
    }
    tracing::info!("ready");
    tokio::join!(
        scheduler::keep_time(&service),
        keep_pruning(&service, settings.changes_keep_days),
        once::keep_forgetting(&service),
        mailing::keep_sending(&service),
        purging::keep_purging(&service, Keeping(settings.trash_keep_days))
    );
}

async fn keep_pruning(service: &Service, days: Option<u32>) {
    while let Some(days) = days {
        prune_changes(service, days).await;
        tokio::time::sleep(PRUNING).await;
    }
}

async fn begin(service: &Service, settings: &Settings) -> anyhow::Result<()> {
    let storage = service.storage().clone();
    let applied = tokio::task::spawn_blocking(move || storage.migrate()).await??;
    for name in applied {
        tracing::info!(name, "migrated");
    }
    let secret = match &settings.secret_key {
        Some(key) => key.as_bytes().to_vec(),
        None => kept_secret(service).await?,
    };
    let before = settings.previous_secret_key.as_ref();
    let before: Vec<_> = before
        .into_iter()
        .map(crate::config::SecretKey::as_bytes)
        .collect();
    service.begin(&secret, &before)?;
    Ok(())
}

/// The installation's secret: made at the first start, the same for every node from then on.
async fn kept_secret(service: &Service) -> anyhow::Result<Vec<u8>> {
    let (fresh, now): ([u8; 32], _) = (system::random_bytes()?, service.now());
    Ok(service
        .storage()
        .write(move |repository| repository.keep_secret("installation", &fresh, now))
        .await?)
}

/// Drops what the log of changes need not keep any more.
async fn prune_changes(service: &Service, days: u32) {
    let before = service.now() - chrono::TimeDelta::days(days.into());
    loop {
        let pruned = service
            .storage()
            .write(move |repository| repository.prune_changes(before, PRUNED))
            .await;
        match pruned {
            Ok(count) if count < u64::from(PRUNED) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "cannot drop old entries of the change log"),
        }
    }
}
