//! Clients that do not speak HTTP, or too slowly.

use std::io::Write as _;
use std::time::Duration;

use masthead_tests::App;

use super::wire::{connect, first, rest};

#[test]
fn what_is_no_http_is_answered_400_and_the_service_goes_on() {
    let app = App::start();
    for garbage in [
        &b"garbage\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET /delivery/v1/articles\r\n\r\n",
        b"GET /delivery/v1/articles HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /management/v1/articles HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
    ] {
        let mut stream = connect(app.address());
        stream.write_all(garbage).unwrap();
        let bytes = rest(&mut stream);
        let shown = String::from_utf8_lossy(garbage);
        let answer = first(&bytes, false).unwrap_or_else(|| panic!("{shown}: {}", String::from_utf8_lossy(&bytes)));
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        app.anonymous().get("/delivery/v1/articles").expect(200);
    }
}

#[test]
fn garbage_behind_a_good_request_ends_the_connection_after_its_answer() {
    let app = App::start();
    let mut stream = connect(app.address());
    let good = b"GET /delivery/v1/articles HTTP/1.1\r\nHost: x\r\n\r\n";
    stream
        .write_all(&[good, good, &b"\x00\x01garbage \xff\r\n\r\n"[..], good].concat())
        .unwrap();
    let text = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
    let statuses: Vec<_> = text
        .match_indices("HTTP/1.1 ")
        .map(|(at, found)| text[at + found.len()..at + found.len() + 3].to_owned())
        .collect();
    assert_eq!(statuses, ["200", "200", "400"], "{text}");
    app.anonymous().get("/delivery/v1/articles").expect(200);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let app = App::start();
    let mut stream = connect(app.address());
    let ask = |path: &str, last: bool| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\n{}\r\n",
            if last { "Connection: close\r\n" } else { "" }
        )
    };
    let all = [
        ask("/health/live", false),
        ask("/delivery/v1/nothing", false),
        ask("/delivery/v1/tags", true),
    ]
    .concat();
    stream.write_all(all.as_bytes()).unwrap();
    let text = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
    let order = [
        r#""status":"live""#,
        r#""code":"not_found""#,
        r#""self":"/delivery/v1/tags""#,
    ];
    let places: Vec<_> = order
        .iter()
        .map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")))
        .collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn a_client_that_sends_its_headers_byte_by_byte_is_cut_off() {
    let app = App::start();
    let mut stream = connect(app.address());
    let watch = masthead_api::system::stopwatch();
    let mut sent = 0;
    for byte in b"GET /delivery/v1/articles HTTP/1.1\r\nX-Slow: "
        .iter()
        .chain(std::iter::repeat(&b'a'))
    {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        sent += 1;
        std::thread::sleep(Duration::from_millis(100));
        assert!(
            watch.elapsed() < Duration::from_secs(25),
            "still served after {sent} bytes"
        );
        // Others are served meanwhile.
        if sent == 20 {
            app.anonymous().get("/delivery/v1/articles").expect(200);
        }
    }
    let took = watch.elapsed();
    assert!(
        (Duration::from_secs(3)..Duration::from_secs(25)).contains(&took),
        "{took:?}"
    );
    app.anonymous().get("/delivery/v1/articles").expect(200);
}

#[test]
fn a_client_that_connects_and_says_nothing_is_cut_off() {
    let app = App::start();
    let mut silent = connect(app.address());
    let watch = masthead_api::system::stopwatch();
    let said = rest(&mut silent);
    assert!(watch.elapsed() < Duration::from_secs(14), "{:?}", watch.elapsed());
    assert!(
        said.is_empty() || said.starts_with(b"HTTP/1.1 408"),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

#[test]
fn a_body_that_never_comes_is_given_up() {
    let app = App::builder()
        .with(|settings| settings.request_timeout = Duration::from_secs(1))
        .start();
    let editor = app.editor();
    let mut stream = connect(app.address());
    let head = format!(
        "POST /management/v1/tags HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        editor.token().unwrap()
    );
    let watch = masthead_api::system::stopwatch();
    stream.write_all(head.as_bytes()).unwrap();
    let answer = first(&rest(&mut stream), false).expect("an answer");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (408, Some("application/problem+json"))
    );
    assert!(watch.elapsed() < Duration::from_secs(10), "{:?}", watch.elapsed());
    assert!(answer.text().contains("\"request_timeout\""));
}

#[test]
fn hundreds_of_broken_connections_leave_the_service_as_it_was() {
    let app = App::start();
    for number in 0..300 {
        let mut stream = connect(app.address());
        let parts: [&[u8]; 4] = [
            b"",
            b"GET /deliv",
            b"\xff\xfe\r\n\r\n",
            b"GET /delivery/v1/articles HTTP/1.1\r\nHost: x\r\n\r\n",
        ];
        let _ = stream.write_all(parts[number % 4]);
    }
    for _ in 0..5 {
        app.anonymous().get("/delivery/v1/articles").expect(200);
        app.anonymous().get("/health/ready").expect(200);
    }
}

#[test]
fn headers_without_an_end_are_refused() {
    let app = App::start();
    let mut stream = connect(app.address());
    let _ = stream.write_all(b"GET /delivery/v1/articles HTTP/1.1\r\nHost: x\r\n");
    for _ in 0..64 {
        if stream
            .write_all(&[&b"X-Filler: "[..], &[b'a'; 8_000], b"\r\n"].concat())
            .is_err()
        {
            break;
        }
    }
    let said = rest(&mut stream);
    let answer = first(&said, false);
    // A client that does not listen while it sends may find the connection closed.
    assert!(
        answer
            .as_ref()
            .is_none_or(|answer| [400, 413, 431].contains(&answer.status)),
        "{answer:?}"
    );
    app.anonymous().get("/delivery/v1/articles").expect(200);
}
