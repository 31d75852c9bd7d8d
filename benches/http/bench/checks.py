"""Whether answers are what they should be: every address that is measured is fetched and read, before and after."""

import http.client
import json
import threading

from . import data
from .say import Failure


def article(slug, body, dated=True):
    """The published article that the data says it is; one that was published again has another date."""
    number = int(slug.split("-")[1])
    made, shown = data.article("article", number), json.loads(body)["data"]
    same("slug", shown["slug"], slug)
    same("title", shown["title"], made["title"])
    same("sections", [one["heading"] for one in shown["sections"]], [one["heading"] for one in made["sections"]])
    same("faqs", [one["question"] for one in shown["faqs"]], [one["question"] for one in made["faqs"]])
    same("tags", sorted(one["slug"] for one in shown["tags"]), sorted(made["tags"]))
    same("authors", [one["slug"] for one in shown["authors"]], [one["slug"] for one in made["authors"]])
    if dated:
        same("published_at", shown["published_at"][:19], data.published_at(number)[:19])
    if not all(one["body"]["html"].startswith("<p>") for one in shown["sections"]):
        raise Failure(f"{slug}: a section without its HTML")


def same(what, seen, expected):
    if seen != expected:
        raise Failure(f"{what} is {repr(seen)[:400]}, not {repr(expected)[:400]}")


def tag_list(tag, body, articles, limit):
    """The newest articles of a tag, newest first, each with its tags and authors."""
    shown = json.loads(body)
    expected = newest(articles)[tag]
    same(f"the list of {tag}", [row["slug"] for row in shown["data"]], [slug for slug in expected[:limit]])
    for row in shown["data"]:
        if tag not in [one["slug"] for one in row["tags"]] or len(row["tags"]) != 3 or len(row["authors"]) != 1:
            raise Failure(f"{row['slug']} in the list of {tag}: its tags or authors are not there")
    same("another page", bool((shown.get("links") or {}).get("next")), len(expected) > limit)


_newest = {}


def newest(articles):
    """Of each tag its articles' slugs, the newest first."""
    if articles not in _newest:
        found = {f"tag-{n:02}": [] for n in range(data.TAGS)}
        for number in reversed(range(articles)):
            made = data.article("article", number)
            for tag in made["tags"]:
                found[tag].append(made["slug"])
        _newest[articles] = found
    return _newest[articles]


def search(word, body, articles):
    """Hits, with snippets, that hold the word."""
    hits = json.loads(body)["data"]["hits"]
    if not hits or len(hits) > 20:
        raise Failure(f"searching {word}: {len(hits)} hits")
    if len(hits) < 20 and articles >= 2000:
        raise Failure(f"searching {word}: {len(hits)} hits, although 20 articles and more hold it")
    texts = json.dumps(hits).lower()
    if texts.count(word) < len(hits):
        raise Failure(f"searching {word}: not every hit shows it")


class During(threading.Thread):
    """Fetches an address now and then while wrk runs, and remembers what was wrong."""

    def __init__(self, port, requests, check):
        super().__init__(daemon=True)
        self.port, self.requests, self.check = port, requests, check
        self.wrong, self.seen, self.enough = None, 0, threading.Event()

    def run(self):
        at = 0
        while not self.enough.wait(0.25):
            try:
                path = self.requests[at % len(self.requests)][0]
                fetch(self.port, [(path, "")], self.check)
                self.seen += 1
                at += 7
            except Exception as wrong:  # Whatever it is, the run is worth nothing then.
                self.wrong = wrong
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *raised):
        self.enough.set()
        self.join()
        if self.wrong and not any(raised):
            raise Failure(f"while it was measured: {self.wrong}")


def fetch(port, requests, check):
    """Fetches each address on one connection; `check` takes the path and the body. Gives all answers back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answers = []
    try:
        for path, _ in requests:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise Failure(f"GET {path} was answered {answer.status}: {body[:300]!r}")
            try:
                check(path, body)
            except (KeyError, TypeError, ValueError) as wrong:
                raise Failure(f"GET {path}: its body has another shape: {wrong!r}") from wrong
            answers.append((path, answer.getheader("ETag") or "", body))
    finally:
        connection.close()
    return answers
