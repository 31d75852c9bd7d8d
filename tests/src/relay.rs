//! A relay between a cache and a service: it writes down what was asked and answered, lets answers age within a
//! second, and can be away.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// One request with the head of its answer, as they came over the wire, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The first line and the headers of the request.
    pub asked: String,
    /// The first line and the headers of the answer, as the service sent them.
    pub answered: String,
}

#[derive(Debug)]
struct Shared {
    to: SocketAddr,
    away: AtomicBool,
    ended: AtomicBool,
    log: Mutex<Vec<Exchange>>,
}

/// A running relay.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// A relay to this service.
    pub fn to(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            to: service,
            away: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            log: Mutex::default(),
        });
        let here = shared.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if here.ended.load(Ordering::SeqCst) {
                    return;
                }
                let here = here.clone();
                // A side that goes away ends the exchange, and nothing else.
                std::thread::spawn(move || drop(here.exchange(&stream)));
            }
        });
        Self {
            address,
            shared,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it hangs up on everybody from now on.
    pub fn go_away(&self, away: bool) {
        self.shared.away.store(away, Ordering::SeqCst);
    }

    /// What was asked and answered until now.
    pub fn log(&self) -> Vec<Exchange> {
        self.shared.log.lock().expect("no panic").clone()
    }
}

impl Shared {
    fn exchange(&self, client: &TcpStream) -> std::io::Result<()> {
        if self.away.load(Ordering::SeqCst) {
            return Ok(());
        }
        client.set_read_timeout(Some(Duration::from_secs(15)))?;
        let mut reader = BufReader::new(client);
        let asked = head(&mut reader)?;
        let mut body = vec![0; length(&asked)];
        reader.read_exact(&mut body)?;
        let mut service = TcpStream::connect(self.to)?;
        service.set_read_timeout(Some(Duration::from_secs(15)))?;
        // One exchange for each connection, so that the end of an answer is the end of its connection.
        service.write_all(format!("{}connection: close\r\n\r\n", &asked[..asked.len() - 2]).as_bytes())?;
        service.write_all(&body)?;
        let mut reader = BufReader::new(service);
        let answered = head(&mut reader)?;
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest)?;
        let aged = answered.replace("s-maxage=60", "s-maxage=01");
        self.log.lock().expect("no panic").push(Exchange {
            asked: asked.to_lowercase(),
            answered: answered.to_lowercase(),
        });
        let mut client = client;
        client.write_all(aged.as_bytes())?;
        client.write_all(&rest)
    }
}

/// The first line and the headers, with the empty line after them.
fn head(reader: &mut impl std::io::BufRead) -> std::io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn length(head: &str) -> usize {
    let lines = head.lines().map(str::to_lowercase);
    let mut found = lines.filter_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    found.next_back().unwrap_or(0)
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Somebody who knocks wakes it.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
