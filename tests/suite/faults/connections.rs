//! Connections that one address has at once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use masthead_tests::App;

fn asks(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let request = "GET /health/live HTTP/1.1\r\nHost: masthead\r\n\r\n";
    if stream.write_all(request.as_bytes()).is_err() {
        return false;
    }
    let mut answer = Vec::new();
    let mut part = [0; 1_024];
    // To the end of the small body, so that the next answer begins where it should.
    while !answer.ends_with(b"}") {
        match stream.read(&mut part) {
            Ok(count) if count > 0 => answer.extend_from_slice(&part[..count]),
            _ => return false,
        }
    }
    answer.starts_with(b"HTTP/1.1 200")
}

#[test]
fn an_address_has_so_many_connections_and_one_that_ends_makes_room() {
    let app = App::builder()
        .with(|settings| settings.max_connections_per_address = 8)
        .start();
    // The harness keeps some of its own open.
    let mut open = Vec::new();
    loop {
        let mut stream = TcpStream::connect(app.address()).unwrap();
        if !asks(&mut stream) {
            break;
        }
        open.push(stream);
        assert!(open.len() <= 8, "there is no end of them");
    }
    assert!(!open.is_empty());
    // Those that are open go on.
    assert!(open.iter_mut().all(asks));
    drop(open.pop());
    let came = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        asks(&mut TcpStream::connect(app.address()).unwrap())
    });
    assert!(came, "the place of a connection that ended stays taken");
}
