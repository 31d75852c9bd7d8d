//! Requests hidden in what one reader takes for a body and another does not: no proxy in front and the service may ever
//! disagree where a request ends.

use std::io::Write as _;
use std::time::Duration;

use masthead_tests::App;

use super::wire::{connect, rest};

const TAGS: &str = "/management/v1/tags";

#[test]
#[expect(clippy::too_many_lines, reason = "a list of attacks")]
fn where_a_request_ends_is_never_in_doubt() {
    let app = App::start();
    let editor = app.editor();
    let token = editor.token().unwrap().to_owned();
    let body = r#"{"name":"Smuggled"}"#;
    let hidden = format!(
        "POST {TAGS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let chunked = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let long = hidden.len();
    let post = format!("POST {TAGS} HTTP/1.1\r\nHost: x\r\n");
    for (name, attack) in [
        (
            "a length twice",
            format!("{post}Content-Length: 0\r\nContent-Length: {long}\r\n\r\n{hidden}"),
        ),
        (
            "the same length twice",
            format!("{post}Content-Length: {long}\r\nContent-Length: {long}\r\n\r\n{hidden}"),
        ),
        (
            "a list of lengths",
            format!("{post}Content-Length: 0, {long}\r\n\r\n{hidden}"),
        ),
        (
            "a length with a sign",
            format!("{post}Content-Length: +0\r\n\r\n{hidden}"),
        ),
        (
            "a length in hexadecimal",
            format!("{post}Content-Length: 0x0\r\n\r\n{hidden}"),
        ),
        (
            "a length without end",
            format!("{post}Content-Length: 99999999999999999999999\r\n\r\n{hidden}"),
        ),
        (
            "a length with a space in it",
            format!("{post}Content-Length: 0 0\r\n\r\n{hidden}"),
        ),
        (
            "a space before the colon",
            format!("{post}Content-Length : 0\r\n\r\n{hidden}"),
        ),
        (
            "a header that is folded",
            format!("{post}Content-Length:\r\n 0\r\n\r\n{hidden}"),
        ),
        (
            "a header that goes on",
            format!("{post}X: a\r\n Content-Length: {long}\r\n\r\n{hidden}"),
        ),
        (
            "both kinds of length",
            format!("{post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        ),
        (
            "both, the other way round",
            format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunked}"),
        ),
        (
            "another encoding",
            format!("{post}Transfer-Encoding: xchunked\r\n\r\n{chunked}"),
        ),
        (
            "an encoding behind a control",
            format!("{post}Transfer-Encoding: \x0bchunked\r\n\r\n{chunked}"),
        ),
        (
            "an encoding after the last",
            format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        ),
        (
            "two encodings",
            format!("{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{chunked}"),
        ),
        (
            "a space before the encoding's colon",
            format!("{post}Transfer-Encoding : chunked\r\n\r\n{chunked}"),
        ),
        (
            "an old version with chunks",
            format!("POST {TAGS} HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        ),
        (
            "a chunk of a size with a sign",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n{hidden}"),
        ),
        (
            "a chunk of a size with 0x",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{hidden}"),
        ),
        (
            "a chunk of too large a size",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{hidden}"),
        ),
        (
            "a chunk that ends nowhere",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n2\r\nxxxx0\r\n\r\n{hidden}"),
        ),
        (
            "a chunk ended by a line feed",
            format!("{post}Transfer-Encoding: chunked\r\n\r\n0\n\n{hidden}"),
        ),
        (
            "a line feed in an extension",
            format!(
                "{post}Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n{:x}\r\n0\r\n\r\n{hidden}",
                5
            ),
        ),
        (
            "a body that a GET brings",
            format!("GET {TAGS} HTTP/1.1\r\nHost: x\r\nContent-Length: {long}\r\n\r\n{hidden}"),
        ),
        (
            "a NUL in a header",
            format!("{post}X: a\0b\r\nContent-Length: {long}\r\n\r\n{hidden}"),
        ),
        (
            "a carriage return alone",
            format!("{post}X: a\rContent-Length: 0\r\nContent-Length: {long}\r\n\r\n{hidden}"),
        ),
    ] {
        let mut stream = connect(app.address());
        stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
        stream.write_all(attack.as_bytes()).unwrap();
        let said = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
        let made = editor.get(&format!("{TAGS}?count=exact")).expect(200).body()["meta"]["total"].clone();
        assert_eq!(made, 0, "{name}: the hidden request was carried out: {said}");
        assert!(!said.contains("HTTP/1.1 2"), "{name}: {said}");
        let answers = said.matches("HTTP/1.1 ").count();
        assert!(answers <= 1, "{name}: {answers} answers: {said}");
    }
    // Alone, the same bytes are a request.
    let mut stream = connect(app.address());
    stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    stream.write_all(hidden.as_bytes()).unwrap();
    let said = String::from_utf8_lossy(&rest(&mut stream)).into_owned();
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
}
