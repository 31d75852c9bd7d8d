//! A provider of `OpenID` Connect: it speaks HTTP over a real socket, keeps to the standard where a test does not tell it
//! otherwise, and refuses whoever does not.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use masthead_api::config::{SecretText, Settings};
use masthead_domain::clock::Clock as _;
use masthead_domain::rights::Role;
use rcgen::KeyPair;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::TestClock;

/// What the service is called here.
pub const CLIENT: &str = "masthead";
/// What it proves that with.
const SECRET: &str = "qanary of a client: 100%";
/// Where people are sent back to.
pub const BACK: &str = "https://admin.example.org/signed-on";

/// A key that tokens are signed with.
#[derive(Clone)]
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    public: Value,
}

impl SigningKey {
    /// Makes one for an algorithm.
    pub fn new(algorithm: Algorithm, name: &str) -> Self {
        let kind = match algorithm {
            Algorithm::EdDSA => &rcgen::PKCS_ED25519,
            Algorithm::ES256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            _ => &rcgen::PKCS_RSA_SHA256,
        };
        let pair = KeyPair::generate_for(kind).expect("a key");
        let der = pair.serialize_der();
        let key = match algorithm {
            // In the first version of PKCS #8, without the public half.
            Algorithm::EdDSA => {
                EncodingKey::from_ed_der(&[&[0x30, 0x2e, 0x02, 0x01, 0x00], &der[5..48]].concat())
            }
            Algorithm::ES256 => EncodingKey::from_ec_der(&der),
            // The key of 2048 bits within PKCS #8, which takes 26 bytes before it.
            _ => EncodingKey::from_rsa_der(&der[26..]),
        };
        let public = Jwk::from_encoding_key(&key, algorithm).expect("its public half");
        let mut public = serde_json::to_value(public).expect("JSON");
        public["kid"] = json!(name);
        public["use"] = json!("sig");
        Self {
            key,
            algorithm,
            public,
        }
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = self.public["kid"].as_str().map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }
}

/// What makes another token of the one that would be given.
type Forge = Arc<dyn Fn(Value) -> String + Send + Sync>;

struct Kept {
    keys: Vec<SigningKey>,
    /// Claims of whoever logs in next.
    claims: Value,
    /// What only the account's own page tells.
    more: Value,
    codes: HashMap<String, HashMap<String, String>>,
    forge: Option<Forge>,
    is_down: bool,
    issuer: Option<String>,
    asked: Vec<String>,
}

/// The provider.
#[derive(Clone)]
pub struct Provider {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Provider {
    /// Starts one that signs with this key; it goes on to the end of the tests.
    pub fn start(key: SigningKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let provider = Self {
            address: listener.local_addr().expect("a port"),
            kept: Arc::new(Mutex::new(Kept {
                keys: vec![key],
                claims: json!({}),
                more: json!({}),
                codes: HashMap::new(),
                forge: None,
                is_down: false,
                issuer: None,
                asked: Vec::new(),
            })),
        };
        let shared = provider.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let provider = shared.clone();
                std::thread::spawn(move || provider.talk(stream));
            }
        });
        provider
    }

    /// One that knows somebody called `shared`, an author, for as long as tests run.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Provider> = OnceLock::new();
        SHARED.get_or_init(|| {
            let provider = Self::start(SigningKey::new(Algorithm::ES256, "shared"));
            // The clock of tests begins at one moment and goes on for years at most.
            let begin = TestClock::default().now().timestamp();
            provider.who(json!({
                "sub": "shared", "email": "shared@example.org", "email_verified": true, "name": "Shared",
                "iat": begin, "exp": begin + 10 * 365 * 24 * 3_600, "realm": { "roles": ["writers"] },
            }));
            provider
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it names itself.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Tells a service of it.
    pub fn set(&self, settings: &mut Settings) {
        settings.oidc_issuer = Some(self.issuer());
        settings.oidc_client_id = Some(CLIENT.into());
        settings.oidc_client_secret = SecretText::new(SECRET);
        settings.oidc_redirect_url = Some(BACK.into());
        settings.oidc_role_claim = "realm.roles".into();
        settings.oidc_roles = vec![
            ("writers".into(), Role::Author),
            ("desk".into(), Role::Editor),
            ("chiefs".into(), Role::Admin),
        ];
    }

    /// Says who logs in next.
    pub fn who(&self, claims: Value) {
        self.kept().claims = claims;
    }

    /// Says what only its page about the account tells.
    pub fn tells_more(&self, more: Value) {
        self.kept().more = more;
    }

    /// Signs with another key from now on, and knows the one before no more.
    pub fn change_key(&self, key: SigningKey) {
        self.kept().keys = vec![key];
    }

    /// Gives other tokens than it should.
    pub fn forge(&self, forge: impl Fn(Value) -> String + Send + Sync + 'static) {
        self.kept().forge = Some(Arc::new(forge));
    }

    /// Gives the tokens that it should.
    pub fn is_honest(&self) {
        self.kept().forge = None;
    }

    /// Answers nothing but errors, or does its work again.
    pub fn is_down(&self, is_down: bool) {
        self.kept().is_down = is_down;
    }

    /// Calls itself otherwise.
    pub fn calls_itself(&self, issuer: &str) {
        self.kept().issuer = Some(issuer.to_owned());
    }

    /// Public halves of its keys, and what it was asked.
    pub fn public_key(&self) -> Value {
        self.kept().keys[0].public.clone()
    }

    /// Paths that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.kept().asked.clone()
    }

    /// What somebody does whom a browser is sent here: logs in, and is sent back with a code.
    pub fn visit(&self, authorization_url: &str) -> (String, String) {
        let url = url::Url::parse(authorization_url).expect("an address");
        assert!(authorization_url.starts_with(&format!("{}/authorize?", self.issuer())));
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", BACK),
            ("code_challenge_method", "S256"),
            ("scope", "openid email profile"),
        ] {
            assert_eq!(
                query.get(name).map(String::as_str),
                Some(value),
                "{authorization_url}"
            );
        }
        let state = query["state"].clone();
        assert!(query["nonce"].len() >= 22 && state.len() >= 22 && query["code_challenge"].len() == 43);
        let code = format!("code-{}", self.kept().codes.len());
        self.kept().codes.insert(code.clone(), query);
        (code, state)
    }

    fn talk(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        let (mut line, mut headers) = (String::new(), HashMap::new());
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) < 3 {
                break;
            }
            if let Some((name, value)) = header.trim_end().split_once(':') {
                headers.insert(name.to_lowercase(), value.trim().to_owned());
            }
        }
        let length = headers.get("content-length").and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, answer) = self.answer(&path, &headers, &String::from_utf8_lossy(&body));
        let text = answer.to_string();
        let mut stream = stream;
        let _ = write!(
            stream,
            "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
    }

    fn answer(&self, path: &str, headers: &HashMap<String, String>, body: &str) -> (u16, Value) {
        let mut kept = self.kept();
        kept.asked.push(path.to_owned());
        if kept.is_down {
            return (500, json!({ "error": "server_error" }));
        }
        let home = self.issuer();
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": kept.issuer.clone().unwrap_or_else(|| home.clone()),
                    "authorization_endpoint": format!("{home}/authorize"),
                    "token_endpoint": format!("{home}/token"),
                    "jwks_uri": format!("{home}/jwks"),
                    "userinfo_endpoint": format!("{home}/userinfo"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
                }),
            ),
            "/jwks" => {
                let mut keys: Vec<_> = kept.keys.iter().map(|key| key.public.clone()).collect();
                // Of a kind that nobody here knows, too.
                keys.push(json!({ "kty": "strange", "kid": "strange" }));
                (200, json!({ "keys": keys }))
            }
            "/token" => token(&mut kept, headers, body, &home),
            "/userinfo" if headers.get("authorization").map(String::as_str) == Some("Bearer at") => {
                (200, kept.more.clone())
            }
            _ => (404, json!({})),
        }
    }
}

fn token(kept: &mut Kept, headers: &HashMap<String, String>, body: &str, home: &str) -> (u16, Value) {
    let no = |error: &str| (400, json!({ "error": error }));
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let pair = headers
        .get("authorization")
        .and_then(|text| text.strip_prefix("Basic "));
    let pair = pair
        .and_then(|text| STANDARD.decode(text).ok())
        .unwrap_or_default();
    // Each half is form-encoded before it is joined.
    let pair = String::from_utf8_lossy(&pair).into_owned();
    let decoded: Vec<_> = pair
        .split(':')
        .map(|half| {
            url::form_urlencoded::parse(format!("x={half}").as_bytes())
                .next()
                .map_or_else(String::new, |(_, value)| value.into_owned())
        })
        .collect();
    if decoded != [CLIENT, SECRET] {
        return (401, json!({ "error": "invalid_client" }));
    }
    let Some(asked) = form.get("code").and_then(|code| kept.codes.remove(code)) else {
        return no("invalid_grant");
    };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let fits = form.get("grant_type").map(String::as_str) == Some("authorization_code")
        && form.get("redirect_uri") == asked.get("redirect_uri")
        && asked.get("code_challenge") == Some(&challenge);
    if !fits {
        return no("invalid_grant");
    }
    let mut claims = kept.claims.clone();
    for (name, value) in [
        ("iss", json!(home)),
        ("aud", json!(CLIENT)),
        ("nonce", json!(asked["nonce"])),
    ] {
        if claims[name].is_null() {
            claims[name] = value;
        }
    }
    let token = match &kept.forge {
        Some(forge) => forge(claims),
        None => kept.keys[0].sign(&claims),
    };
    (
        200,
        json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token }),
    )
}
