//! Whoever sends requests, and what comes back.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

use crate::contract;

/// Somebody who sends requests, always with the same credential.
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    address: SocketAddr,
    token: Option<String>,
    headers: Vec<(String, String)>,
    checked: bool,
}

/// An answer that was held against the documents.
#[derive(Debug)]
pub struct Response {
    what: String,
    status: u16,
    headers: HeaderMap,
    text: Vec<u8>,
}

impl Caller {
    /// Somebody at this service with this token or key.
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_mins(1)))
            .allow_non_standard_methods(true)
            .build();
        Self {
            agent: config.into(),
            address,
            token,
            headers: Vec::new(),
            checked: true,
        }
    }

    /// The same, whose answers are not held against the documents: for thousands of requests of a kind that other
    /// tests send.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// The same with another header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, having seen this entity tag.
    #[must_use]
    pub fn seen(self, etag: &str) -> Self {
        self.with("If-Match", etag)
    }

    /// The credential.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, None)
    }

    /// `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.send(
            "POST",
            path,
            Some(("application/json", body.to_string().as_bytes())),
        )
    }

    /// `POST` without a body: an act.
    pub fn act(&self, path: &str) -> Response {
        self.send("POST", path, None)
    }

    /// `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Response {
        self.send(
            "PUT",
            path,
            Some(("application/json", body.to_string().as_bytes())),
        )
    }

    /// `PATCH` with a merge patch.
    pub fn patch(&self, path: &str, body: &Value) -> Response {
        self.send(
            "PATCH",
            path,
            Some(("application/merge-patch+json", body.to_string().as_bytes())),
        )
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None)
    }

    /// Any request; the answer is held against the documents.
    pub fn send(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Response {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("http://{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let what = format!("{method} {path}");
        let answer = match body {
            Some((kind, bytes)) => {
                let request = request
                    .header("Content-Type", kind)
                    .body(bytes)
                    .expect("a request");
                self.agent.run(request)
            }
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        let text = answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_vec()
            .expect("a body");
        let response = Response {
            what,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text,
        };
        if self.checked {
            contract::check(method.as_str(), path, &response);
        }
        response
    }
}

impl Response {
    /// Insists on a status.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "often the last word on an answer")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        self
    }

    /// Insists on a problem of this status and code.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "often the last word on an answer")]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let this = self.expect(status);
        assert_eq!(this.body()["code"], code, "{}: {}", this.what, this.text());
        this
    }

    /// The pointers, parameters or headers of a problem's errors with their codes, sorted.
    pub fn errors(&self) -> Vec<(String, String)> {
        let body = self.body();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let place = |error: &Value| {
            ["pointer", "parameter", "header"]
                .iter()
                .find_map(|key| error[*key].as_str().map(str::to_owned))
        };
        let mut errors: Vec<_> = errors
            .iter()
            .map(|error| {
                (
                    place(error).unwrap_or_default(),
                    error["code"].as_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        errors.sort();
        errors
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The entity tag.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag")
            .unwrap_or_else(|| panic!("{} has no ETag", self.what))
            .to_owned()
    }

    /// The bytes of the body.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))
    }

    /// `data` of the body.
    #[track_caller]
    pub fn data(&self) -> Value {
        self.body()["data"].clone()
    }
}
