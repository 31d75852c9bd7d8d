//! Encodings of bodies: which one a client takes, and the bytes in it.

use std::io::Write as _;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use actix_web::web::Bytes;

/// Bodies of fewer bytes are sent as they are.
pub const SMALLEST: usize = 512;
/// Between size and time, as for pages that are made once and read often.
const BROTLI_QUALITY: i32 = 5;
const GZIP_LEVEL: u32 = 6;
const ZSTD_LEVEL: i32 = 6;

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878).
    Zstd,
    /// Gzip (RFC 1952).
    Gzip,
}

impl Encoding {
    /// In the order in which they are chosen where a client takes several alike.
    const CHOICE: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// What a client takes most gladly; [`Self::Identity`] where it says nothing, or nothing that can be made.
    #[must_use]
    pub fn asked(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(ACCEPT_ENCODING).peekable();
        if given.peek().is_none() {
            return Self::Identity;
        }
        let ranges: Vec<(&str, u16)> = given
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .filter_map(range)
            .collect();
        let quality = |encoding: Self| {
            let named = |name: &str| ranges.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
            let found = named(encoding.as_str())
                .or_else(|| (encoding == Self::Gzip).then(|| named("x-gzip")).flatten())
                .or_else(|| named("*").filter(|_| encoding != Self::Identity));
            match found {
                Some((_, quality)) => *quality,
                // Unless it is refused by name, every client takes the plain form, the last of all.
                None if encoding == Self::Identity => 0,
                None => 0,
            }
        };
        let best = Self::CHOICE
            .into_iter()
            .map(|encoding| (encoding, quality(encoding)));
        // The first of those with the highest quality.
        let (encoding, quality) = best.fold(
            (Self::Identity, 0),
            |best, next| if next.1 > best.1 { next } else { best },
        );
        if quality == 0 { Self::Identity } else { encoding }
    }

    /// The body in this encoding.
    pub fn encode(self, body: &Bytes) -> std::io::Result<Bytes> {
        match self {
            Self::Identity => Ok(body.clone()),
            Self::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    size_hint: body.len(),
                    ..brotli::enc::BrotliEncoderParams::default()
                };
                let mut out = Vec::with_capacity(body.len() / 3);
                brotli::BrotliCompress(&mut body.as_ref(), &mut out, &parameters)?;
                Ok(out.into())
            }
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL).map(Into::into),
            Self::Gzip => {
                let out = Vec::with_capacity(body.len() / 3);
                let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL));
                encoder.write_all(body)?;
                encoder.finish().map(Into::into)
            }
        }
    }
}

/// A name and its quality in thousandths.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let mut quality = 1_000;
    for part in parts {
        let (key, value) = part.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            quality = thousandths(value.trim())?;
        }
    }
    Some((name, quality))
}

/// `0.5` is 500 (RFC 9110, 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = format!("{rest:0<3}").parse::<u16>().ok()?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn asked(text: &'static str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(text));
        Encoding::asked(&headers)
    }

    #[test]
    fn a_client_gets_what_it_takes_most_gladly() {
        use Encoding::{Brotli, Gzip, Identity, Zstd};
        assert_eq!(Encoding::asked(&HeaderMap::new()), Identity);
        for (text, expected) in [
            ("gzip, deflate, br, zstd", Brotli),
            ("gzip", Gzip),
            ("x-gzip", Gzip),
            ("GZIP;q=0.5, zstd;q=0.6", Zstd),
            ("br;q=0, *", Zstd),
            ("*;q=0", Identity),
            ("identity", Identity),
            ("identity;q=1, gzip;q=0.5", Identity),
            ("gzip;q=2", Identity),
            ("deflate", Identity),
            ("", Identity),
            (";;;", Identity),
        ] {
            assert_eq!(asked(text), expected, "{text}");
        }
    }

    #[test]
    fn a_body_comes_back_from_every_encoding() {
        let body = Bytes::from("tides ".repeat(500));
        let back = |encoding: Encoding| -> Vec<u8> {
            use std::io::Read as _;
            let coded = encoding.encode(&body).unwrap();
            assert!(encoding == Encoding::Identity || coded.len() < body.len() / 4);
            let mut out = Vec::new();
            match encoding {
                Encoding::Identity => out.extend_from_slice(&coded),
                Encoding::Brotli => brotli::BrotliDecompress(&mut coded.as_ref(), &mut out).unwrap(),
                Encoding::Zstd => out = zstd::stream::decode_all(coded.as_ref()).unwrap(),
                Encoding::Gzip => drop(
                    flate2::read::GzDecoder::new(coded.as_ref())
                        .read_to_end(&mut out)
                        .unwrap(),
                ),
            }
            out
        };
        for encoding in Encoding::CHOICE {
            assert_eq!(back(encoding), body, "{encoding:?}");
        }
    }
}
