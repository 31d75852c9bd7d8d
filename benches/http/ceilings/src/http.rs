//! A plain HTTP/1.1 client on one kept connection: it costs little, so the server is what is measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::arguments::{Doing as _, Outcome};

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its entity tag, as it was sent.
    pub etag: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// One connection, opened anew when the server closed it.
pub struct Client {
    address: String,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// To `HOST:PORT`.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            connection: None,
        }
    }

    /// Sends a request and reads its answer. `headers` are whole lines, each with its line end.
    ///
    /// Nothing is sent twice: when a connection breaks in the middle, that is an error.
    pub fn send(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Outcome<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let length = if body.is_empty() && method == "GET" {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}{length}\r\n",
            self.address
        )
        .into_bytes();
        request.extend_from_slice(body);
        connection
            .get_mut()
            .write_all(&request)
            .doing(&format!("{method} {path}"))?;
        let (answer, keep) = read(&mut connection).doing(&format!("the answer to {method} {path}"))?;
        if keep {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn connect(&self) -> Outcome<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.address).doing(&format!("connecting to {}", self.address))?;
        stream.set_nodelay(true).doing("setting TCP_NODELAY")?;
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .doing("setting a time limit")?;
        Ok(BufReader::with_capacity(64 * 1024, stream))
    }
}

fn read(connection: &mut BufReader<TcpStream>) -> Outcome<(Answer, bool)> {
    let mut line = String::new();
    read_line(connection, &mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| format!("no status in '{}'", line.trim_end()))?;
    let (mut length, mut etag, mut keep) = (None, None, true);
    loop {
        line.clear();
        read_line(connection, &mut line)?;
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        let Some((name, value)) = text.split_once(':') else {
            return Err(format!("'{text}' is no header"));
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse().doing("content-length")?),
            "etag" => etag = Some(value.to_owned()),
            "connection" if value.eq_ignore_ascii_case("close") => keep = false,
            "transfer-encoding" => {
                return Err("the answer comes in chunks, which nobody asked for".to_owned());
            }
            _ => {}
        }
    }
    let length = match (status, length) {
        (204 | 304, _) => 0,
        (_, Some(length)) => length,
        (_, None) => return Err("the answer has no content-length".to_owned()),
    };
    let mut body = vec![0; length];
    connection.read_exact(&mut body).doing("the body")?;
    Ok((Answer { status, etag, body }, keep))
}

fn read_line(connection: &mut BufReader<TcpStream>, line: &mut String) -> Outcome<()> {
    match connection.read_line(line).doing("a line")? {
        0 => Err("the server closed the connection".to_owned()),
        _ => Ok(()),
    }
}
