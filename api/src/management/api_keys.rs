//! API keys: credentials for machines.

use actix_web::{get, patch, post};
use chrono::TimeDelta;
use masthead_domain::account::{ApiKey, KeySort};
use masthead_domain::id::KeyId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::keys::{self, KeyInput, KeyPatch};
use masthead_openapi::management::{
    ApiKeyList, ApiKeyListParameters, ApiKeyResponse, ApiKeySecret, ApiKeySecretResponse, CreateApiKey,
    RotateApiKey, UpdateApiKey, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Created, Fresh};
use crate::credentials::NewKey;
use crate::error::ApiError;
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::service::Service;

fn fresh(key: ApiKey) -> Fresh<ApiKeyResponse> {
    let tag = etag(key.id.uuid(), key.revision);
    Fresh::revision(ApiKeyResponse { data: key.into() }, tag)
}

fn shown(key: ApiKey, secret: String) -> (ApiKeySecretResponse, String) {
    let tag = etag(key.id.uuid(), key.revision);
    let key = key.into();
    let data = ApiKeySecret { key, secret };
    (ApiKeySecretResponse { data }, tag)
}

/// List API keys
///
/// The newest first, those that were revoked or have expired too. No secret is ever shown again.
#[utoipa::path(
    operation_id = "list_api_keys",
    tag = "API keys",
    params(ApiKeyListParameters),
    responses((status = 200, description = "A page of keys.", body = ApiKeyList))
)]
#[get("/api-keys")]
pub async fn list_api_keys(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<ApiKeyListParameters>,
) -> Answer<Fresh<ApiKeyList>> {
    let list = List::new(here);
    let newest = SortKey {
        field: KeySort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service.read(actor, move |unit| keys::list(unit, &page)).await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(ApiKeyList { data, meta, links }).linked(link))
}

/// Create an API key
///
/// With at most your own rights. The answer holds its secret, which is shown this once: only a digest of it is kept.
#[utoipa::path(
    operation_id = "create_api_key",
    tag = "API keys",
    request_body = CreateApiKey,
    responses((status = 201, description = "The new key with its secret.", body = ApiKeySecretResponse))
)]
#[post("/api-keys")]
pub async fn create_api_key(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateApiKey>,
) -> Answer<Created<ApiKeySecretResponse>> {
    let input = KeyInput::from(body);
    let NewKey { text, prefix, digest } = NewKey::generate().map_err(ApiError::internal)?;
    let made = service
        .write(actor, move |unit| {
            keys::create(unit, input.clone(), &prefix, &digest)
        })
        .await?;
    let location = format!("/management/v1/api-keys/{}", made.id);
    let (body, tag) = shown(made, text);
    Ok(Created::new(body, tag, location))
}

/// Get an API key
///
/// What it may do, where it may come from and when it was last used.
#[utoipa::path(
    operation_id = "get_api_key",
    tag = "API keys",
    params(IdPath),
    responses((status = 200, description = "The key without its secret.", body = ApiKeyResponse))
)]
#[get("/api-keys/{id}")]
pub async fn get_api_key(
    service: Service,
    Caller(actor): Caller,
    id: Id<KeyId>,
) -> Answer<Fresh<ApiKeyResponse>> {
    let found = service.read(actor, move |unit| keys::get(unit, *id)).await?;
    Ok(fresh(found))
}

/// Update an API key
///
/// Other rights, networks or another end hold from the next request on.
#[utoipa::path(
    operation_id = "update_api_key",
    tag = "API keys",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateApiKey = "application/merge-patch+json"),
        (UpdateApiKey = "application/json"),
    )),
    responses((status = 200, description = "The changed key.", body = ApiKeyResponse))
)]
#[patch("/api-keys/{id}")]
pub async fn update_api_key(
    service: Service,
    Caller(actor): Caller,
    id: Id<KeyId>,
    seen: Seen,
    Body(patch): Body<UpdateApiKey>,
) -> Answer<Fresh<ApiKeyResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), KeyPatch::from(patch));
    let changed = service
        .write(actor, move |unit| keys::patch(unit, *id, &seen, patch.clone()))
        .await?;
    Ok(fresh(changed))
}

/// Rotate an API key
///
/// Gives the key another secret. The one before works beside it for a while, so that nothing stops until the new one is
/// everywhere.
#[utoipa::path(
    operation_id = "rotate_api_key",
    tag = "API keys",
    params(IdPath, IfMatch),
    request_body = RotateApiKey,
    responses((status = 200, description = "The key with its new secret.", body = ApiKeySecretResponse))
)]
#[post("/api-keys/{id}/rotate")]
pub async fn rotate_api_key(
    service: Service,
    Caller(actor): Caller,
    id: Id<KeyId>,
    seen: Seen,
    Body(body): Body<RotateApiKey>,
) -> Answer<Fresh<ApiKeySecretResponse>> {
    let seen = seen.of(id.uuid());
    let overlap = TimeDelta::seconds(body.overlap_seconds.into());
    let NewKey { text, prefix, digest } = NewKey::generate().map_err(ApiError::internal)?;
    let rotated = service
        .write(actor, move |unit| {
            keys::rotate(unit, *id, &seen, overlap, (&prefix, &digest))
        })
        .await?;
    let (body, tag) = shown(rotated, text);
    Ok(Fresh::revision(body, tag))
}

/// Revoke an API key
///
/// It works nowhere from the next request on. It stays in the list, so that what it did has a name.
#[utoipa::path(
    operation_id = "revoke_api_key",
    tag = "API keys",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The key, which works no more.", body = ApiKeyResponse))
)]
#[post("/api-keys/{id}/revoke")]
pub async fn revoke_api_key(
    service: Service,
    Caller(actor): Caller,
    id: Id<KeyId>,
    seen: Seen,
) -> Answer<Fresh<ApiKeyResponse>> {
    let seen = seen.of(id.uuid());
    let revoke = move |unit: &mut Unit<'_>| keys::revoke(unit, *id, &seen);
    service.answer(actor, revoke, fresh).await
}
