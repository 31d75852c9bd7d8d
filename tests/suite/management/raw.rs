//! Requests that no decent client sends, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use masthead_tests::App;
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Raw {
    /// The status.
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl Raw {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// Insists on a problem of this status and code, in its whole form.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}\n{text}", self.head);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}\n{text}",
            self.head
        );
        let body: Value =
            serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(body["code"], code, "{text}");
        assert_eq!(body["status"], status, "{text}");
        assert_eq!(body["request_id"].as_str(), self.header("x-request-id"), "{text}");
        body
    }
}

/// Sends bytes and reads one answer; `None` when the connection closes without one.
pub fn exchange(app: &App, request: &[u8]) -> Option<Raw> {
    let mut stream = TcpStream::connect(app.address()).expect("the service listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut writing = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        // An early answer may close the connection under the rest of the body.
        scope.spawn(move || writing.write_all(request));
        let answer = answer_of(&mut stream);
        let _ = stream.shutdown(Shutdown::Both);
        answer
    })
}

/// Sends bytes, then ends what is sent, and reads one answer.
pub fn cut_off(app: &App, request: &[u8]) -> Option<Raw> {
    let mut stream = TcpStream::connect(app.address()).expect("the service listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    answer_of(&mut stream)
}

fn answer_of(stream: &mut TcpStream) -> Option<Raw> {
    let (mut read, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        if let Some(raw) = parsed(&read) {
            return Some(raw);
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
}

fn parsed(read: &[u8]) -> Option<Raw> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut raw = Raw {
        status,
        head,
        body: Vec::new(),
    };
    let length: usize = raw.header("content-length").unwrap_or("0").parse().ok()?;
    raw.body = read.get(end + 4..end + 4 + length)?.to_vec();
    Some(raw)
}
