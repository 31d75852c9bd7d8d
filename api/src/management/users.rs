//! Accounts.

use actix_web::{delete, get, patch, post, put};
use masthead_domain::account::{PasswordHash, User, UserSort};
use masthead_domain::error::Refused;
use masthead_domain::id::UserId;
use masthead_domain::page::{Direction, SortKey};
use masthead_domain::use_cases::Unit;
use masthead_domain::use_cases::accounts::{self, UserPatch};
use masthead_openapi::management::{
    CreateUser, SetPassword, UpdateUser, UserList, UserListParameters, UserResponse, etag,
};
use masthead_openapi::parameters::{IdPath, IfMatch};

use crate::answer::{Answer, Created, Fresh, Gone};
use crate::error::ApiError;
use crate::extract::{Body, Caller, Here, Id, Query, Seen};
use crate::paging::{List, asked, link_header};
use crate::passwords;
use crate::service::Service;

fn fresh(user: User) -> Fresh<UserResponse> {
    let tag = etag(user.id.uuid(), user.revision);
    Fresh::revision(UserResponse { data: user.into() }, tag)
}

pub(super) fn created(user: User) -> Created<UserResponse> {
    let tag = etag(user.id.uuid(), user.revision);
    let location = format!("/management/v1/users/{}", user.id);
    Created::new(UserResponse { data: user.into() }, tag, location)
}

/// The hash of a password that is good enough, or why it is not.
async fn hashed(
    service: &Service,
    password: String,
    email: String,
    name: String,
) -> Answer<Result<PasswordHash, Refused>> {
    let cost = service.options().password_cost;
    let hash = move || passwords::hash(&password, &email, &name, cost);
    service.hash(hash).await?.map_err(ApiError::internal)
}

/// List accounts
///
/// Those who can log in, and those who are suspended.
#[utoipa::path(
    operation_id = "list_users",
    tag = "Accounts",
    params(UserListParameters),
    responses((status = 200, description = "A page of accounts.", body = UserList))
)]
#[get("/users")]
pub async fn list_users(
    service: Service,
    Caller(actor): Caller,
    here: Here,
    Query(asked): Query<UserListParameters>,
) -> Answer<Fresh<UserList>> {
    let list = List::new(here);
    let role = asked.role.map(Into::into);
    let newest = SortKey {
        field: UserSort::CreatedAt,
        direction: Direction::Descending,
    };
    let page = list.request(service.keys()?, asked!(asked), newest)?;
    let limit = page.limit;
    let page = service
        .read(actor, move |unit| accounts::list(unit, role, &page))
        .await?;
    let (meta, links) = list.describe(service.keys()?, &page, limit);
    let link = link_header(&links);
    let data = page.items.into_iter().map(Into::into).collect();
    Ok(Fresh::new(UserList { data, meta, links }).linked(link))
}

/// Create an account
///
/// With a role of at most your own rights, and a first password.
#[utoipa::path(
    operation_id = "create_user",
    tag = "Accounts",
    request_body = CreateUser,
    responses((status = 201, description = "The new account.", body = UserResponse)),
    extensions(("x-problems" = json!(["already_exists"])))
)]
#[post("/users")]
pub async fn create_user(
    service: Service,
    Caller(actor): Caller,
    Body(body): Body<CreateUser>,
) -> Answer<Created<UserResponse>> {
    // Rights come first: whoever may not is told nothing about the rest, and costs no hash.
    actor.require(masthead_domain::rights::Permission::UsersManage)?;
    let (input, password) = body.parts();
    let hash = hashed(&service, password, input.email.clone(), input.name.clone()).await?;
    let create = move |unit: &mut Unit<'_>| accounts::create_user(unit, input.clone(), hash.clone());
    service.answer(actor, create, created).await
}

/// Get an account
///
/// Somebody who can log in, or is suspended.
#[utoipa::path(
    operation_id = "get_user",
    tag = "Accounts",
    params(IdPath),
    responses((status = 200, description = "The account.", body = UserResponse))
)]
#[get("/users/{id}")]
pub async fn get_user(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
) -> Answer<Fresh<UserResponse>> {
    let found = service.read(actor, move |unit| accounts::get(unit, *id)).await?;
    Ok(fresh(found))
}

/// Update an account
///
/// Another role ends the sessions of the account at once. The last admin who can log in stays one.
#[utoipa::path(
    operation_id = "update_user",
    tag = "Accounts",
    params(IdPath, IfMatch),
    request_body(content(
        (UpdateUser = "application/merge-patch+json"),
        (UpdateUser = "application/json"),
    )),
    responses((status = 200, description = "The changed account.", body = UserResponse)),
    extensions(("x-problems" = json!(["already_exists", "last_admin"])))
)]
#[patch("/users/{id}")]
pub async fn update_user(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
    seen: Seen,
    Body(patch): Body<UpdateUser>,
) -> Answer<Fresh<UserResponse>> {
    let (seen, patch) = (seen.of(id.uuid()), UserPatch::from(patch));
    let changed = service
        .write(actor, move |unit| {
            accounts::patch(unit, *id, &seen, patch.clone())
        })
        .await?;
    Ok(fresh(changed))
}

/// Delete an account
///
/// What it wrote stays; its address, name and sessions go, and its id is never given again.
#[utoipa::path(
    operation_id = "delete_user",
    tag = "Accounts",
    params(IdPath, IfMatch),
    responses((status = 204, description = "It is gone.")),
    extensions(("x-problems" = json!(["last_admin"])))
)]
#[delete("/users/{id}")]
pub async fn delete_user(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
    seen: Seen,
) -> Answer<Gone> {
    let seen = seen.of(id.uuid());
    service
        .write(actor, move |unit| accounts::delete(unit, *id, &seen))
        .await?;
    Ok(Gone)
}

/// Suspend an account
///
/// It lets nobody in any more, and its sessions end at once.
#[utoipa::path(
    operation_id = "suspend_user",
    tag = "Accounts",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The suspended account.", body = UserResponse)),
    extensions(("x-problems" = json!(["last_admin"])))
)]
#[post("/users/{id}/suspend")]
pub async fn suspend_user(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
    seen: Seen,
) -> Answer<Fresh<UserResponse>> {
    let seen = seen.of(id.uuid());
    let suspend = move |unit: &mut Unit<'_>| accounts::suspend(unit, *id, &seen);
    service.answer(actor, suspend, fresh).await
}

/// Reactivate an account
///
/// A suspended account lets its owner in again, who logs in anew.
#[utoipa::path(
    operation_id = "reactivate_user",
    tag = "Accounts",
    params(IdPath, IfMatch),
    responses((status = 200, description = "The account.", body = UserResponse))
)]
#[post("/users/{id}/reactivate")]
pub async fn reactivate_user(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
    seen: Seen,
) -> Answer<Fresh<UserResponse>> {
    let seen = seen.of(id.uuid());
    let reactivate = move |unit: &mut Unit<'_>| accounts::reactivate(unit, *id, &seen);
    service.answer(actor, reactivate, fresh).await
}

/// Set somebody's password
///
/// For whoever has lost theirs. The sessions of the account end at once.
#[utoipa::path(
    operation_id = "set_user_password",
    tag = "Accounts",
    params(IdPath, IfMatch),
    request_body = SetPassword,
    responses((status = 200, description = "The account.", body = UserResponse))
)]
#[put("/users/{id}/password")]
pub async fn set_user_password(
    service: Service,
    Caller(actor): Caller,
    id: Id<UserId>,
    seen: Seen,
    Body(body): Body<SetPassword>,
) -> Answer<Fresh<UserResponse>> {
    let seen = seen.of(id.uuid());
    let user = service
        .read(actor.clone(), move |unit| accounts::get(unit, *id))
        .await?;
    let hash = hashed(&service, body.password, user.email.to_string(), user.name).await?;
    let hash = hash.map_err(|refused| refused.at("/password"))?;
    let changed = service
        .write(actor, move |unit| accounts::set_password(unit, *id, &seen, &hash))
        .await?;
    Ok(fresh(changed))
}
