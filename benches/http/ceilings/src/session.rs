//! An editor who is logged in, and what editors do: create, change, publish.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::arguments::{Doing as _, Outcome};
use crate::http::{Answer, Client};

/// How long a token is used; the server's live 15 minutes.
const FRESH: Duration = Duration::from_mins(10);

/// The account, and the token that all connections share.
pub struct Account {
    address: String,
    login: String,
    token: Mutex<Option<(Instant, String)>>,
}

impl Account {
    /// `login` is the body of a login.
    pub fn new(address: &str, login: &str) -> Self {
        Self {
            address: address.to_owned(),
            login: login.to_owned(),
            token: Mutex::default(),
        }
    }

    fn token(&self) -> Outcome<String> {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, token)) = &*kept
            && since.elapsed() < FRESH
        {
            return Ok(token.clone());
        }
        let answer = Client::new(&self.address).send(
            "POST",
            "/management/v1/auth/login",
            "content-type: application/json\r\n",
            self.login.as_bytes(),
        )?;
        let answer = expect(answer, 200, "logging in")?;
        let body: Value = serde_json::from_slice(&answer.body).doing("the answer to the login")?;
        let token = body["data"]["access_token"]
            .as_str()
            .ok_or("the answer to the login holds no token")?
            .to_owned();
        *kept = Some((Instant::now(), token.clone()));
        Ok(token)
    }
}

/// One connection of an editor.
pub struct Editor<'a> {
    account: &'a Account,
    client: Client,
}

/// What identifies a state of a thing.
pub struct State {
    /// The id.
    pub id: String,
    /// What `If-Match` takes.
    pub etag: String,
}

impl<'a> Editor<'a> {
    /// A connection of its own.
    pub fn new(account: &'a Account) -> Self {
        Self {
            account,
            client: Client::new(&account.address),
        }
    }

    /// Any request with a body, answered with `status`.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        etag: Option<&str>,
        body: &[u8],
        status: u16,
    ) -> Outcome<Answer> {
        let mut headers = format!("authorization: Bearer {}\r\n", self.account.token()?);
        if !body.is_empty() {
            headers.push_str("content-type: application/json\r\n");
        }
        if let Some(etag) = etag {
            headers += &format!("if-match: {etag}\r\n");
        }
        let answer = self.client.send(method, path, &headers, body)?;
        expect(answer, status, &format!("{method} {path}"))
    }

    /// A new article; `body` is what the API takes.
    pub fn create(&mut self, body: &[u8]) -> Outcome<State> {
        let answer = self.send("POST", "/management/v1/articles", None, body, 201)?;
        let etag = answer.etag.ok_or("a new article has no ETag")?;
        let id = id_of(&answer.body)?;
        Ok(State { id, etag })
    }

    /// The present state of an article.
    pub fn state(&mut self, id: &str) -> Outcome<State> {
        let answer = self.send("GET", &format!("/management/v1/articles/{id}"), None, b"", 200)?;
        let etag = answer.etag.ok_or("an article has no ETag")?;
        Ok(State {
            id: id.to_owned(),
            etag,
        })
    }

    /// Another dek.
    pub fn change_dek(&mut self, state: &mut State, dek: &str) -> Outcome<()> {
        let body = json!({ "dek": dek }).to_string();
        let path = format!("/management/v1/articles/{}", state.id);
        let answer = self.send("PATCH", &path, Some(&state.etag), body.as_bytes(), 200)?;
        state.etag = answer.etag.ok_or("a changed article has no ETag")?;
        Ok(())
    }

    /// Shows the present state to readers; `published_at` dates it back.
    pub fn publish(&mut self, state: &mut State, published_at: Option<&str>) -> Outcome<()> {
        let body = published_at.map_or_else(String::new, |at| json!({ "published_at": at }).to_string());
        let path = format!("/management/v1/articles/{}/publish", state.id);
        let answer = self.send("POST", &path, Some(&state.etag), body.as_bytes(), 200)?;
        if let Some(etag) = answer.etag {
            state.etag = etag;
        }
        Ok(())
    }
}

/// The answer, if its status is the one that belongs there.
pub fn expect(answer: Answer, status: u16, doing: &str) -> Outcome<Answer> {
    if answer.status == status {
        return Ok(answer);
    }
    let said = String::from_utf8_lossy(&answer.body);
    let said: String = said.chars().take(600).collect();
    Err(format!(
        "{doing} was answered {}, not {status}: {said}",
        answer.status
    ))
}

/// Reads `data.id` without reading the rest of a long body.
fn id_of(body: &[u8]) -> Outcome<String> {
    const BEFORE: &[u8] = b"{\"data\":{\"id\":\"";
    if let Some(id) = body.strip_prefix(BEFORE).and_then(|rest| rest.get(..36)) {
        return Ok(String::from_utf8_lossy(id).into_owned());
    }
    let body: Value = serde_json::from_slice(body).doing("the body of a new article")?;
    let id = body["data"]["id"].as_str().ok_or("a new article has no id")?;
    Ok(id.to_owned())
}
