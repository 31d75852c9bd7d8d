//! From a text to a setting's value; a refusal says what is expected.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use lettre::message::Mailbox;
use masthead_domain::locale::Locale;
use masthead_domain::rights::Role;
use masthead_domain::text;
use masthead_openapi::forms::SiteLink;
use serde::Deserialize;

use super::{CorsOrigins, LogFormat};
use crate::limits::Quota;
use crate::tagging::{TagHeader, TagHeaders};

type Read<T> = Result<T, String>;

/// A whole number within its range.
pub(super) fn number<T>(text: &str, least: T, most: T) -> Read<T>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let expected = format!("give a whole number from {least} to {most}");
    let number = text.trim().parse::<T>().map_err(|_| expected.clone())?;
    if number < least || number > most {
        Err(expected)
    } else {
        Ok(number)
    }
}

/// A span of whole seconds within its range.
pub(super) fn seconds(text: &str, least: u64, most: u64) -> Read<Duration> {
    let whole = number(text, least, most).map_err(|expected| format!("{expected}, in seconds"))?;
    Ok(Duration::from_secs(whole))
}

/// The name of a file; `none` is what `--help` calls having none.
pub(super) fn file(text: &str) -> Read<PathBuf> {
    if text.is_empty() || text == "none" {
        return Err("give the name of a file".to_owned());
    }
    Ok(text.into())
}

/// Whom mail is from.
pub(super) fn mailbox(text: &str) -> Read<Mailbox> {
    let expected = "give an address such as `The News <news@example.org>`";
    text.trim().parse().map_err(|_| expected.to_owned())
}

/// How a provider names itself, exactly.
pub(super) fn issuer(text: &str) -> Read<String> {
    site_url(text)?;
    Ok(text.to_owned())
}

/// A word without spaces.
pub(super) fn word(text: &str) -> Read<String> {
    let is_good =
        (1..=300).contains(&text.len()) && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_good && text != "none" {
        return Ok(text.to_owned());
    }
    Err("give one word with at most 300 bytes".to_owned())
}

/// What a provider is asked for; `openid` is what makes it one.
pub(super) fn scopes(text: &str) -> Read<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    if words.contains(&"openid") && text.len() <= 300 {
        return Ok(words.join(" "));
    }
    Err("give `openid` and what else is asked for, such as `openid email profile`".to_owned())
}

/// A role.
pub(super) fn role(text: &str) -> Read<Role> {
    Role::parse(text.trim()).map_err(|refused| refused.message)
}

/// Which value gives which role: `editors=editor,chiefs=admin`.
pub(super) fn roles(text: &str) -> Read<Vec<(String, Role)>> {
    let one = |part: &str| {
        let expected = || "give pairs such as `editors=editor,chiefs=admin`".to_owned();
        let (value, word) = part.rsplit_once('=').ok_or_else(expected)?;
        let value = value.trim();
        if value.is_empty() {
            return Err(expected());
        }
        Ok((value.to_owned(), role(word)?))
    };
    text.split(',').map(one).collect()
}

/// Yes or no.
pub(super) fn switch(text: &str) -> Read<bool> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("give true or false".to_owned()),
    }
}

/// `HOST:PORT`.
pub(super) fn listen(text: &str) -> Read<String> {
    let expected = || {
        let all = "0.0.0.0:8080 for every interface";
        format!("give HOST:PORT, such as 127.0.0.1:8080, [::1]:8080, or {all}; port 0 takes any that is free")
    };
    let (host, port) = text.rsplit_once(':').ok_or_else(expected)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let plain = !host.is_empty() && !host.contains([':', '/', '@', '[', ']', ' ']);
    let literal = bracketed.is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let digits = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if (plain || literal) && digits {
        Ok(text.to_owned())
    } else {
        Err(expected())
    }
}

/// A language tag.
pub(super) fn locale(text: &str) -> Read<Locale> {
    Locale::parse(text).map_err(|_| "give a language tag such as en, pt-BR or zh-Hant".to_owned())
}

/// The address of a site, kept without a slash at its end.
pub(super) fn site_url(text: &str) -> Read<String> {
    let expected = "give an absolute address without parameters, such as https://www.example.org".to_owned();
    let address = text::address(text.to_owned()).map_err(|_| expected.clone())?;
    if address.starts_with('/') || address.contains(['?', '#', '@']) {
        return Err(expected);
    }
    Ok(address.trim_end_matches('/').to_owned())
}

/// One line of text.
pub(super) fn line(text: &str, limit: usize) -> Read<String> {
    text::line(text.to_owned(), limit)
        .map_err(|_| format!("give one line of text with at most {limit} characters"))
}

/// An address that may be a path of the site.
pub(super) fn address(text: &str) -> Read<String> {
    text::address(text.to_owned())
        .map_err(|_| "give an address such as https://www.example.org/logo.png, or /logo.png".to_owned())
}

/// Links that the site shows on every page.
const LINKS: usize = 50;

/// A JSON array of links.
pub(super) fn site_links(text: &str) -> Read<Vec<SiteLink>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Given {
        label: String,
        url: String,
        rel: Option<String>,
    }

    let given: Vec<Given> = serde_json::from_str(text)
        .map_err(|error| format!("give a list of links, each with label, url and perhaps rel ({error})"))?;
    if given.len() > LINKS {
        return Err(format!("give at most {LINKS} links"));
    }
    let link = |Given { label, url, rel }| {
        let (label, url) = (line(&label, 300)?, address(&url)?);
        let is_word = |rel: &String| {
            (1..=64).contains(&rel.len()) && rel.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match rel {
            Some(rel) if !is_word(&rel) => {
                Err("give a rel of letters, digits and hyphens, such as me".to_owned())
            }
            rel => Ok(SiteLink { label, url, rel }),
        }
    };
    given.into_iter().map(link).collect()
}

/// Origins, separated by commas.
pub(super) fn origins(text: &str) -> Read<CorsOrigins> {
    let mut origins = CorsOrigins::default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        match origin(item)? {
            None => origins.any_for_delivery = true,
            Some(exact) if !origins.exact.contains(&exact) => origins.exact.push(exact),
            Some(_) => {}
        }
    }
    Ok(origins)
}

/// Addresses and networks, separated by commas.
pub(super) fn networks(text: &str) -> Read<Vec<IpNet>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let network = item.parse::<IpNet>().ok();
            let one = || item.parse::<std::net::IpAddr>().ok().map(IpNet::from);
            network.or_else(one).ok_or_else(|| {
                format!("`{item}` is no network: give addresses or networks such as 10.0.0.0/8, separated by commas")
            })
        })
        .collect()
}

/// So many within so many seconds; none where it is 0.
pub(super) fn quota(text: &str) -> Read<Option<Quota>> {
    if text.trim() == "0" {
        return Ok(None);
    }
    let expected = "give REQUESTS/SECONDS, such as 600/60, each 1 to 1000000; 0 for no limit";
    let (requests, seconds) = text.split_once('/').ok_or(expected)?;
    let read = |text: &str| number::<u32>(text, 1, 1_000_000).map_err(|_| expected.to_owned());
    Ok(Some(Quota {
        requests: read(requests)?,
        seconds: read(seconds)?,
    }))
}

/// Names of headers with tags, separated by commas.
pub(super) fn tag_headers(text: &str) -> Read<TagHeaders> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let headers = items.map(|item| {
        let known: Vec<_> = TagHeader::ALL.iter().map(|header| header.as_str()).collect();
        let expected = || {
            format!(
                "`{item}` is no header with tags: give some of {}",
                known.join(", ")
            )
        };
        item.parse().map_err(|()| expected())
    });
    Ok(TagHeaders::with(headers.collect::<Result<Vec<TagHeader>, _>>()?))
}

/// One origin; `None` is any.
fn origin(item: &str) -> Read<Option<String>> {
    if item == "*" {
        return Ok(None);
    }
    let expected = || {
        format!(
            "`{item}` is no origin: give scheme and host, and the port if it is not the scheme's own, without a path, \
             such as https://admin.example.org or http://localhost:3000; or * for delivery alone"
        )
    };
    let exact = item.to_ascii_lowercase();
    let authority = exact
        .strip_prefix("https://")
        .or_else(|| exact.strip_prefix("http://"))
        .ok_or_else(expected)?;
    let fits = !authority.contains(['/', '?', '#', '@', '*']) && text::address(exact.clone()).is_ok();
    if fits { Ok(Some(exact)) } else { Err(expected()) }
}

/// How a line of the log is written.
pub(super) fn log_format(text: &str) -> Read<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("give text or json".to_owned()),
    }
}

/// A level, or directives.
pub(super) fn log_level(text: &str) -> Read<String> {
    let expected = || {
        "give off, error, warn, info, debug or trace, or directives such as warn,masthead_api=debug"
            .to_owned()
    };
    // A lone word that is no level would be taken for a module's name, and nothing would be logged at all.
    let is_level = |word: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&word.trim());
    let directive = |part: &str| {
        part.rsplit_once('=')
            .map_or_else(|| is_level(part), |(_, level)| is_level(level))
    };
    let fits = text.split(',').all(directive) && tracing_subscriber::EnvFilter::try_new(text).is_ok();
    if fits {
        Ok(text.to_owned())
    } else {
        Err(expected())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_the_site_has_a_label_and_an_address() {
        let good = r#"[{"label":"Contact","url":"/contact","rel":"contact"},{"label":"Us","url":"https://a.example"}]"#;
        let links = site_links(good).unwrap();
        assert_eq!(links[0].rel.as_deref(), Some("contact"));
        assert_eq!(
            (links[1].label.as_str(), links[1].url.as_str()),
            ("Us", "https://a.example")
        );
        assert_eq!(site_links("[]"), Ok(Vec::new()));
        let many = format!("[{}]", vec![r#"{"label":"a","url":"/"}"#; 51].join(","));
        for wrong in [
            "",
            "Contact=/contact",
            "{}",
            r#"[{"label":"x"}]"#,
            r#"[{"label":"","url":"/x"}]"#,
            r#"[{"label":"x","url":"javascript:alert(1)"}]"#,
            r#"[{"label":"x","url":"/x","rel":"a b"}]"#,
            r#"[{"label":"x","url":"/x","title":"x"}]"#,
            many.as_str(),
        ] {
            assert!(site_links(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_with_the_range() {
        assert_eq!(number("512", 1, 512), Ok(512));
        for wrong in ["0", "513", "-1", "1.5", "lots", "", "99999999999999999999"] {
            assert_eq!(
                number(wrong, 1_u32, 512),
                Err("give a whole number from 1 to 512".to_owned()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_place_to_listen_on_is_host_and_port() {
        for good in ["127.0.0.1:8080", "localhost:0", "[::1]:80", "0.0.0.0:65535"] {
            assert!(listen(good).is_ok(), "{good}");
        }
        for bad in [
            "8080",
            ":8080",
            "localhost",
            "a:b",
            "::1:80",
            "[x]:80",
            "h:65536",
            "h:+1",
            "http://h:80",
            "",
        ] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_exact_and_a_star_is_for_delivery_alone() {
        let read = origins("https://A.example, http://localhost:3000,https://a.example").unwrap();
        assert_eq!(read.exact, ["https://a.example", "http://localhost:3000"]);
        assert!(!read.any_for_delivery);
        let any = origins("*").unwrap();
        assert!(any.any_for_delivery && any.exact.is_empty());
        for bad in [
            "a.example",
            "https://a.example/",
            "https://*.example",
            "null",
            "ftp://a",
            "https://a@b",
        ] {
            assert!(origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_level_that_would_log_nothing_is_refused() {
        for good in [
            "info",
            "off",
            "warn,masthead_api=debug",
            "masthead_api::server=trace",
        ] {
            assert!(log_level(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "inf",
            "loud",
            "masthead_api",
            "info,",
            "a=b=c",
            "masthead_api=loud",
        ] {
            assert!(log_level(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_site_has_an_absolute_address() {
        assert_eq!(
            site_url("https://example.org/"),
            Ok("https://example.org".to_owned())
        );
        assert_eq!(
            site_url("https://example.org/blog/"),
            Ok("https://example.org/blog".to_owned())
        );
        for bad in [
            "example.org",
            "/blog",
            "https://example.org?x",
            "https://u:p@example.org",
            "ftp://x",
            "",
        ] {
            assert!(site_url(bad).is_err(), "{bad}");
        }
    }
}
