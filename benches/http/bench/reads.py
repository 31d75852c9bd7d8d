"""W1, W2, W3 and growth: what readers ask for."""

import contextlib
import urllib.parse

from . import checks, data
from .say import Failure, say
from .wrk import Target, compare, spread

ARTICLE = "/delivery/v1/articles/by-slug/"
LIST = "/delivery/v1/articles?tag={}&limit={}"
SEARCH = "/delivery/v1/search?q={}"

# Whole articles weigh more than this, and lists of 20 too.
SHORTEST_ARTICLE, SHORTEST_LIST = 5000, 3000


class Work:
    """Addresses, and what has to come from them."""

    def __init__(self, name, requests, check, shortest, key):
        self.name, self.requests, self.check, self.shortest, self.key = name, requests, check, shortest, key

    def fetch(self, port):
        """Every address once, read and compared."""
        return checks.fetch(port, self.requests, self.check)


def whole_article(articles, count=200, dated=True):
    """Spread over all there are."""
    numbers = [at * articles // count for at in range(min(count, articles))]
    slugs = [data.article("article", number)["slug"] for number in numbers]
    return Work(
        "W1", [(ARTICLE + slug, "") for slug in slugs],
        lambda path, body: checks.article(path.removeprefix(ARTICLE), body, dated), SHORTEST_ARTICLE,
        lambda path: path.removeprefix(ARTICLE),
    )


def filtered_list(articles, limit=20):
    slugs = [tag["slug"] for tag in data.tags()]
    tag_of = {LIST.format(slug, limit): slug for slug in slugs}
    return Work(
        "W2", [(path, "") for path in tag_of],
        lambda path, body: checks.tag_list(tag_of[path], body, articles, limit),
        SHORTEST_LIST * limit // 20 if articles >= 2000 else 500, lambda path: tag_of[path],
    )


def searching(articles):
    words = data.search_words(200)
    word_of = {SEARCH.format(urllib.parse.quote(word)): word for word in words}
    return Work(
        "W3", [(path, "") for path in word_of],
        lambda path, body: checks.search(word_of[path], body, articles), 500, lambda path: word_of[path],
    )


def measured(work, target, options, status=200):
    """A function that makes one round of a target, with a reader beside it that checks; prepared and warmed up."""
    target.run(1)
    target.count(status, work.shortest if status == 200 else 0)

    def once():
        with checks.During(target.port, work.requests, work.check):
            return target.measure(options.seconds)

    return once


def ceiling(target, options):
    target.run(1)
    target.count(200, 1)
    return lambda: target.measure(options.seconds)


def against(stage, server, ceilings, work, path_of, label, goal, status=200, etags=None):
    """One row: `work` on the server against a path of the ceilings for each of its addresses."""
    options = stage.options
    before = work.fetch(server.port)
    requests = [(path, etag if status == 304 else "") for path, etag, _ in before]
    if status == 304 and not all(etag for _, etag in requests):
        raise Failure(f"{label}: an answer without an ETag")
    ours = Target(server.port, requests, stage.folder, "ours")
    theirs = Target(ceilings.port, [(path_of(work.key(path)), "") for path, _ in work.requests], stage.folder, "ceiling")
    row = compare(
        label, options.rounds, measured(work, ours, options, status), ceiling(theirs, options), goal
    )
    work.fetch(server.port)
    row["answer_bytes"] = sum(len(body) for _, _, body in before) // len(before)
    return row


def delivery(stage, asked, rows, problems):
    """W1, W2 and W3 at the usual size."""
    options, size = stage.options, stage.options.articles
    works = {"W1": whole_article(size), "W2": filtered_list(size)}
    works = {name: work for name, work in works.items() if name in asked}
    answers = []
    # Without a cache first: that tells whether it can be switched off at all.
    with stage.masthead(f"articles-{size}", cache=False) as server, contextlib.ExitStack() as open_ones:
        for name, work in works.items():
            found = work.fetch(server.port)
            answers += [(name.lower(), f"{name.lower()}:{work.key(path)}", body) for path, _, body in found]
        if answers:
            ceilings = open_ones.enter_context(stage.serve_ceilings(answers))
            place = "pg" if stage.name == "postgres" else "sqlite-pool"
            goals = {"W1": 0.60, "W2": 0.25 if stage.name == "sqlite" else None}
            for name, work in works.items():
                path_of = lambda key, name=name: f"/{place}/{name.lower()}:{key}"
                label = f"{name} {stage.name}, cache off, vs /{place}"
                rows.append(against(stage, server, ceilings, work, path_of, label, goals[name]))
        if "W3" in asked:
            search(stage, server, size, rows, problems)
    if answers:
        with stage.masthead(f"articles-{size}") as server, stage.serve_ceilings(answers) as ceilings:
            for name, work in works.items():
                path_of = lambda _, name=name: f"/mem/{name.lower()}"
                label = f"{name} {stage.name}, cache on, vs /mem"
                rows.append(against(stage, server, ceilings, work, path_of, label, 0.75))
                if name == "W1":
                    label = f"{name} {stage.name}, 304, cache on, vs /mem"
                    rows.append(against(stage, server, ceilings, work, path_of, label, 1.0, status=304))
    if "W3" in asked and options.large > size:
        with stage.masthead(f"articles-{options.large}", cache=False) as server:
            search(stage, server, options.large, rows, problems)


def search(stage, server, size, rows, problems):
    """Requests a second at the usual size, the slowest hundredth at the large one."""
    options = stage.options
    if server.get(SEARCH.format("harbour"))[0] == 404:
        problems.append(f"W3 {stage.name}: not there yet, {SEARCH.format('harbour')} is answered 404")
        say(problems[-1])
        return
    work = searching(size)
    work.fetch(server.port)
    once = measured(work, Target(server.port, work.requests, stage.folder, "search"), options)
    results = [once() for _ in range(options.rounds)]
    work.fetch(server.port)
    rates, p99 = [one["rps"] for one in results], [one["p99_ms"] for one in results]
    p50 = spread([one["p50_ms"] for one in results])["median"]
    row = {"p50_ms": p50, "p99_ms": spread(p99)["median"]}
    if size == options.articles:
        row |= {"work": f"W3 {stage.name}, {size:,} articles, cache off", "ours": spread(rates), "target": 1000}
        row |= {"unit": "/s", "reached": row["ours"]["median"] >= 1000}
        rows.append(row)
    if size == options.large:
        row = dict(row) | {"work": f"W3 {stage.name}, {size:,} articles, p99", "ours": spread(p99), "target": 60}
        row |= {"unit": "ms", "at_most": True, "reached": row["ours"]["median"] <= 60}
        rows.append(row)


def growth(stage, rows):
    """The same work on few and on many articles, each server on its own database, in turns."""
    options = stage.options
    small, large = 200, options.large
    for cache in (False, True):
        with stage.masthead("articles-200", cache) as few, stage.masthead(f"articles-{large}", cache) as many:
            # Of 200 articles a tag has about 12, so lists of 20 would be longer where there are many. Those of 5 are
            # alike everywhere.
            for kind in (whole_article, lambda articles: filtered_list(articles, limit=5)):
                works = {few: kind(small), many: kind(large)}
                for server, work in works.items():
                    work.fetch(server.port)
                targets = [Target(server.port, work.requests, stage.folder, f"growth-{at}")
                           for at, (server, work) in enumerate(works.items())]
                once = [measured(work, target, options) for work, target in zip(works.values(), targets)]
                label = f"growth {works[few].name} {stage.name}, cache {'on' if cache else 'off'}: {small} vs {large:,}"
                row = compare(label, options.rounds, *once, 1.2, higher=False)
                row["at_most"] = True
                rows.append(row)
