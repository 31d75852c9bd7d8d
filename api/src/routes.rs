//! Where routes are registered: at the application that serves them, and at the one that their document is made of.

use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse};
use utoipa_actix_web::OpenApiFactory;

/// Takes routes below one prefix. One list of them for both, so that what is served is what is documented; whoever
/// only serves has nothing to do with describing.
pub trait Routes: Sized {
    /// Takes one more.
    #[must_use]
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self;
}

impl Routes for actix_web::Scope {
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}

impl<T> Routes for utoipa_actix_web::scope::Scope<T>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        >,
{
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}
