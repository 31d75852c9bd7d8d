//! Embeds of other sites, built from an address and never from somebody's HTML.

use url::Url;

use super::entities::escape;

/// An embed, ready for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embed {
    /// The name of the site, one of [`providers`].
    pub provider: &'static str,
    /// One `iframe`, safe to put into a page as it is.
    pub html: String,
    /// The address for readers, in its canonical spelling.
    pub url: String,
}

/// Why an address cannot be embedded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// Not an absolute `http` or `https` address.
    #[error("\"{url}\" is not an https address.")]
    InvalidUrl {
        /// What was given.
        url: String,
    },
    /// A site that is not on the list.
    #[error("\"{host}\" cannot be embedded. Sites that can: {}.", providers().join(", "))]
    UnknownProvider {
        /// The host of the address.
        host: String,
    },
    /// A known site, but not the address of something on it that can be embedded.
    #[error("This address of {provider} cannot be embedded; give one such as {example}.")]
    Unrecognised {
        /// The name of the site.
        provider: &'static str,
        /// An address that works.
        example: &'static str,
    },
}

/// One site: its hosts and how its addresses are read.
struct Provider {
    name: &'static str,
    hosts: &'static [&'static str],
    example: &'static str,
    /// `None` if the address shows nothing that can be embedded.
    read: fn(&Url, &[&str]) -> Option<Frame>,
}

/// What differs between frames. Every part is built here from checked ids, so none needs escaping
/// to be safe; it is escaped all the same.
struct Frame {
    source: String,
    url: String,
    width: &'static str,
    height: &'static str,
}

const VIDEO: (&str, &str) = ("640", "360");

static PROVIDERS: [Provider; 5] = [
    Provider {
        name: "YouTube",
        hosts: &[
            "youtube.com",
            "m.youtube.com",
            "music.youtube.com",
            "youtu.be",
            "youtube-nocookie.com",
        ],
        example: "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
        read: youtube,
    },
    Provider {
        name: "Vimeo",
        hosts: &["vimeo.com", "player.vimeo.com"],
        example: "https://vimeo.com/76979871",
        read: vimeo,
    },
    Provider {
        name: "Spotify",
        hosts: &["open.spotify.com"],
        example: "https://open.spotify.com/episode/7makk4oTQel546B0PZlDM5",
        read: spotify,
    },
    Provider {
        name: "SoundCloud",
        hosts: &["soundcloud.com", "m.soundcloud.com"],
        example: "https://soundcloud.com/artist/track",
        read: soundcloud,
    },
    Provider {
        name: "CodePen",
        hosts: &["codepen.io"],
        example: "https://codepen.io/author/pen/abcdef",
        read: codepen,
    },
];

/// The sites that can be embedded.
#[must_use]
pub fn providers() -> &'static [&'static str] {
    const NAMES: [&str; PROVIDERS.len()] = ["YouTube", "Vimeo", "Spotify", "SoundCloud", "CodePen"];
    &NAMES
}

/// Builds the embed for the address of a video, recording or sketch.
///
/// The frame is sandboxed, loads when it comes near the screen, and uses the site's variant
/// without tracking cookies where there is one. `title` tells readers who cannot see it what it is.
pub fn embed(url: &str, title: Option<&str>) -> Result<Embed, EmbedError> {
    let invalid = || EmbedError::InvalidUrl { url: url.to_owned() };
    let parsed = Url::parse(url.trim()).map_err(|_| invalid())?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.port().is_some() {
        return Err(invalid());
    }
    let host = parsed.host_str().ok_or_else(invalid)?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.hosts.contains(&bare))
        .ok_or_else(|| EmbedError::UnknownProvider {
            host: host.to_owned(),
        })?;
    let path: Vec<&str> = parsed.path().split('/').filter(|part| !part.is_empty()).collect();
    let frame = (provider.read)(&parsed, &path).ok_or(EmbedError::Unrecognised {
        provider: provider.name,
        example: provider.example,
    })?;
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    let html = draw(&frame, title.unwrap_or(provider.name));
    Ok(Embed {
        provider: provider.name,
        html,
        url: frame.url,
    })
}

fn draw(frame: &Frame, title: &str) -> String {
    // `allow-same-origin` is safe: the frame is never of our own origin, and players need their
    // storage. YouTube refuses to play without a referrer, so its origin is sent.
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"{}\" height=\"{}\" loading=\"lazy\" \
         referrerpolicy=\"strict-origin-when-cross-origin\" \
         sandbox=\"allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation\" \
         allow=\"encrypted-media; fullscreen; picture-in-picture\" allowfullscreen></iframe>",
        escape(&frame.source),
        escape(title),
        frame.width,
        frame.height,
    )
}

fn youtube(url: &Url, path: &[&str]) -> Option<Frame> {
    let short = url.host_str().is_some_and(|host| host.ends_with("youtu.be"));
    let id = match path {
        [id] if short => (*id).to_owned(),
        ["watch"] if !short => query(url, "v")?,
        ["embed" | "shorts" | "live" | "v", id] if !short => (*id).to_owned(),
        _ => return None,
    };
    let id = id_of(&id, 11..=11, "-_")?;
    let start = query(url, "start")
        .or_else(|| query(url, "t"))
        .as_deref()
        .and_then(seconds);
    let (embedded, shown) = match start {
        Some(start) => (format!("?start={start}"), format!("&t={start}s")),
        None => (String::new(), String::new()),
    };
    Some(Frame {
        source: format!("https://www.youtube-nocookie.com/embed/{id}{embedded}"),
        url: format!("https://www.youtube.com/watch?v={id}{shown}"),
        width: VIDEO.0,
        height: VIDEO.1,
    })
}

fn vimeo(url: &Url, path: &[&str]) -> Option<Frame> {
    let (id, hash) = match path {
        ["video", id] | [id] | ["channels", _, id] => (id, query(url, "h")),
        [id, hash] => (id, Some((*hash).to_owned())),
        _ => return None,
    };
    let id = id_of(id, 1..=12, "").filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))?;
    // Unlisted videos need the hash.
    let hash = match hash {
        Some(hash) => Some(id_of(&hash, 6..=16, "")?.to_owned()),
        None => None,
    };
    let private = hash.as_ref().map_or(String::new(), |hash| format!("h={hash}&"));
    let shown = hash.as_ref().map_or(String::new(), |hash| format!("/{hash}"));
    Some(Frame {
        source: format!("https://player.vimeo.com/video/{id}?{private}dnt=1"),
        url: format!("https://vimeo.com/{id}{shown}"),
        width: VIDEO.0,
        height: VIDEO.1,
    })
}

fn spotify(_: &Url, path: &[&str]) -> Option<Frame> {
    let path = match path {
        [language, rest @ ..] if language.starts_with("intl-") => rest,
        rest => rest,
    };
    let (kind, id) = match path {
        ["embed", kind, id] | [kind, id] => (*kind, *id),
        _ => return None,
    };
    let height = match kind {
        "track" | "episode" | "show" => "152",
        "album" | "artist" | "playlist" => "352",
        _ => return None,
    };
    let id = id_of(id, 22..=22, "")?;
    Some(Frame {
        source: format!("https://open.spotify.com/embed/{kind}/{id}"),
        url: format!("https://open.spotify.com/{kind}/{id}"),
        width: "100%",
        height,
    })
}

fn soundcloud(_: &Url, path: &[&str]) -> Option<Frame> {
    let name = |part: &str| id_of(part, 1..=255, "-_").is_some();
    let (shown, height) = match path {
        [user, "sets", set] if name(user) && name(set) => (format!("{user}/sets/{set}"), "352"),
        [user, track] if name(user) && name(track) && *track != "sets" => (format!("{user}/{track}"), "166"),
        _ => return None,
    };
    let url = format!("https://soundcloud.com/{shown}");
    let encoded: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    Some(Frame {
        source: format!("https://w.soundcloud.com/player/?url={encoded}&visual=false"),
        url,
        width: "100%",
        height,
    })
}

fn codepen(_: &Url, path: &[&str]) -> Option<Frame> {
    let [user, "pen" | "embed" | "full" | "details", id] = path else {
        return None;
    };
    let (user, id) = (id_of(user, 1..=64, "-_")?, id_of(id, 4..=64, "")?);
    Some(Frame {
        source: format!("https://codepen.io/{user}/embed/{id}?default-tab=result"),
        url: format!("https://codepen.io/{user}/pen/{id}"),
        width: "100%",
        height: "400",
    })
}

/// The text, if it can be an id: so many characters, letters and digits of ASCII or one of `also`.
fn id_of<'t>(text: &'t str, length: std::ops::RangeInclusive<usize>, also: &str) -> Option<&'t str> {
    let fits = |character: char| character.is_ascii_alphanumeric() || also.contains(character);
    (length.contains(&text.len()) && text.chars().all(fits)).then_some(text)
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A moment such as `90`, `90s` or `1h2m3s`, in seconds. Zero is no moment.
fn seconds(moment: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, String::new());
    for character in moment.chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    if !number.is_empty() {
        total = total.checked_add(number.parse().ok()?)?;
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
#[path = "embed_tests.rs"]
mod tests;
