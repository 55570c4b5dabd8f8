"""The broker as a program: signals, files, command line, and what it does where the system sets limits."""

import contextlib
import json
import os
import pathlib
import pwd
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from broker_process import (HOST, PATIENCE_S, PROGRAM, RUNNING, WORKERS, Broker, LogLines, await_condition,
                            free_port)
from raw_client import CONNECT_311, CONNECT_5, PINGREQ, PINGRESP, RawClient

def connect_with_will(topic, payload):
    """A CONNECT of 3.1.1 with a Will."""
    body = b"\x00\x04MQTT\x04\x06\x00\x00\x00\x00"
    for text in (topic, payload):
        body += len(text).to_bytes(2, "big") + text
    return bytes([0x10, len(body)]) + body


def subscribe(topic_filter):
    body = b"\x00\x01" + len(topic_filter).to_bytes(2, "big") + topic_filter + b"\x00"
    return bytes([0x82, len(body)]) + body


def run(*arguments, environment=None):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False, env=environment)


class Signals(unittest.TestCase):
    def test_sigterm_and_sigint_tell_the_clients_and_publish_wills(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                broker = Broker()
                v5, v311 = RawClient(self, broker.port, CONNECT_5), RawClient(self, broker.port)
                RawClient(self, broker.port, connect_with_will(b"will", b"gone"))
                for client in (v5, v311):
                    client.socket.sendall(subscribe(b"will") if client is v311 else
                                          b"\x82\x0a\x00\x01\x00\x00\x04will\x00")
                    client.packet()
                broker.stop(number)  # requires exit status 0
                self.assertEqual(v5.packet(), b"\x30\x0b\x00\x04will\x00gone")
                self.assertEqual(v5.packet(), b"\xe0\x01\x8b")
                self.assertTrue(v5.is_closed())
                self.assertEqual(v311.packet(), b"\x30\x0a\x00\x04willgone")
                self.assertTrue(v311.is_closed())

    def test_it_ends_with_clients_that_do_not_read(self):
        with Broker() as broker:
            silent = RawClient(self, broker.port)  # stays when the broker is told to end
            silent.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.socket.sendall(subscribe(b"flood"))
            silent.packet()
            publisher = RawClient(broker, broker.port)
            payload = b"x" * 100000
            size = len(payload) + 7
            packet = b"\x30" + bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + b"\x00\x05flood" + payload
            for _ in range(100):
                publisher.socket.sendall(packet)
            self.assertEqual(publisher.ask(PINGREQ), PINGRESP)

    def test_sighup_takes_over_what_changed(self):
        with Broker("max_packet_size 1000\nallow_anonymous true") as broker:
            client = RawClient(broker, broker.port)
            log = broker.reload("max_packet_size 1000\nallow_anonymous false")
            self.assertRegex(log, "Reload: .*allow_anonymous")
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x05")
            self.assertTrue(client.is_closed())  # it would not be let in any more
            broker.reload("max_packet_size 1000\nallow_anonymous true")
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")

    def test_sighup_with_a_broken_file_changes_nothing(self):
        with Broker() as broker:
            client = RawClient(broker, broker.port)
            broker.reload("allow_anonymous false\nmax_inflight_mesages 3\nsys_interval x")
            self.assertTrue(broker.log.wait_for(r"broker\.conf:\d+: .*max_inflight_messages"))
            self.assertTrue(broker.log.wait_for(r"broker\.conf:\d+: .*sys_interval"))
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")
            self.assertEqual(client.ask(PINGREQ), PINGRESP)
            broker.config_file.unlink()
            self.assertIn("not reloaded", broker.reload_as_written())
            self.assertEqual(client.ask(PINGREQ), PINGRESP)
            self.assertIn("was reloaded", broker.reload(""))

    def test_sighup_says_what_changed_and_what_waits(self):
        with Broker("max_keepalive 100") as broker:
            log = broker.reload("max_keepalive 200\npid_file /nowhere/else")
            self.assertIn("Reload: max_keepalive: 100 -> 200 (new connections).", log)
            self.assertIn("Reload: pid_file: unset -> /nowhere/else (restart).", log)
            self.assertIn("was reloaded: 2 settings have changed, 1 of which waits for a restart.", log)
            log = broker.reload("max_keepalive 200")
            self.assertNotIn("Reload: ", log)
            self.assertIn("was reloaded: no setting has changed.", log)

    def test_sighup_opens_and_closes_listeners(self):
        with Broker() as broker:
            there = RawClient(broker, broker.port, CONNECT_5)
            port = free_port()
            log = broker.reload(f"listener {port} {HOST}")
            self.assertIn(f"Reload: listener: none -> {port} {HOST} (applied).", log)
            fresh, old = RawClient(broker, port, CONNECT_5), RawClient(broker, port)
            log = broker.reload("")
            self.assertIn(f"Reload: listener: {port} {HOST} -> none (applied).", log)
            self.assertIn(f"No longer listening on {HOST} port {port}.", log)
            self.assertEqual(fresh.packet(), b"\xe0\x01\x98")
            self.assertTrue(fresh.is_closed())
            self.assertTrue(old.is_closed())
            self.assertFalse(can_connect(port))
            self.assertEqual(there.ask(PINGREQ), PINGRESP)

    def test_sighup_with_a_port_that_is_taken_changes_nothing(self):
        with Broker() as broker, socket.socket() as other:
            other.bind((HOST, 0))
            other.listen()
            taken = other.getsockname()[1]
            there = RawClient(broker, broker.port)
            log = broker.reload(f"listener {taken} {HOST}\nmax_keepalive 5")
            self.assertRegex(log, f"{HOST} port {taken}: address already in use")
            self.assertIn("was not reloaded", log)
            self.assertNotIn("Reload: ", log)
            self.assertEqual(there.ask(PINGREQ), PINGRESP)
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")

    def test_sighup_narrows_and_widens_the_addresses_of_a_port(self):
        """The same port on all addresses, and on one: both cannot be had at once without more ado."""
        with Broker() as broker:
            text = broker.config_file.read_text()
            for _ in range(2):
                for host in ("", HOST):
                    there = RawClient(broker, broker.port)
                    broker.config_file.write_text(text.replace(f"{broker.port} {HOST}", f"{broker.port} {host}"))
                    self.assertIn("was reloaded", broker.reload_as_written())
                    self.assertTrue(there.is_closed())
                    self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")

    def test_many_sighups_among_clients(self):
        with Broker() as broker:
            clients = [RawClient(broker, broker.port) for _ in range(20)]
            for i in range(20):
                broker.reload(f"sys_interval {i}")
                for client in clients:
                    self.assertEqual(client.ask(PINGREQ), PINGRESP)

    def test_sigrtmin_opens_the_log_file_again(self):
        with tempfile.TemporaryDirectory() as folder:
            log_file, rotated = pathlib.Path(folder, "broker.log"), pathlib.Path(folder, "broker.log.1")
            with Broker(f"log_dest file {log_file}\nlog_dest stderr") as broker:
                RawClient(broker, broker.port)
                self.assertRegex(log_file.read_text(), "running")
                self.assertEqual(log_file.stat().st_mode & 0o777, 0o600)
                log_file.rename(rotated)
                broker.send_signal(signal.SIGRTMIN)
                await_condition(log_file.exists, "a new log file")
                RawClient(broker, broker.port)
                await_condition(lambda: "New client connected" in log_file.read_text(), "a new line")
            self.assertNotIn("terminating", rotated.read_text())
            self.assertIn("terminating", log_file.read_text())

    def test_signals_that_mean_something_elsewhere_do_not_end_it(self):
        with Broker() as broker:
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
                broker.send_signal(number)
            broker.reload("")  # comes after them
            self.assertEqual(RawClient(broker, broker.port).ask(PINGREQ), PINGRESP)


    def test_sigusr1_says_that_there_is_nothing_to_save(self):
        with Broker() as broker:
            mark = broker.log.mark()
            broker.send_signal(signal.SIGUSR1)
            self.assertTrue(broker.log.wait_for("persistence is not supported yet", mark))


class Subscriptions(unittest.TestCase):
    """SIGUSR2 prints who has subscribed to what."""

    def start(self, stdout):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        self.addCleanup(folder.cleanup)
        port = free_port()
        file = pathlib.Path(folder.name, "broker.conf")
        file.write_text(f"user root\nallow_anonymous true\nworkers {WORKERS}\nplacement spread\nlog_type all\n"
                        f"listener {port} {HOST}\n")
        process = subprocess.Popen([PROGRAM, "-c", str(file)], stdin=subprocess.DEVNULL, stdout=stdout,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        log = LogLines(process.stderr)
        self.addCleanup(log.join)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertTrue(log.wait_for(RUNNING), log.text())
        return process, port, log

    def subscriber(self, port, client_id, *filters):
        client = RawClient(self, port, b"\x10" + bytes([12 + len(client_id)]) + b"\x00\x04MQTT\x04\x02\x00\x00" +
                           len(client_id).to_bytes(2, "big") + client_id)
        for topic_filter in filters:
            client.socket.sendall(subscribe(topic_filter))
            client.packet()
        return client

    def test_the_trees_are_printed_to_standard_output(self):
        with tempfile.TemporaryFile("w+") as output:
            process, port, log = self.start(output)
            self.subscriber(port, b"two", b"a/b", b"a/#", b"$SYS/broker/uptime")
            self.subscriber(port, b"one", b"a/b", b"$share/group/a/b")
            process.send_signal(signal.SIGUSR2)
            self.assertTrue(log.wait_for("5 subscriptions were printed"))
            output.seek(0)
            self.assertEqual(output.read().split("\n"), [
                "    $SYS", "      broker", "        uptime (two, 0)", "    a", "      # (two, 0)",
                "      b (one, 0) (two, 0)", "    $share", "      group", "        a", "          b (one, 0)", ""])
            process.terminate()
            self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_a_pipe_that_nobody_reads_holds_nobody_up(self):
        process, port, log = self.start(subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        client = self.subscriber(port, b"many")
        for number in range(1000):  # more than a pipe holds
            client.socket.sendall(subscribe(b"%04d" % number + b"x" * 80 + b"/y"))
            client.packet()
        process.send_signal(signal.SIGUSR2)
        process.send_signal(signal.SIGUSR1)
        self.assertTrue(log.wait_for("persistence is not"))  # the next signal is heard
        process.send_signal(signal.SIGUSR2)
        self.assertTrue(log.wait_for("being printed already"))
        self.assertEqual(client.ask(PINGREQ), PINGRESP)
        with self.subTest("and when it is read the rest comes"):
            lines = [process.stdout.readline() for _ in range(2000)]
            self.assertEqual(lines[-1], "      y (many, 0)\n")
            self.assertTrue(log.wait_for("1000 subscriptions were printed"))
        with self.subTest("and an end does not wait for it"):
            process.send_signal(signal.SIGUSR2)
            process.terminate()
            self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_a_pipe_that_is_closed_ends_nothing(self):
        process, port, log = self.start(subprocess.PIPE)
        client = self.subscriber(port, b"one", b"a")
        process.stdout.close()
        process.send_signal(signal.SIGUSR2)
        self.assertTrue(log.wait_for("cannot be printed to standard output"))
        self.assertEqual(client.ask(PINGREQ), PINGRESP)

    def test_many_subscriptions_of_many_clients(self):
        with tempfile.TemporaryFile("w+") as output:
            process, port, log = self.start(output)
            for number in range(300):
                client = self.subscriber(port, b"c%04d" % number)
                client.socket.sendall(b"\x82\x11\x00\x01\x00\x03a/b\x00\x00\x06x/%04d\x00" % number)
                client.packet()
            process.send_signal(signal.SIGUSR2)
            self.assertTrue(log.wait_for("600 subscriptions were printed"))
            output.seek(0)
            text = output.read()
            self.assertEqual(text.count("(c"), 600)
            self.assertEqual(len(text.splitlines()), 303)


class LogForms(unittest.TestCase):
    """log_format json and log_dest topic, as whoever reads them sees them."""

    def test_every_destination_gets_the_same_json(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "log")
            with Broker(f"log_dest topic\nlog_dest file {file}\nlog_format json\nconnection_messages true") as broker:
                reader = RawClient(broker, broker.port)
                reader.socket.sendall(subscribe(b"$SYS/broker/log/M/subscribe"))
                reader.packet()
                other = RawClient(broker, broker.port)
                other.socket.sendall(subscribe(b'a/"b\\'))
                other.packet()
                while True:
                    message = reader.packet()
                    line = message[message.index(b"{"):].decode()
                    if '"b' in line:
                        break
                self.assertEqual(json.loads(line)["type"], "subscribe")
                self.assertTrue(json.loads(line)["text"].endswith(' 0 a/"b\\'))
                self.assertTrue(broker.log.wait_for(re.escape(line)))
                self.assertIn(line, file.read_text().splitlines())
            for written in file.read_text().splitlines() + broker.log.text().splitlines():
                members = list(json.loads(written))
                self.assertEqual(members[:3], ["time", "level", "type"])
                self.assertEqual(members[-1], "text")
                self.assertLessEqual(set(members[3:-1]), {"client", "user", "address", "port", "reason"})

    def test_topics_come_and_go_with_a_reload(self):
        with Broker() as broker:
            reader = RawClient(broker, broker.port)
            reader.socket.sendall(subscribe(b"$SYS/broker/log/N"))
            reader.packet()
            RawClient(broker, broker.port)
            self.assertEqual(reader.ask(PINGREQ), PINGRESP)
            broker.reload("log_dest topic")
            RawClient(broker, broker.port)
            self.assertIn(b"$SYS/broker/log/N", reader.packet())


class ServiceManager(unittest.TestCase):
    """The broker as a service of systemd, which is played by a socket."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE_S)

    def heard(self):
        return self.socket.recv(1000).decode()

    def test_it_hears_of_start_reload_and_stop(self):
        with Broker(environment={"NOTIFY_SOCKET": self.path}) as broker:
            self.assertEqual(self.heard(), "READY=1")
            self.assertTrue(can_connect(broker.port))
            broker.reload("sys_interval 1")
            self.assertRegex(self.heard(), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
            self.assertEqual(self.heard(), "READY=1")
        self.assertEqual(self.heard(), "STOPPING=1")

    def test_its_watchdog_is_kept_quiet(self):
        with Broker(environment={"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": "100000"}) as broker:
            self.assertEqual(self.heard(), "READY=1")
            for _ in range(3):
                self.assertEqual(self.heard(), "WATCHDOG=1")
            self.assertTrue(can_connect(broker.port))

    def test_a_start_that_fails_is_not_told_as_one_that_succeeds(self):
        with socket.socket() as taken:
            taken.bind((HOST, 0))
            taken.listen()
            with configuration(f"listener {taken.getsockname()[1]} {HOST}") as file:
                done = run("-c", file, environment=dict(os.environ, NOTIFY_SOCKET=self.path))
        self.assertEqual(done.returncode, 1)
        self.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.heard()


class Files(unittest.TestCase):
    def test_the_pid_file_is_there_while_it_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "broker.pid")
            with Broker(f"pid_file {pid_file}") as broker:
                self.assertEqual(int(pid_file.read_text()), broker.process.pid)
            self.assertFalse(pid_file.exists())

    def test_a_pid_file_that_cannot_be_written_ends_it_with_14(self):
        with configuration("user root", "pid_file /nowhere/broker.pid", f"listener {free_port()} {HOST}") as file:
            done = run("-c", file)
        self.assertEqual(done.returncode, 14)
        self.assertIn("/nowhere/broker.pid", done.stderr)

    def test_it_runs_in_the_background(self):
        with tempfile.TemporaryDirectory() as folder:
            pid_file, log_file, port = pathlib.Path(folder, "pid"), pathlib.Path(folder, "log"), free_port()
            with configuration("user root", f"listener {port} {HOST}", "allow_anonymous true", f"workers {WORKERS}",
                               f"pid_file {pid_file}", f"log_dest file {log_file}") as file:
                self.assertEqual(run("-d", "-c", file).returncode, 0)
                pid = int(await_condition(lambda: pid_file.exists() and pid_file.read_text(), "a pid file"))
                self.addCleanup(lambda: is_running(pid) and os.kill(pid, signal.SIGKILL))
                await_condition(lambda: log_file.exists() and "running" in log_file.read_text(), "its start")
                self.assertEqual(os.getsid(pid), pid)
                client = RawClient(self, port)
                self.assertEqual(client.connack, b"\x20\x02\x00\x00")
                client.socket.close()
                for stream in (0, 1, 2):
                    self.assertEqual(os.readlink(f"/proc/{pid}/fd/{stream}"), "/dev/null")
                os.kill(pid, signal.SIGTERM)
                await_condition(lambda: not is_running(pid), "its end")
                self.assertFalse(pid_file.exists())
                self.assertIn("terminating", log_file.read_text())


def is_running(pid):
    """Whether this process is alive; one that nobody has reaped yet is not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def configuration(*lines):
    """The path of a configuration file with these lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        yield file.name


@unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
class User(unittest.TestCase):
    """Whom the broker becomes when root starts it."""

    def setUp(self):
        self.nobody = pwd.getpwnam("nobody")

    def identity(self, broker):
        """The real user's and group's numbers, and those of all groups."""
        status = pathlib.Path(f"/proc/{broker.process.pid}/status").read_text()
        def numbers(key):
            return [int(number) for number in re.search(rf"^{key}:(.*)$", status, re.M)[1].split()]
        uids, gids = numbers("Uid"), numbers("Gid")
        self.assertEqual(len(set(uids)), 1)  # no way back
        self.assertEqual(len(set(gids)), 1)
        return uids[0], gids[0], numbers("Groups")

    def test_it_becomes_the_user_and_can_reload(self):
        with Broker("user nobody", folder_mode=0o755) as broker:
            uid, gid, groups = self.identity(broker)
            self.assertEqual((uid, gid), (self.nobody.pw_uid, self.nobody.pw_gid))
            self.assertNotIn(0, groups)
            broker.log.wait_for("Running as user nobody")
            self.assertIsNone(broker.log.find("cannot be reloaded"))
            self.assertIn("was reloaded", broker.reload("user nobody\nsys_interval 3"))
            self.assertRegex(broker.reload("user root"), r"user: nobody -> root \(restart\)")

    def test_a_configuration_that_it_cannot_read_again_is_told_at_once(self):
        with Broker("user nobody", folder_mode=0o700) as broker:
            broker.log.wait_for("cannot be reloaded by user nobody: .*Permission denied")
            self.assertIn("not reloaded", broker.reload_as_written())
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")

    def test_files_are_opened_as_that_user(self):
        with tempfile.NamedTemporaryFile() as passwords:  # mode 0600
            for user, status in ("nobody", 13), ("nobody-of-that-name", 3):
                with configuration(f"user {user}", f"listener {free_port()} {HOST}",
                                   f"password_file {passwords.name}") as file:
                    self.assertEqual(run("-c", file).returncode, status)

    def test_test_config_reads_files_as_that_user_and_says_what_helps(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder).chmod(0o755)
            names = {key: pathlib.Path(folder, key) for key in ("password_file", "acl_file", "certfile", "keyfile")}
            for path in names.values():
                path.write_text("")
                path.chmod(0o600)
            with configuration("user nobody", f"listener {free_port()} {HOST}",
                               *(f"{key} {path}" for key, path in names.items())) as file:
                done = run("--test-config", "-c", file)
        self.assertEqual(done.returncode, 13)
        for number, key in enumerate(names, 3):
            self.assertIn(f'{file}:{number}: {key} {names[key]}: Permission denied: {names[key]} (owner root:root, mode '
                          f'0600), and user nobody may not read it ("chown nobody {names[key]}" allows it)', done.stderr)

    def test_test_config_names_a_user_who_does_not_exist(self):
        with configuration("sys_interval 1", "user nobody-of-that-name", f"listener {free_port()} {HOST}") as file:
            done = run("--test-config", "-c", file)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{file}:2: user: there is no user nobody-of-that-name", done.stderr)

    def test_numbers_of_the_environment_go_before_it(self):
        with Broker("user nobody-of-that-name", environment={"PUID": "4711", "PGID": "4712"}) as broker:
            self.assertEqual(self.identity(broker)[:2], (4711, 4712))
        with configuration(f"listener {free_port()} {HOST}") as file:
            done = run("-c", file, environment=dict(os.environ, PUID="me"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("PUID", done.stderr)

    def test_root_stays_root_if_it_has_to(self):
        with Broker("user root") as broker:
            self.assertEqual(self.identity(broker)[0], 0)
            self.assertTrue(broker.log.find("runs as root"))
        with Broker("user nobody", environment={"SNAP_NAME": "mosquitto"}) as broker:
            self.assertEqual(self.identity(broker)[0], 0)


class Umask(unittest.TestCase):
    def test_the_environment_says_which_rights_new_files_lack(self):
        with tempfile.TemporaryDirectory() as folder:
            pid_file = pathlib.Path(folder, "pid")
            with Broker(f"pid_file {pid_file}", environment={"UMASK_SET": "077"}):
                self.assertEqual(pid_file.stat().st_mode & 0o777, 0o600)
        with configuration("user root", f"listener {free_port()} {HOST}") as file:
            self.assertEqual(run("-c", file, environment=dict(os.environ, UMASK_SET="8")).returncode, 3)


class CommandLine(unittest.TestCase):
    def test_test_config_of_a_good_file(self):
        with configuration("user root", f"listener {free_port()} {HOST}") as file:
            done = run("--test-config", "-c", file)
        self.assertEqual((done.returncode, done.stdout), (0, "The configuration is valid.\n"))
        self.assertRegex(done.stderr, r"\A(Warning: .*user.*\n)?\Z")  # who it runs as

    def test_a_start_that_the_configuration_stops_says_what_test_config_does(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "acl").write_text("topic reed a\n")
            for lines in (["max_qos 7", f"acl_file {folder}/acl"], ["user nobody-of-that-name", "max_qos 7"]):
                with self.subTest(lines), configuration(f"listener {free_port()} {HOST}", *lines) as file:
                    checked, started = run("--test-config", "-c", file), run("-c", file)
                    self.assertEqual((checked.returncode, checked.stderr), (started.returncode, started.stderr))
                    self.assertEqual(checked.returncode, 3)
                    self.assertRegex(checked.stderr, f"{file}:[23]: max_qos")

    def test_test_config_next_to_the_running_broker(self):
        with Broker("user root") as broker:
            done = run("--test-config", "-c", str(broker.config_file))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"(?m)^Warning: .*:\d+: listener .*address already in use")
            self.assertEqual(RawClient(self, broker.port).connack, b"\x20\x02\x00\x00")

    def test_test_config_reports_every_error(self):
        with configuration("listner 1883", "max_qos 3", "http_dir x") as file:
            done = run("--test-config", "-c", file)
        self.assertEqual(done.returncode, 3)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("Warning")]
        self.assertEqual([line.split(":")[1] for line in lines], ["1", "2", "3"])
        self.assertIn("listener", lines[0])
        self.assertIn("not supported yet", lines[2])

    def test_a_broken_file_ends_the_start(self):
        with configuration("workers many") as file:
            self.assertEqual(run("-c", file).returncode, 3)

    def test_files_that_are_not_there(self):
        self.assertEqual(run("-c", "/nowhere/broker.conf").returncode, 3)
        self.assertEqual(run("--test-config", "-c", "/nowhere/broker.conf").returncode, 3)
        self.assertEqual(run("--test-config").returncode, 3)

    def test_unknown_options_and_wrong_values(self):
        for arguments in (["--prot", "1"], ["-p", "70000"], ["-p", "0"], ["-p", "x"], ["-p"], ["stray"], ["-c"],
                          ["-dv"], ["-vq"], ["-x"], ["--verbose=1", "x"], ["-p", "1"] * 11):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stdout), (3, ""))
                self.assertIn("--help", done.stderr)
        self.assertIn("--port", run("--prot", "1").stderr)

    def test_what_the_exit_status_says(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            def file(name, text):
                path = pathlib.Path(folder, name)
                path.write_text(text)
                return path
            broken, good = file("broken", "bob\nbob:$9$x\n"), file("good", "")
            link = pathlib.Path(folder, "link")
            link.symlink_to(good)
            for lines, status in (
                    (["max_qos 7"], 3),
                    ([f"password_file {broken}"], 3),
                    ([f"acl_file {broken}"], 3),
                    ([f"password_file {folder}/absent"], 13),
                    ([f"acl_file {folder}/absent"], 13),
                    ([f"psk_file {folder}/absent"], 13),
                    ([f"password_file {link}"], 13),
                    ([f"pid_file {folder}/absent/pid"], 14),
                    ([f"include_dir {folder}/absent"], 3),
                    ([f"listener {port} no-such-host.invalid"], 1),
                    ([f"listener {port} {HOST}", f"certfile {folder}/absent", f"keyfile {folder}/absent"], 1)):
                with self.subTest(lines), configuration("user root", *lines, f"listener {port} {HOST}") as config:
                    done = run("-c", config)
                    self.assertEqual(done.returncode, status, done.stderr)
                    self.assertNotEqual(done.stderr, "")

    def test_files_are_read_in_their_order_as_one(self):
        port = free_port()
        with configuration("user root", "sys_interval 3", f"listener {port} {HOST}") as first, \
                configuration("sys_interval 4", "max_topic_alias 1") as second:
            done = run("-c", first, "--config-file", second, "--test-config")
            self.assertEqual(done.returncode, 3)  # a file begins without a listener
            self.assertIn("max_topic_alias", done.stderr)

    def test_help_and_version(self):
        for option in ("--help", "-h"):
            done = run(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("--config-file", done.stdout)
        done = run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^mqtt-broker \d+\.\d+\.\d+\n$")

    def test_a_port_in_use_ends_it_with_1(self):
        with socket.socket() as other:
            other.bind((HOST, 0))
            other.listen()
            port = other.getsockname()[1]
            with configuration(f"listener {port} {HOST}") as file:
                done = run("-c", file)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, f"{port}.*address already in use")

    def test_one_listener_of_two_that_cannot_open_ends_it(self):
        with socket.socket() as other:
            other.bind((HOST, 0))
            other.listen()
            port = other.getsockname()[1]
            with configuration(f"listener {free_port()} {HOST}", f"listener {port} {HOST}") as file:
                self.assertEqual(run("-c", file).returncode, 1)

    def test_ports_of_local_only_mode(self):
        ports = [free_port(), free_port()]
        process = subprocess.Popen([PROGRAM, "-p", str(ports[0]), "-p", str(ports[1]), "-v"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        for line in process.stderr:
            if "running" in line:
                break
        for port in ports:
            client = RawClient(self, port)
            self.assertEqual(client.connack, b"\x20\x02\x00\x00")
            client.socket.close()
        process.terminate()
        process.stderr.read()
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_quiet_says_nothing(self):
        with configuration(f"listener {free_port()} {HOST}") as file:
            process = subprocess.Popen([PROGRAM, "-q", "-c", file], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.addCleanup(process.kill)
            port = int(pathlib.Path(file).read_text().split()[1])
            await_condition(lambda: can_connect(port), "the listener")
            process.terminate()
            self.assertEqual(process.communicate(timeout=PATIENCE_S)[0], b"")
            self.assertEqual(process.returncode, 0)


def can_connect(port):
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def is_served(broker):
    """Whether one more client is let in."""
    client = RawClient(broker, broker.port, greeting=None)
    with contextlib.suppress(ConnectionError):
        client.socket.sendall(CONNECT_311)
        return client.packet() == b"\x20\x02\x00\x00"
    return False


class Limits(unittest.TestCase):
    def test_max_connections(self):
        with Broker(listener_settings="max_connections 3") as broker:
            clients = [RawClient(broker, broker.port) for _ in range(3)]
            for _ in range(5):
                self.assertTrue(RawClient(broker, broker.port, greeting=None).is_closed())
            clients.pop().socket.close()
            await_condition(lambda: is_served(broker), "the place that became free")
            for client in clients:
                self.assertEqual(client.ask(PINGREQ), PINGRESP)

    def test_global_max_connections(self):
        with Broker("global_max_connections 2") as broker:
            clients = [RawClient(broker, broker.port) for _ in range(2)]
            self.assertTrue(RawClient(broker, broker.port, greeting=None).is_closed())
            for client in clients:
                self.assertEqual(client.ask(PINGREQ), PINGRESP)

    @unittest.skipIf("undefined" in os.environ.get("MQTT_SANITIZE", ""),
                     "this sanitizer opens pipes to look at memory, and takes their absence for an error")
    def test_it_outlives_the_end_of_descriptors(self):
        """Those who are in are served, those who are too many turned away; later ones get in again."""
        limit = 64 + 8 * WORKERS

        def prepare():
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        with Broker(prepare=prepare) as broker:
            first = RawClient(broker, broker.port)
            crowd = [RawClient(broker, broker.port, greeting=None) for _ in range(limit + 50)]
            broker.log.wait_for("socket count has been exceeded")
            self.assertTrue(crowd[-1].is_closed())
            self.assertEqual(first.ask(PINGREQ), PINGRESP)
            for client in crowd:
                client.socket.close()
            await_condition(lambda: is_served(broker), "a place for a new client")
            self.assertEqual(first.ask(PINGREQ), PINGRESP)

    @unittest.skipIf("undefined" in os.environ.get("MQTT_SANITIZE", ""), "see above")
    def test_the_end_of_descriptors_costs_neither_the_log_nor_the_processor(self):
        limit = 64 + 8 * WORKERS

        def prepare():
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        def busy_s():
            fields = pathlib.Path(f"/proc/{broker.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        with Broker(prepare=prepare) as broker:
            self.assertTrue(broker.log.find(f"Up to {limit} open descriptors"))
            crowd = [RawClient(broker, broker.port, greeting=None) for _ in range(limit)]
            broker.log.wait_for("socket count has been exceeded")
            before = busy_s()
            for _ in range(200):  # each a shortage of its own
                self.assertTrue(RawClient(broker, broker.port, greeting=None).is_closed())
            self.assertLess(broker.log.text().count("socket count has been exceeded"), 4)
            # While the places are taken and nobody comes, nothing is to be done.
            watched = crowd[0]
            watched.socket.sendall(CONNECT_311)
            self.assertEqual(watched.packet(), b"\x20\x02\x00\x00")
            calm = busy_s()
            for _ in range(20):
                self.assertEqual(watched.ask(PINGREQ), PINGRESP)
                time.sleep(0.02)  # time to spin in, if it does
            self.assertLess(busy_s() - calm, 0.2)
            self.assertLess(calm - before, 5)

    @unittest.skipIf("thread" in os.environ.get("MQTT_SANITIZE", ""),
                     "this sanitizer has its own operators new, which do not count")
    def test_a_memory_limit_is_kept_and_nothing_is_lost(self):
        size = 100_000
        limit = 40_000_000
        topic = b"retained/%03d"

        def publish(number, payload):
            body = b"\x00\x0c" + topic % number + number.to_bytes(2, "big") + b"\x00" + payload
            return b"\x33" + bytes([len(body) & 127 | 128, len(body) >> 7 & 127 | 128, len(body) >> 14]) + body

        with Broker(f"memory_limit {limit}\nmax_keepalive 0") as broker:
            publisher = RawClient(broker, broker.port, CONNECT_5)
            stored = 0
            for number in range(1, 1000):
                answer = publisher.ask(publish(number, b"x" * size), 4)
                if answer[0] == 0x40 and answer[1] == 3:  # with a reason: read it
                    reason = publisher.bytes(1)[0]
                    if reason == 0x97:
                        break
                stored += 1
            else:
                self.fail("never refused")
            self.assertGreater(stored * size, limit // 2)
            self.assertLess(stored * size, limit)
            self.assertTrue(broker.log.wait_for(rf"memory_limit of {limit} bytes is reached"))
            self.assertTrue(RawClient(broker, broker.port, greeting=None).is_closed())
            self.assertEqual(publisher.ask(PINGREQ), PINGRESP)
            for number in range(1, stored + 1):  # an empty payload gives memory back
                answer = publisher.ask(publish(number, b""), 4)
                self.assertEqual(answer[1], 3)
                self.assertEqual(publisher.bytes(1), b"\x10")
            self.assertTrue(broker.log.wait_for("There is memory again .* 1 connections, 0 sessions, 1 messages and 0 subscriptions were refused"))
            self.assertEqual(publisher.ask(publish(999, b"y"), 5), b"\x40\x03\x03\xe7\x10")
            self.assertEqual(RawClient(broker, broker.port).connack, b"\x20\x02\x00\x00")

    def test_a_crowd_that_comes_and_goes_leaves_nothing_behind(self):
        with Broker() as broker:
            descriptors = pathlib.Path(f"/proc/{broker.process.pid}/fd")
            for _ in range(2 * WORKERS):  # each worker opens what it needs for its first client
                client = RawClient(broker, broker.port)
                client.socket.sendall(b"\xe0\x00")
                self.assertTrue(client.is_closed())
            before = len(list(descriptors.iterdir()))
            for _ in range(3):
                crowd = [RawClient(broker, broker.port) for _ in range(200)]
                for i, client in enumerate(crowd):
                    if i % 2:
                        client.socket.sendall(b"\xe0\x00")
                    client.socket.close()
            await_condition(lambda: len(list(descriptors.iterdir())) <= before, "all descriptors closed")


if __name__ == "__main__":
    unittest.main()
