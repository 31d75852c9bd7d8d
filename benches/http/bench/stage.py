"""What works stand on: built programs, loaded databases of several sizes, servers on copies of them."""

import contextlib
import json
import pathlib
import shutil
import subprocess

from . import data
from .engines import Postgres, Sqlite
from .processes import Masthead, Program, create_editor, free_port, tool
from .say import Failure, say
from .template import capture

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent


def build(options):
    """The binary under test and what it is held against."""
    binary = options.binary
    if binary is None:
        say("building masthead for release; the first time takes minutes")
        cargo("build", "--release", "--locked", "-p", "masthead-api", "--bin", "masthead", at=ROOT)
        binary = ROOT / "target/release/masthead"
    say("building the ceilings for release")
    features = ["--features", "postgres"] if "postgres" in options.engines else []
    target = ROOT / "target/ceilings"
    cargo("build", "--release", "--locked", *features, "--target-dir", str(target), at=HERE / "ceilings")
    return pathlib.Path(binary).resolve(), target / "release/ceilings"


def cargo(*arguments, at):
    if subprocess.run(["cargo", *arguments], cwd=at).returncode != 0:
        raise Failure(f"cargo {' '.join(arguments)} failed; its words stand above")


class Stage:
    """One engine, and databases on it that are loaded once and copied for whoever writes."""

    def __init__(self, options, engine_name, binary, ceilings, folder):
        self.options, self.binary, self.ceilings = options, binary, ceilings
        self.folder = folder / engine_name
        self.folder.mkdir()
        # Both may be there, when the ceilings of SQLite are the measure and the engine is PostgreSQL.
        self.engine = Sqlite(self.folder) if engine_name == "sqlite" else Postgres(self.folder)
        self.made, self.notes, self.loaded = {}, [], set()

    @property
    def name(self):
        return self.engine.name

    def load(self, sizes, with_template):
        """Loads up to the largest size, and keeps a copy at each of the others."""
        sizes = sorted(set(sizes))
        say(f"{self.name}: loading {sizes[-1]:,} articles and {data.DRAFTS} drafts through the API")
        articles = self.folder / "articles.tsv"
        data.write_articles(articles, sizes[-1])
        name, done = "loading", 0
        self.engine.create(name)
        create_editor(self.binary, self.engine.url(name), self.folder)
        stops = sorted({200, *sizes})
        for size in stops:
            with self.masthead(name) as server:
                if done == 0:
                    for tag in data.tags():
                        server.call("POST", "/management/v1/tags", tag)
                    for author in data.authors():
                        server.call("POST", "/management/v1/authors", author)
                skip, count = (done + data.DRAFTS if done else 0), size - done + (0 if done else data.DRAFTS)
                made = self.folder / "made.tsv"
                result = tool(
                    self.ceilings, "load", address=server.address, login=server.login_file(), input=articles,
                    connections=4, skip=skip, count=count, made=made,
                )
                say(f"{self.name}: {size:,} articles are there; {result['rps']:,.0f} writes a second")
                self.made |= dict(reversed(line.split("\t")) for line in made.read_text().splitlines())
            if size in sizes:
                self.engine.copy(name, f"articles-{size}")
                self.loaded.add(size)
            if size == stops[0] and with_template:
                # After the copy, so that the small one stays as it is, and now, while there are few rows to compare.
                with self.masthead(name) as server:
                    self.notes += capture(server, self.ceilings, self.engine, self.engine.url(name), self.template)
            done = size
        self.engine.drop(name)

    @property
    def template(self):
        return self.folder / "template.json"

    def masthead(self, database, cache=True, **more):
        folder = self.folder / "data"
        folder.mkdir(exist_ok=True)
        return Masthead(self.binary, self.engine.url(database), folder, cache, **more)

    @contextlib.contextmanager
    def scratch(self, size, name="scratch"):
        """A copy to write in."""
        self.engine.copy(f"articles-{size}", name)
        try:
            yield name
        finally:
            self.engine.drop(name)

    def serve_ceilings(self, answers):
        """`answers` are triples of kind, key and body."""
        bodies = self.folder / "bodies.ndjson"
        with open(bodies, "w", encoding="utf-8") as out:
            for kind, key, body in answers:
                out.write(json.dumps({"kind": kind, "key": key, "body": body.decode()}) + "\n")
        port = free_port()
        file = self.folder / "ceilings.db"
        command = [str(self.ceilings), "serve", "--port", str(port), "--bodies", str(bodies), "--file", str(file)]
        if self.name == "postgres":
            self.engine.drop("ceilings")
            self.engine.create("ceilings")
            command += ["--postgres", self.engine.url("ceilings")]
        program = Program(command, self.folder / "ceilings.log")
        program.port = port
        program.wait_for(port, f"/mem/{answers[0][0]}")
        return program

    def stop(self):
        self.engine.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
