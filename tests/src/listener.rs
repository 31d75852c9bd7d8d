//! A client of server-sent events, byte by byte.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A stream of events that a service sends.
#[derive(Debug)]
pub struct Listener {
    reader: BufReader<TcpStream>,
    status: u16,
    headers: Vec<(String, String)>,
    /// Decoded and not yet made an event of.
    text: String,
}

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// An event: its id, its name and its data.
    Event(Option<i64>, String, Value),
    /// A comment.
    Comment,
    /// The end.
    End,
}

impl Listener {
    /// Asks for a stream at this path with these headers, and waits for the head of the answer.
    pub fn connect(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").expect("a text takes it");
        }
        request.push_str("\r\n");
        let mut stream = TcpStream::connect(address).expect("the service listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout can be set");
        stream
            .write_all(request.as_bytes())
            .expect("a request can be sent");
        let mut reader = BufReader::new(stream);
        let status = line(&mut reader).split(' ').nth(1).expect("a status").parse();
        let mut headers = Vec::new();
        loop {
            let line = line(&mut reader);
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        Self {
            reader,
            status: status.expect("a number"),
            headers,
            text: String::new(),
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body of an answer that is no stream, as JSON.
    pub fn body(&mut self) -> Value {
        let length = self.header("content-length").expect("a length").parse();
        let mut bytes = vec![0; length.expect("a number")];
        self.reader.read_exact(&mut bytes).expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The next thing to hear; the instruction how long to wait before coming back is passed over.
    pub fn hear(&mut self) -> Heard {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                match heard(&block) {
                    Some(heard) => return heard,
                    None => continue,
                }
            }
            if !self.chunk() {
                return Heard::End;
            }
        }
    }

    /// The next event that is a change: its number and its entry.
    #[track_caller]
    pub fn change(&mut self) -> (i64, Value) {
        loop {
            match self.hear() {
                Heard::Event(Some(id), name, data) if name == "change" => return (id, data),
                Heard::Comment => {}
                other => panic!("{other:?} instead of a change"),
            }
        }
    }

    /// Reads a chunk; `false` at the end.
    fn chunk(&mut self) -> bool {
        let mut size = String::new();
        if self.reader.read_line(&mut size).unwrap_or(0) == 0 {
            return false;
        }
        let size = usize::from_str_radix(size.trim(), 16).expect("the size of a chunk");
        let mut bytes = vec![0; size + 2];
        if self.reader.read_exact(&mut bytes).is_err() || size == 0 {
            return false;
        }
        self.text
            .push_str(std::str::from_utf8(&bytes[..size]).expect("each event is sent whole"));
        true
    }
}

fn line(reader: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

fn heard(block: &str) -> Option<Heard> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
    };
    if let Some(event) = field("event") {
        let id = field("id").map(|id| id.parse().expect("a number"));
        let data = serde_json::from_str(&field("data").expect("data")).expect("JSON");
        return Some(Heard::Event(id, event, data));
    }
    block.starts_with(':').then_some(Heard::Comment)
}
