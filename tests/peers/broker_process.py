"""Starts and stops the broker program for tests with clients of other makes.

The environment says what is tested: MQTT_BROKER is the program, MQTT_WORKERS how many workers it is
to have. Run as a program, this starts a broker, runs a command beside it with MQTT_HOST and MQTT_PORT
in its environment, and fails if either of them does:

    broker_process.py [--setting LINE]... [--listener-setting LINE]... [--certificates]
                      -- COMMAND [ARGUMENT]...
"""

import argparse
import collections
import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HOST = "127.0.0.1"
PROGRAM = os.environ.get("MQTT_BROKER", "mqtt-broker")
WORKERS = int(os.environ.get("MQTT_WORKERS", "1"))

# How long anything may take that is bound to happen; only a broken broker makes a test wait so long.
PATIENCE_S = float(os.environ.get("MQTT_PATIENCE_S", "30"))

# Logged when all listeners are open.
RUNNING = re.compile(r"mqtt-broker version \S+ running\.")


def free_port():
    """A port below those that the system gives to outgoing connections, so that none of them takes it."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
                return port
            except OSError:
                continue


def make_certificates(folder):
    """What support/certificates.sh makes, such as ca.pem, server.pem and client.key."""
    script = pathlib.Path(__file__).parents[1] / "support" / "certificates.sh"
    subprocess.run([script, folder], capture_output=True, check=True)


def await_condition(condition, what):
    """Waits until `condition()` is true, for things that nobody announces: files, other processes."""
    give_up = time.monotonic() + PATIENCE_S
    while not (result := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.01)
    return result


class LogLines:
    """What a program writes, line by line, as it arrives."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = []
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def text(self):
        with self._changed:
            return "\n".join(self._lines)

    def mark(self):
        """A place to begin a search at: only what is written from now on."""
        with self._changed:
            return len(self._lines)

    def find(self, pattern, since=0):
        """The first match of `pattern` (a regular expression), or None."""
        with self._changed:
            return self._search(re.compile(pattern), since)

    def _search(self, pattern, since):
        return next((found for line in self._lines[since:] if (found := pattern.search(line))), None)

    def wait_for(self, pattern, since=0):
        """The first match, as soon as there is one; None if the program ends without."""
        pattern = re.compile(pattern)
        with self._changed:
            answered = self._changed.wait_for(
                lambda: self._search(pattern, since) or self._ended, PATIENCE_S)
            found = self._search(pattern, since)
        if not found and not answered:
            raise AssertionError(f"waited in vain for /{pattern.pattern}/ in:\n{self.text()}")
        return found

    def wait_for_line_behind(self, pattern, since=0):
        """Returns when a line follows the first that matches."""
        pattern = re.compile(pattern)
        with self._changed:
            if not self._changed.wait_for(lambda: self._search_line(pattern, since) < len(self._lines) - 1
                                          or self._ended, PATIENCE_S):
                raise AssertionError(f"nothing follows /{pattern.pattern}/")

    def _search_line(self, pattern, since):
        numbers = range(since, len(self._lines))
        return next((number for number in numbers if pattern.search(self._lines[number])), len(self._lines))

    def join(self):
        """Returns when the program has closed its end."""
        self._reader.join(PATIENCE_S)


class Broker:
    """A running broker. Use as a context manager; leaving it ends the broker and checks how it ended.

    `settings` are lines of the configuration that come before its listener, `listener_settings`
    those after it, `arguments` follow on its command line. `prepare` runs in the new process before the
    program (to set its limits). The configuration is in a folder of mode `folder_mode`.
    """

    def __init__(self, settings="", listener_settings="", prepare=None, environment=None, folder_mode=0o700,
                 arguments=()):
        self.folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        self.path = pathlib.Path(self.folder.name)
        self.path.chmod(folder_mode)
        self.config_file = self.path / "broker.conf"
        self._settings = settings
        self._listener_settings = listener_settings
        self._arguments = list(arguments)
        self._prepare = prepare
        self._environment = dict(os.environ, **(environment or {}))
        self._cleanups = contextlib.ExitStack()
        self._start()

    def _start(self):
        for _ in range(5):  # another program may have taken the port since it was found free
            self.port = free_port()
            self.write_config(self._settings)
            self.process = subprocess.Popen(
                [PROGRAM, "-c", str(self.config_file), *self._arguments], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
                preexec_fn=self._prepare, env=self._environment)
            self.log = LogLines(self.process.stderr)
            if self.log.wait_for(RUNNING):
                return
            self.process.wait(PATIENCE_S)
            if not self.log.find("address already in use"):
                break
        raise AssertionError(f"the broker did not start:\n{self.log.text()}")

    def config_text(self, settings):
        return "\n".join([
            *([] if "allow_anonymous" in settings else ["allow_anonymous true"]),
            "user root",  # the files of a test are its own; a later line overrules this one
            "log_dest stderr", "log_type all",
            f"workers {WORKERS}", f"placement {'spread' if WORKERS > 1 else 'fill'}", settings, f"listener {self.port} {HOST}", self._listener_settings, ""])

    def write_config(self, settings):
        self.config_file.write_text(self.config_text(settings))

    def send_signal(self, number):
        self.process.send_signal(number)

    def reload(self, settings):
        """Puts `settings` in place of those before, and returns what the broker logs about it."""
        self.write_config(settings)
        return self.reload_as_written()

    def reload_as_written(self):
        mark = self.log.mark()
        self.send_signal(signal.SIGHUP)
        if self.log.wait_for(r"configuration was (not )?reloaded", mark)[1]:
            self.log.wait_for_line_behind(r"configuration was not reloaded", mark)  # the reason
        return "\n".join(self.log.text().split("\n")[mark:])

    def stop(self, number=signal.SIGTERM):
        """Ends the broker. It has to take the signal as a request, and to leave in order."""
        if self.process.poll() is None:
            self.send_signal(number)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the broker did not end:\n{self.log.text()}") from None
        finally:
            self.log.join()
            self.process.stderr.close()
            self.folder.cleanup()
        if status != 0:
            raise AssertionError(f"the broker ended with {status}:\n{self.log.text()}")

    def wait_for_subscription(self, client_id, topic_filter):
        """Until a SUBSCRIBE of this client to this filter is in force."""
        pattern = rf"{re.escape(client_id)} [0-2] {re.escape(topic_filter)}$"
        if not self.log.wait_for(pattern):
            raise AssertionError("the broker ended")

    def wait_for_disconnect(self, client_id, since=0):
        if not self.log.wait_for(rf"Client {re.escape(client_id)} \[.*disconnected", since):
            raise AssertionError("the broker ended")

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def addCleanup(self, *call):  # named as a test's
        """Calls this before the broker is ended at the end of a `with` block."""
        self._cleanups.callback(*call)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure is not None:
            print(self.log.text(), file=sys.stderr)
        self._cleanups.close()
        self.stop()


class BrokerTestCase(unittest.TestCase):
    """Tests that share one broker, each with topics and client identifiers of its own."""

    settings = ""
    listener_settings = ""

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(cls.settings, cls.listener_settings)
        cls.addClassCleanup(cls.broker.stop)
        cls._numbers = collections.Counter()

    def name(self, part="x"):
        """A name that no other test and no earlier call has: for topics and client identifiers."""
        type(self)._numbers[part] += 1
        return f"{self._testMethodName}-{part}-{type(self)._numbers[part]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--setting", action="append", default=[], metavar="LINE")
    parser.add_argument("--listener-setting", action="append", default=[], metavar="LINE")
    parser.add_argument("--certificates", action="store_true",
                        help="make some, in a folder that stands for @CERTIFICATES@ in listener settings and that "
                             "MQTT_CERTIFICATES names")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as cleanups:
        environment = dict(os.environ, MQTT_HOST=HOST)
        listener_settings = "\n".join(arguments.listener_setting)
        if arguments.certificates:
            folder = cleanups.enter_context(tempfile.TemporaryDirectory(prefix="mqtt-peers-"))
            make_certificates(folder)
            environment["MQTT_CERTIFICATES"] = folder
            listener_settings = listener_settings.replace("@CERTIFICATES@", folder)
        broker = cleanups.enter_context(Broker("\n".join(arguments.setting), listener_settings))
        environment["MQTT_PORT"] = str(broker.port)
        status = subprocess.run(arguments.command, env=environment, check=False).returncode
        if status != 0:
            print(broker.log.text(), file=sys.stderr)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
