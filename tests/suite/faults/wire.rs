//! A client that sends bytes as they are, and reads what comes back without any help.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Wired {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Wired {
    /// The one header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands twice: {:?}", self.headers);
        value
    }

    /// All headers of this name, as one list.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let values = self.headers.iter().filter(|(given, _)| given == name);
        let all = values.flat_map(|(_, value)| value.split(',').map(|one| one.trim().to_lowercase()));
        all.collect()
    }

    /// The body without its `Content-Encoding`, undone by the framework's own reader.
    pub(crate) fn decoded(&self) -> Vec<u8> {
        use actix_web::FromRequest as _;
        let encoding = self.header("content-encoding").unwrap_or("identity").to_owned();
        let body = self.body.clone();
        let read = async move {
            let (request, mut payload) = actix_web::test::TestRequest::default()
                .insert_header(("Content-Encoding", encoding))
                .set_payload(body)
                .to_http_parts();
            actix_web::web::Bytes::from_request(&request, &mut payload).await
        };
        let bytes = actix_web::rt::System::new().block_on(read);
        bytes.expect("the encoding can be undone").to_vec()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that waits a quarter of a minute at most.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the service listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(15)))
        .expect("a timeout can be set");
    stream
}

/// Sends a request that ends its connection; answers what came back.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Wired {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        write!(request, "Host: {address}\r\n").expect("a text takes it");
    }
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").expect("a text takes it");
    }
    request.push_str("\r\n");
    let mut stream = connect(address);
    stream
        .write_all(request.as_bytes())
        .expect("a request can be sent");
    let bytes = rest(&mut stream);
    first(&bytes, method == "HEAD")
        .unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(&bytes)))
}

/// Everything until the other side closes or is silent for long; an end in the middle is an end.
pub(crate) fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// The first answer in these bytes, if there is a whole one.
pub(crate) fn first(bytes: &[u8], is_head: bool) -> Option<Wired> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).expect("headers are text");
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .map(|line| line.split_once(':').expect("a header has a colon"))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Wired {
        status,
        headers,
        body: Vec::new(),
    };
    let rest = &bytes[end + 4..];
    if is_head || status == 304 || status == 204 {
        assert!(
            rest.is_empty(),
            "a body where none may be: {}",
            String::from_utf8_lossy(rest)
        );
    } else if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunked(rest)?;
    } else {
        let length: usize = answer.header("content-length")?.parse().ok()?;
        answer.body = rest.get(..length)?.to_vec();
    }
    Some(answer)
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}
