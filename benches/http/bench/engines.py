"""Where the data is: a SQLite file, or a PostgreSQL cluster made for this run, as safe as in production."""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from .processes import free_port
from .say import Failure, say


class Sqlite:
    name = "sqlite"

    def __init__(self, folder):
        self.folder = folder / "sqlite"
        self.folder.mkdir()

    def url(self, name):
        return f"sqlite://{self.folder / name}.db"

    def create(self, name):
        """Masthead makes the file."""

    def copy(self, source, target):
        """While nobody has it open; what is still in the log beside it goes with it."""
        for end in ("", "-wal"):
            path = self.folder / f"{source}.db{end}"
            if path.exists():
                shutil.copyfile(path, self.folder / f"{target}.db{end}")

    def drop(self, name):
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def stop(self):
        pass


class Postgres:
    """A cluster with the server's own defaults: fsync, full page writes and synchronous commits are on."""

    name = "postgres"

    def __init__(self, folder):
        self.bin = find_postgres()
        # PostgreSQL does not run as root; then it runs as the system's user for it, who has to get to its folder.
        self.user = "postgres" if os.getuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="masthead-bench-pg.", dir="/tmp" if self.user else folder))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = free_port()
        self.cluster = self.folder / "cluster"
        self.started = False
        say(f"a PostgreSQL cluster of our own, with {self.bin}")
        self.run(
            "initdb", "--pgdata", self.cluster, "--username=masthead", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-instructions",
        )
        settings = f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.folder}'\n"
        settings += "timezone = 'UTC'\n"
        write = self.cluster / "postgresql.auto.conf"
        write.write_text(settings)
        self.run("pg_ctl", "start", "--pgdata", self.cluster, "--log", self.cluster / "server.log", "--wait", "--silent")
        self.started = True
        if self.sql("show fsync").strip() != "on" or self.sql("show synchronous_commit").strip() != "on":
            raise Failure("this PostgreSQL does not wait for its disk; what it writes cannot be compared")

    def run(self, program, *arguments):
        command = [os.path.join(self.bin, program), *map(str, arguments)]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL) \
            if program != "pg_ctl" else subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failure(f"{program} failed: {done.stdout or ''}")
        return done.stdout

    def sql(self, text, database="postgres"):
        url = self.url(database)
        return self.run("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--dbname", url, "--command", text)

    def url(self, name):
        return f"postgres://masthead@127.0.0.1:{self.port}/{name}"

    def create(self, name):
        self.sql(f'create database "{name}"')

    def copy(self, source, target):
        self.sql(f'create database "{target}" template "{source}"')

    def drop(self, name):
        self.sql(f'drop database if exists "{name}" with (force)')

    def stop(self):
        if self.started:
            self.run("pg_ctl", "stop", "--pgdata", self.cluster, "--mode=fast", "--wait", "--silent")
        shutil.rmtree(self.folder, ignore_errors=True)


def find_postgres():
    """The newest folder that holds the server's programs."""
    patterns = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"]
    folders = [folder for pattern in patterns for folder in glob.glob(pattern)]
    folders.sort(key=lambda folder: [int(number) for number in re.findall(r"\d+", folder)])
    found = shutil.which("initdb")
    if found:
        folders.insert(0, os.path.dirname(os.path.realpath(found)))
    needed = ("initdb", "pg_ctl", "postgres", "psql")
    whole = [folder for folder in folders if all(os.access(os.path.join(folder, one), os.X_OK) for one in needed)]
    if not whole:
        raise Failure("PostgreSQL's programs (initdb, pg_ctl, postgres, psql) are not here; install its server, or use --engine sqlite")
    return whole[-1]
