//! The application once more, for requests that come from within: they pass the same gate and the same handlers as those
//! from outside.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::rc::Rc;

use actix_http::Request;
use actix_service::{IntoServiceFactory, ServiceFactory};
use actix_web::Error;
use actix_web::HttpMessage as _;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{AppConfig, Payload, Service as _, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;

use crate::error::ApiError;

type Answered = LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>>;
type Made = Rc<dyn Fn(Request) -> Answered>;

/// The application of one worker; made when it is first asked.
pub struct Inner {
    make: Box<dyn Fn() -> LocalBoxFuture<'static, Option<Made>>>,
    made: OnceCell<Made>,
}

/// Marks a request from within, of which the one that it is a part of was counted already.
pub struct Within;

/// A request from within.
pub struct Asked {
    /// Its method.
    pub method: Method,
    /// Its address.
    pub uri: Uri,
    /// All of its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Where the request comes from that it is a part of.
    pub peer: Option<SocketAddr>,
}

/// What was answered to it.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Inner {
    /// An application that `app` describes.
    pub fn new<A, S, B>(app: impl Fn() -> A + 'static) -> Self
    where
        A: IntoServiceFactory<S, Request> + 'static,
        S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error>
            + 'static,
        S::Service: 'static,
        B: MessageBody + 'static,
    {
        let make = move || -> LocalBoxFuture<'static, Option<Made>> {
            let factory = app().into_factory();
            Box::pin(async move {
                let service = Rc::new(factory.new_service(AppConfig::default()).await.ok()?);
                let made: Made = Rc::new(move |request| {
                    let service = Rc::clone(&service);
                    Box::pin(async move {
                        let answered = service.call(request).await?;
                        Ok(answered.map_into_boxed_body())
                    })
                });
                Some(made)
            })
        };
        Self {
            make: Box::new(make),
            made: OnceCell::new(),
        }
    }

    async fn made(&self) -> Result<Made, ApiError> {
        if let Some(made) = self.made.get() {
            return Ok(Rc::clone(made));
        }
        let made = (self.make)().await;
        let made = made.ok_or_else(|| ApiError::internal("the inner application cannot be made"))?;
        Ok(Rc::clone(self.made.get_or_init(|| made)))
    }

    /// Sends a request through it.
    pub async fn send(&self, asked: Asked) -> Result<Answer, ApiError> {
        let made = self.made().await?;
        let mut request = Request::with_payload(Payload::from(asked.body));
        let head = request.head_mut();
        head.method = asked.method;
        head.uri = asked.uri;
        head.headers = asked.headers;
        head.peer_addr = asked.peer;
        request.extensions_mut().insert(Within);
        let answered = made(request).await.map_err(ApiError::internal)?;
        let (_, response) = answered.into_parts();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.map_err(ApiError::internal)?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}
