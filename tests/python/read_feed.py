"""Reads a feed from standard input as its readers would; prints what it holds as JSON."""

import json
import sys

import feedparser

feed = feedparser.parse(sys.stdin.buffer.read(), sanitize_html=False, resolve_relative_uris=False)


def moment(parsed):
    return None if parsed is None else "%04d-%02d-%02dT%02d:%02d:%02dZ" % tuple(parsed[:6])


entries = [
    {
        "id": entry.get("id"),
        "title": entry.get("title"),
        "link": entry.get("link"),
        "published": moment(entry.get("published_parsed")),
        "updated": moment(entry.get("updated_parsed")),
        "authors": [author.get("name") for author in entry.get("authors", []) if author.get("name")],
        "tags": [tag.get("term") for tag in entry.get("tags", [])],
        "content": entry["content"][0]["value"] if entry.get("content") else None,
    }
    for entry in feed.entries
]
json.dump(
    {
        "malformed": bool(feed.bozo),
        "reason": str(feed.get("bozo_exception", "")),
        "version": feed.version,
        "title": feed.feed.get("title"),
        "links": [[link.get("rel"), link.get("href")] for link in feed.feed.get("links", [])],
        "entries": entries,
    },
    sys.stdout,
)
