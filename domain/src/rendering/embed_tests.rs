//! Tests of embeds.

use super::*;

fn source(url: &str) -> String {
    let html = embed(url, None).expect(url).html;
    html.split('"').nth(1).expect("a source").to_owned()
}

#[test]
fn every_spelling_of_a_youtube_address_leads_to_the_same_frame() {
    for url in [
        "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
        "http://youtube.com/watch?feature=x&v=aqz-KE-bpKQ",
        "https://youtu.be/aqz-KE-bpKQ?si=x",
        "https://m.youtube.com/shorts/aqz-KE-bpKQ",
        "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
    ] {
        assert_eq!(
            source(url),
            "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ",
            "{url}"
        );
    }
}

#[test]
fn a_youtube_address_keeps_its_moment() {
    let embed = embed("https://youtu.be/aqz-KE-bpKQ?t=1m30s", None).expect("an embed");
    assert!(embed.html.contains("/embed/aqz-KE-bpKQ?start=90\""));
    assert_eq!(embed.url, "https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=90s");
}

#[test]
fn the_other_providers_are_read() {
    assert_eq!(
        source("https://vimeo.com/76979871"),
        "https://player.vimeo.com/video/76979871?dnt=1"
    );
    assert_eq!(
        source("https://vimeo.com/76979871/8272103f6e"),
        "https://player.vimeo.com/video/76979871?h=8272103f6e&amp;dnt=1"
    );
    assert_eq!(
        source("https://open.spotify.com/intl-de/track/7makk4oTQel546B0PZlDM5?si=1"),
        "https://open.spotify.com/embed/track/7makk4oTQel546B0PZlDM5"
    );
    assert_eq!(
        source("https://soundcloud.com/a-b/c_d"),
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fa-b%2Fc_d&amp;visual=false"
    );
    assert_eq!(
        source("https://codepen.io/a/pen/abcDEF"),
        "https://codepen.io/a/embed/abcDEF?default-tab=result"
    );
}

#[test]
fn a_title_cannot_leave_its_attribute() {
    let html = embed("https://vimeo.com/1", Some("\"><script>alert(1)</script>"))
        .expect("an embed")
        .html;
    assert!(html.contains("title=\"&quot;&gt;&lt;script&gt;"));
    assert!(!html.contains("<script"));
}

#[test]
fn an_unknown_site_is_refused_with_the_list() {
    let error = embed("https://evil.example/watch?v=aqz-KE-bpKQ", None).expect_err("refused");
    assert_eq!(
        error,
        EmbedError::UnknownProvider {
            host: "evil.example".to_owned()
        }
    );
    for provider in providers() {
        assert!(error.to_string().contains(provider));
    }
}

#[test]
fn disguises_of_known_sites_are_refused() {
    for url in [
        "javascript:alert(1)//youtube.com/watch?v=aqz-KE-bpKQ",
        "https://youtube.com.evil.example/watch?v=aqz-KE-bpKQ",
        "https://evil.example/youtube.com/watch?v=aqz-KE-bpKQ",
        "https://youtube.com@evil.example/watch?v=aqz-KE-bpKQ",
        "https://youtube.com/watch?v=\"><script>",
        "https://youtube.com/watch?v=aqz-KE-bpK%22",
        "https://youtube.com:8443/watch?v=aqz-KE-bpKQ",
        "https://youtube.com/redirect?q=https://evil.example",
        "https://vimeo.com/76979871/..%2f..%2fx",
        "https://open.spotify.com/user/7makk4oTQel546B0PZlDM5",
        "//youtube.com/watch?v=aqz-KE-bpKQ",
        "",
    ] {
        assert!(embed(url, None).is_err(), "{url}");
    }
}

#[test]
fn the_list_names_every_provider() {
    let names: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    assert_eq!(providers(), names);
    for provider in &PROVIDERS {
        assert!(embed(provider.example, None).is_ok(), "{}", provider.example);
    }
}
