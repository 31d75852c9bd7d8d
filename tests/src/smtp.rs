//! A server that takes mail: it speaks SMTP over a real socket and keeps what it is given.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use masthead_api::config::SmtpUrl;

/// A mail as it was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The head, with its lines unfolded.
    pub head: String,
    /// The body, decoded.
    pub body: String,
    /// What the client said it logs in with, in base64.
    pub login: Option<String>,
}

impl Received {
    /// What stands behind the name of a link's part.
    #[track_caller]
    pub fn token(&self, name: &str) -> String {
        let place = format!("#{name}=");
        let rest = self.body.split(&place).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no {place} in {}", self.body));
        rest.split_whitespace().next().expect("a token").to_owned()
    }
}

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<Received>>,
    /// A code for the next so many recipients.
    refusals: AtomicU32,
    code: AtomicU32,
    /// Recipients that were named, taken or not.
    asked: AtomicU32,
}

/// The server.
#[derive(Clone)]
pub struct Smtp {
    address: SocketAddr,
    kept: Arc<Kept>,
}

impl Smtp {
    /// Starts one; it goes on to the end of the tests.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a port");
        let kept = Arc::<Kept>::default();
        let shared = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let _ = talk(stream, &kept);
                });
            }
        });
        Self { address, kept }
    }

    /// One that nobody looks into.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Smtp> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Its address, with a login that holds a password.
    pub fn url(&self) -> SmtpUrl {
        SmtpUrl::new(&format!("smtp://masthead:hunter-2-qanary@{}", self.address)).expect("an address")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the next so many recipients with this code.
    pub fn refuse(&self, times: u32, code: u32) {
        self.kept.code.store(code, Ordering::SeqCst);
        self.kept.refusals.store(times, Ordering::SeqCst);
    }

    /// How often somebody was named whom a mail is for.
    pub fn asked(&self) -> u32 {
        self.kept.asked.load(Ordering::SeqCst)
    }

    /// What was received.
    pub fn received(&self) -> Vec<Received> {
        self.kept
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until so many mails are there.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..400 {
            let mails = self.received();
            if mails.len() >= count {
                assert_eq!(mails.len(), count, "{mails:?}");
                return mails;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("of {count} mails there are {:?}", self.received());
    }

    /// Waits for one more mail than there are, which `ask` asks for.
    #[track_caller]
    pub fn next(&self, ask: impl FnOnce()) -> Received {
        let before = self.received().len();
        ask();
        self.wait_for(before + 1).pop().expect("a mail")
    }
}

fn talk(stream: TcpStream, kept: &Kept) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.example ESMTP")?;
    let (mut from, mut to, mut login) = (String::new(), Vec::new(), None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => say("250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "AUTH" => {
                login = line.split(' ').nth(2).map(str::to_owned);
                say("235 welcome")?;
            }
            "MAIL" => {
                (from, to) = (between(line), Vec::new());
                say("250 ok")?;
            }
            "RCPT" => {
                kept.asked.fetch_add(1, Ordering::SeqCst);
                let left = kept
                    .refusals
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if left.is_ok() {
                    let code = kept.code.load(Ordering::SeqCst);
                    say(&format!("{code} {} is not taken", between(line)))?;
                } else {
                    to.push(between(line));
                    say("250 ok")?;
                }
            }
            "DATA" => {
                say("354 go on")?;
                let (head, body) = data(&mut reader)?;
                let mail = Received {
                    from: from.clone(),
                    to: to.clone(),
                    head,
                    body,
                    login: login.clone(),
                };
                kept.mails
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mail);
                say("250 kept")?;
            }
            "QUIT" => return say("221 bye"),
            "RSET" | "NOOP" => say("250 ok")?,
            _ => say("502 what?")?,
        }
    }
}

fn between(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(inner, _)| inner.to_owned())
}

/// Head and body up to the lonely dot.
fn data(reader: &mut BufReader<TcpStream>) -> std::io::Result<(String, String)> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == ".\r\n" {
            break;
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let body = if head.to_lowercase().contains("quoted-printable") {
        quoted_printable(body)
    } else {
        body.to_owned()
    };
    Ok((head, body))
}

fn quoted_printable(text: &str) -> String {
    let (text, mut bytes) = (text.replace("=\r\n", ""), Vec::new());
    let mut rest = text.as_bytes();
    while let Some((first, left)) = rest.split_first() {
        let code = (*first == b'=')
            .then(|| left.get(..2).and_then(|code| std::str::from_utf8(code).ok()))
            .flatten()
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &left[2..] } else { left };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
