"""The articles: made up, the same on every machine, and the first N of many are the N of few.

Every article has a random stream of its own, so that 200, 2,000 and 20,000 articles begin with the same ones.
"""

import datetime
import functools
import json
import random

SEED = "masthead"
TAGS = 50
AUTHORS = 20
DRAFTS = 200
FAQS = 5
# Words to search for, and in how many articles one of them stands, about: 1 in 25, in 250, in 2,000.
MARKS = {"harbour": 25, "quartz": 250, "zephyr": 2000}
SMALL = (
    "the a of in to and or for with at by from on as is was are has had its this that which who when where how "
    "why not all some many few more most then than but so if once while after before under over between"
).split()


@functools.cache
def vocabulary():
    """3,000 words that nobody has heard of; the front ones are used most."""
    stream = random.Random(f"{SEED}:words")
    heads = ["b", "br", "c", "d", "dr", "f", "g", "gl", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "v"]
    hearts = ["a", "e", "i", "o", "u", "ai", "ou", "ea"]
    tails = ["", "", "n", "l", "r", "m", "nd", "st", "ck"]
    words, known = [], set(SMALL) | set(MARKS)
    while len(words) < 3000:
        parts = stream.choice((2, 2, 2, 3, 3))
        word = "".join(stream.choice(heads) + stream.choice(hearts) for _ in range(parts)) + stream.choice(tails)
        if word not in known:
            known.add(word)
            words.append(word)
    return words


def rare(stream):
    """A word, the common ones oftener."""
    words = vocabulary()
    return words[int(len(words) * stream.random() ** 3)]


def sentence(stream, length):
    said = [stream.choice(SMALL) if at % 2 else rare(stream) for at in range(length)]
    return " ".join(said).capitalize() + "."


def prose(stream, words):
    sentences = []
    while words > 0:
        length = min(words, stream.randint(8, 15))
        sentences.append(sentence(stream, length))
        words -= length
    return " ".join(sentences)


def section(stream):
    """About 90 words of Markdown."""
    first = prose(stream, 45)
    kind = stream.choice(("plain", "strong", "link", "list"))
    if kind == "list":
        second = "\n".join(f"- {sentence(stream, 9)}" for _ in range(5))
    else:
        second = prose(stream, 45)
    if kind == "strong":
        second = f"**{rare(stream).capitalize()}**: {second}"
    elif kind == "link":
        second += f" More stands [{rare(stream)} here](https://example.org/{rare(stream)})."
    return {"kind": "text", "heading": sentence(stream, stream.randint(3, 6))[:-1], "body": f"{first}\n\n{second}"}


def tags():
    return [{"slug": f"tag-{n:02}", "name": f"Tag {n:02} {vocabulary()[n].capitalize()}"} for n in range(TAGS)]


def authors():
    words = vocabulary()
    return [
        {
            "slug": f"author-{n:02}",
            "name": f"{words[200 + n].capitalize()} {words[300 + n].capitalize()}",
            "bio": prose(random.Random(f"{SEED}:author:{n}"), 25),
        }
        for n in range(AUTHORS)
    ]


@functools.lru_cache(maxsize=4096)
def article(kind, number):
    """`kind` is a stream of its own: `article`, `draft`, `new` (written while measuring), `sample`."""
    stream = random.Random(f"{SEED}:{kind}:{number}")
    title = " ".join(rare(stream) for _ in range(stream.randint(4, 7))).capitalize()
    sections = [section(stream) for _ in range(stream.randint(8, 10))]
    for word, every in MARKS.items():
        if stream.randrange(every) == 0:
            stream.choice(sections)["body"] += f"\n\nThe {word} is {rare(stream)}."
    return {
        "locale": "en",
        "title": title,
        "slug": f"{kind}-{number:05}-" + title.lower().replace(" ", "-")[:60].rstrip("-"),
        "dek": prose(stream, 24),
        "sections": sections,
        "faqs": [
            {"question": sentence(stream, 9)[:-1] + "?", "answer": prose(stream, 30)} for _ in range(FAQS)
        ],
        "tags": [f"tag-{n:02}" for n in stream.sample(range(TAGS), 3)],
        "authors": [{"slug": f"author-{stream.randrange(AUTHORS):02}", "role": "writer"}],
    }


def published_at(number):
    """Later articles are newer; none is in the future."""
    first = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    return (first + datetime.timedelta(minutes=37 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def line(kind, number, what="publish", at=""):
    """One article as `ceilings load` reads it."""
    body = article(kind, number)
    return f"{what}\t{at}\t{body['slug']}\t" + json.dumps(body, separators=(",", ":")) + "\n"


def write_articles(path, published):
    """The drafts first, then the articles in order."""
    with open(path, "w", encoding="utf-8") as out:
        for number in range(DRAFTS):
            out.write(line("draft", number, "draft"))
        for number in range(published):
            out.write(line("article", number, at=published_at(number)))


def text_of(body):
    parts = [body["title"], body["dek"]]
    parts += [f"{one['heading']} {one['body']}" for one in body["sections"]]
    return " ".join(parts).lower()


def search_words(count, articles=2000, least=20):
    """Words that stand in at least `least` of the first articles, common and less common ones, in mixed order."""
    found = {}
    for number in range(articles):
        text = text_of(article("article", number))
        for word in set("".join(c if c.isalnum() else " " for c in text).split()):
            found[word] = found.get(word, 0) + 1
    known = set(vocabulary()) | {"harbour"}
    good = sorted((word for word in found if word in known and found[word] >= least), key=lambda w: (-found[w], w))
    # Every n-th of them, so that both ends are there.
    step = max(1, len(good) // count)
    chosen = good[::step][:count]
    random.Random(f"{SEED}:search").shuffle(chosen)
    return chosen
