"""W4, W5 and the mixed work: what editors do, alone and beside readers."""

import json
import subprocess

from . import checks, data
from .processes import tool
from .reads import LIST, measured, whole_article
from .say import Failure, say
from .wrk import Target, compare

# Of what bare transactions that write the same rows reach.
GOAL = 0.5


def create(stage, rows):
    """W4: whole articles, each created and published, against bare transactions that write the same rows."""
    options = stage.options
    fresh = stage.folder / "new.tsv"
    # Enough for rates nobody will see; making them up takes a while.
    count = min(30000, options.rounds * options.seconds * 2 * 300)
    say(f"making up {count:,} articles to write")
    with open(fresh, "w", encoding="utf-8") as out:
        for number in range(count):
            out.write(data.line("new", number))
    used = 0
    size = options.articles
    with stage.scratch(size, "ours") as ours, stage.scratch(size, "bare") as bare, stage.masthead(ours) as server:
        made = stage.folder / "made-new.tsv"
        for connections in (1, 8):

            def once(connections=connections):
                nonlocal used
                result = tool(
                    stage.ceilings, "load", address=server.address, login=server.login_file(), input=fresh,
                    connections=connections, skip=used, seconds=options.seconds, made=made,
                )
                lines = made.read_text().splitlines()
                used += len(lines) + connections
                if len(lines) * 2 != result["requests"]:
                    raise Failure(f"W4: {result['requests']} requests, and {len(lines)} articles")
                look(server, [line.split("\t")[1] for line in lines])
                return result

            def bare_once(connections=connections):
                return bare_writes(stage, bare, "create", connections)

            label = f"W4 {stage.name}, create and publish, {connections} at once, vs bare transactions"
            rows.append(compare(label, options.rounds, once, bare_once, GOAL))


def bare_writes(stage, database, work, connections):
    return tool(
        stage.ceilings, "write", database=stage.engine.url(database), template=stage.template, work=work,
        connections=connections, seconds=stage.options.seconds,
    )


def look(server, slugs):
    """Readers see what was written: some of it, and the last."""
    for slug in [*slugs[:: max(1, len(slugs) // 20)], slugs[-1]]:
        status, _, body = server.get(f"/delivery/v1/articles/by-slug/{slug}")
        made = data.article("new", int(slug.split("-")[1]))
        if status != 200 or made["sections"][-1]["heading"].encode() not in body:
            raise Failure(f"W4: {slug} was published and is answered {status}")


def change(stage, rows):
    """W5: another dek, published, 8 at once."""
    options, size = stage.options, stage.options.articles
    published = stage.folder / "published.tsv"
    slugs = [data.article("article", number)["slug"] for number in range(min(800, size))]
    published.write_text("".join(f"{stage.made[slug]}\t{slug}\n" for slug in slugs))
    with stage.scratch(size, "ours") as ours, stage.scratch(size, "bare") as bare, stage.masthead(ours) as server:

        def once():
            result = tool(
                stage.ceilings, "change", address=server.address, login=server.login_file(), input=published,
                connections=8, seconds=options.seconds,
            )
            # The first of each connection was changed for certain.
            for slug in slugs[:8]:
                status, _, body = server.get(f"/delivery/v1/articles/by-slug/{slug}")
                if status != 200 or b'"dek":"Edition ' not in body:
                    raise Failure(f"W5: {slug} was changed and published, and readers do not see it")
            return result

        label = f"W5 {stage.name}, change and publish, 8 at once, vs bare transactions"
        rows.append(compare(label, options.rounds, once, lambda: bare_writes(stage, bare, "change", 8), GOAL))


def mixed(stage, rows):
    """W1 with and without an editor who publishes 20 times a second; then readers who look for stale answers."""
    options, size = stage.options, stage.options.articles
    newest = checks.newest(size)
    # The newest of its tag is on the first page of its list, whatever is published.
    watched = {newest[tag][0]: tag for tag in sorted(newest) if newest[tag]}
    lines = [f"{stage.made[slug]}\t{slug}\t{LIST.format(tag, 20)}\n" for slug, tag in list(watched.items())[:20]]
    file = stage.folder / "watched.tsv"
    file.write_text("".join(lines))
    with stage.scratch(size) as database, stage.masthead(database) as server:
        # Those that are published again get the date of that.
        work = whole_article(size, dated=False)
        work.fetch(server.port)
        target = Target(server.port, work.requests, stage.folder, "mixed")
        rates = []
        alone = measured(work, target, options)
        command = [str(stage.ceilings), "churn", "--address", server.address, "--login", str(server.login_file())]
        command += ["--input", str(file), "--rate", "20", "--seconds", str(options.seconds)]

        def beside():
            editor = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                first = editor.stderr.readline()
                result = alone()
            finally:
                told, said = editor.communicate()
            if editor.returncode != 0:
                raise Failure(f"mixed: {first}{said}")
            told = json.loads(told)
            rates.append(told["published"] / told["seconds"])
            return result

        label = f"mixed {stage.name}: W1 beside 20 publishes a second, vs W1 alone"
        row = compare(label, options.rounds, beside, alone, 0.9)
        row["published_per_second"] = rates
        if min(rates) < 18:
            # Easier than what is asked for proves nothing.
            row["reached"] = False
            stage.notes.append(f"mixed {stage.name}: only {min(rates):.1f} publishes a second came through, not 20")
        rows.append(row)
        answers = options.answers
        say(f"looking for stale answers in {answers:,}")
        result = tool(
            stage.ceilings, "churn", address=server.address, login=server.login_file(), input=file, rate=20,
            readers=8, answers=answers,
        )
        none = {"median": 0, "min": 0, "max": 0}
        rows.append({
            "work": f"mixed {stage.name}: stale ones of {result['answers']:,} answers, {result['published']:,} publishes",
            "ours": none, "target": 0, "at_most": True, "reached": result["answers"] >= answers,
        })
