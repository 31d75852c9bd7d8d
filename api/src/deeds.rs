//! What a request does, for the audit log: the operation, the request's id and the session it came with.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};
use masthead_domain::audit::Deed;
use masthead_domain::id::SessionId;
use masthead_domain::rights::Actor;
use masthead_openapi::document::Surface;

use crate::auth::Identity;
use crate::contract::{Found, contract};
use crate::error::ApiError;
use crate::observe::RequestId;

tokio::task_local! {
    /// The request that the handler is about, where it may change something.
    static REQUEST: Arc<Asked>;
}

/// A request that may change something.
struct Asked {
    operation: String,
    request_id: Option<String>,
    session: Option<SessionId>,
}

/// Takes a request on, and remembers what it is for as long as its handler runs.
pub async fn remember<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    match asked(&request) {
        Some(asked) => REQUEST.scope(Arc::new(asked), next.call(request)).await,
        None => next.call(request).await,
    }
}

fn asked(request: &ServiceRequest) -> Option<Asked> {
    if request.method() == Method::GET {
        return None;
    }
    let Found::Operation(operation) = contract().find(request.method(), request.path()) else {
        return None;
    };
    if operation.surface != Surface::Management {
        return None;
    }
    let extensions = request.extensions();
    Some(Asked {
        operation: operation.id.clone(),
        request_id: extensions.get::<RequestId>().map(|id| id.0.clone()),
        session: extensions.get::<Identity>().and_then(|identity| identity.session),
    })
}

/// What the present request does in this actor's name.
pub fn current(actor: &Actor) -> Result<Deed, ApiError> {
    let asked = REQUEST.try_with(Arc::clone);
    let asked = asked.map_err(|_| ApiError::internal("something is changed by no request that changes"))?;
    Ok(Deed {
        action: asked.operation.clone(),
        actor: actor.credential,
        session: asked.session,
        request_id: asked.request_id.clone(),
    })
}

/// What the service does by itself, or the command line.
#[must_use]
pub fn own(action: &str, actor: &Actor) -> Deed {
    Deed {
        action: action.to_owned(),
        actor: actor.credential,
        session: None,
        request_id: None,
    }
}
