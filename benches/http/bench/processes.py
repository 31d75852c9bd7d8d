"""Programs that are started here and stopped here, by their own number."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

from .say import Failure, say


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def environment(**more):
    """This process's, without settings of Masthead that happen to be there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASTHEAD_")}
    return kept | more


class Program:
    """One program with a log file."""

    def __init__(self, command, log, env=None):
        self.command, self.log = command, log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env or environment()
            )

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as lines:
            return "".join(lines.readlines()[-15:])

    def wait_for(self, port, path, seconds=60, pause=0.02):
        """Seconds until `path` is answered 200."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            if self.process.poll() is not None:
                raise Failure(f"{self.command[0]} stopped by itself:\n{self.last_words()}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return time.monotonic() - begun
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(pause)
        raise Failure(f"{self.command[0]} was not ready after {seconds} s:\n{self.last_words()}")

    def memory(self, key="VmRSS"):
        """Bytes in memory now (`VmRSS`), or at most so far (`VmHWM`)."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as lines:
            for line in lines:
                if line.startswith(f"{key}:"):
                    return int(line.split()[1]) * 1024
        raise Failure(f"/proc/{self.process.pid}/status has no {key}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


EMAIL, PASSWORD = "editor@example.org", "a password of this run only"


class Masthead(Program):
    """The server under test, with the settings of production; only the cache is asked for or not."""

    # Whether the binary knew the setting; told once.
    cache_can_be_off = True

    def __init__(self, binary, url, folder, cache=True, first="/health/ready", pause=0.02):
        self.port, self.folder = free_port(), folder
        self.address = f"127.0.0.1:{self.port}"
        env = environment(MASTHEAD_DATABASE_URL=url, MASTHEAD_DATA_DIR=str(folder))
        if not cache and Masthead.cache_can_be_off:
            env["MASTHEAD_ANSWER_CACHE_BYTES"] = "0"
        begun = time.monotonic()
        command = [str(binary), "serve", "--listen", self.address]
        super().__init__(command, folder / "masthead.log", env)
        try:
            self.wait_for(self.port, first, pause=pause)
            # Seconds from asking for the program to its first good answer.
            self.started_in = time.monotonic() - begun
        except Failure:
            self.stop()
            if cache or not Masthead.cache_can_be_off or "ANSWER_CACHE_BYTES" not in self.last_words():
                raise
            Masthead.cache_can_be_off = False
            say("this build refuses MASTHEAD_ANSWER_CACHE_BYTES: with and without the cache is the same")
            self.__init__(binary, url, folder, cache)
        if not cache and Masthead.cache_can_be_off:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                if any("ANSWER_CACHE_BYTES" in line for line in log):
                    Masthead.cache_can_be_off = False
                    say("this build does not know MASTHEAD_ANSWER_CACHE_BYTES: with and without the cache is the same")

    def get(self, path, headers=None):
        """Status, headers and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def login_file(self):
        path = self.folder / "login.json"
        path.write_text(json.dumps({"email": EMAIL, "password": PASSWORD}))
        path.chmod(0o600)
        return path

    def call(self, method, path, body=None, etag=None, token=True):
        """One request of the editor: its body and its entity tag."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {self.token()}"
        if etag:
            headers["If-Match"] = etag
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201):
                raise Failure(f"{method} {path} was answered {answer.status}: {text[:600]!r}")
            return json.loads(text), answer.getheader("ETag")
        finally:
            connection.close()

    def token(self):
        """The editor's token; a login writes rows of its own, so it is asked for once in a while and not for each call."""
        since, token = getattr(self, "_token", (0, None))
        if token is None or time.monotonic() - since > 600:
            login = {"email": EMAIL, "password": PASSWORD}
            answer, _ = self.call("POST", "/management/v1/auth/login", login, token=False)
            token = answer["data"]["access_token"]
            self._token = (time.monotonic(), token)
        return token


def create_editor(binary, url, folder):
    """An editor's account, through the command line."""
    env = environment(MASTHEAD_DATABASE_URL=url, MASTHEAD_DATA_DIR=str(folder))
    command = [str(binary), "user", "create", "--email", EMAIL, "--name", "Editor", "--role", "editor", "--password-stdin"]
    done = subprocess.run(command, input=PASSWORD, text=True, env=env, capture_output=True)
    if done.returncode != 0:
        raise Failure(f"the account was not created: {done.stderr}")


def tool(binary, command, **flags):
    """One run of `ceilings`; what it prints is JSON."""
    line = [str(binary), command]
    for name, value in flags.items():
        line += [f"--{name}", str(value)]
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=None if command == "load" else subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"ceilings {command}: {(done.stderr or 'see above').strip()}")
    return json.loads(done.stdout)
