"""TLS of the broker's listeners: sessions that are resumed, files that change on SIGHUP, the key log; and
who is let in, as openssl s_client and Mosquitto's clients see it."""

import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest

from broker_process import HOST, PATIENCE_S, WORKERS, free_port
# unittest finds setUpModule and tearDownModule by their names.
from listener_case import (CONNACK_311, ListenerTest, connect_as, file, mutual, server, setUpModule,
                           tearDownModule, tls_context)
from raw_client import CONNECT_311, PINGREQ, PINGRESP, RawClient

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
PSK = "00112233445566778899aabbccddeeff"


class Visitor:
    """A client that comes back with the session of its last visit, if `version` (of TLS) has one."""

    def __init__(self, test, version, certificate=None, **settings):
        self.test = test
        self.context = tls_context(certificate, minimum_version=version, maximum_version=version, **settings)
        self.session = None

    def come(self, port, greeting=CONNECT_311):
        wrapped = self.test.wrapped(self.context, port, self.session)
        client = RawClient(self.test, port, greeting, wrapped)
        if client.connack != b"":
            self.session = wrapped.session  # there since the first answer
        return client

    def is_resumed(self, port):
        client = self.come(port)
        self.test.assertEqual(client.connack, CONNACK_311)
        return client.socket.session_reused


class Files(ListenerTest):
    """Listeners whose certificates and keys are copies that a test may change."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.put(server="server.pem", key="server.key", ca="ca.pem", crl="revoked.crl")

    def put(self, **files):
        for name, source in files.items():
            shutil.copy(file(source), self.folder / name)

    def settings(self, *more):
        return [f"certfile {self.folder}/server", f"keyfile {self.folder}/key", *more]

    def mutual(self, *more):
        return self.settings(f"cafile {self.folder}/ca", "require_certificate true", *more)

    def assert_old_in_force(self, broker, complaint):
        mark = broker.log.mark()
        self.assertIn("was not reloaded", broker.reload_as_written())
        self.assertTrue(broker.log.wait_for(complaint, mark))


class Resumption(Files):
    def each_version(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                yield version

    def test_again_and_again_on_all_workers(self):
        broker = self.broker(*self.settings())
        for version in self.each_version():
            visitor = Visitor(self, version)
            self.assertFalse(visitor.is_resumed(broker.port))
            for _ in range(2 * WORKERS):
                self.assertTrue(visitor.is_resumed(broker.port))

    def test_who_the_client_is_stays_known(self):
        broker = self.broker(*self.mutual("use_identity_as_username true"), before="allow_anonymous false")
        for version in self.each_version():
            visitor = Visitor(self, version, "client")
            visitor.come(broker.port)
            name = version.name.encode()
            again = visitor.come(broker.port, connect_as(name))
            self.assertEqual(again.connack, CONNACK_311)
            self.assertTrue(again.socket.session_reused)
            broker.log.wait_for(f" as {version.name} .*, u'a client'")

    def test_on_the_listener_that_began_the_session_only(self):
        alike, strict = free_port(), free_port()
        broker = self.broker(*self.settings(), f"listener {alike} {HOST}", *self.settings(),
                             f"listener {strict} {HOST}", *self.mutual())
        for version in self.each_version():
            visitor = Visitor(self, version)
            self.assertFalse(visitor.is_resumed(broker.port))
            first = visitor.session
            self.assertFalse(visitor.is_resumed(alike))
            visitor.session = first
            self.assert_refused(lambda: visitor.come(strict))
            visitor.session = first
            self.assertTrue(visitor.is_resumed(broker.port))

    def test_another_authority(self):
        broker = self.broker(*self.mutual())
        for version in self.each_version():
            self.put(ca="ca.pem")
            self.assertIn("was reloaded", broker.reload_as_written())
            visitor = Visitor(self, version, "client")
            self.assertFalse(visitor.is_resumed(broker.port))
            staying = visitor.come(broker.port)
            self.assertTrue(staying.socket.session_reused)
            self.put(ca="stranger.pem")
            self.assertIn("was reloaded", broker.reload_as_written())
            self.assert_refused(lambda: visitor.come(broker.port))
            self.assertEqual(staying.ask(PINGREQ), PINGRESP)

    def test_a_certificate_that_was_revoked_meanwhile(self):
        empty = f"crlfile {self.folder}/crl"
        broker = self.broker(*self.mutual(empty))
        for version in self.each_version():
            self.put(crl="unrevoked.crl")
            self.assertIn("was reloaded", broker.reload_as_written())
            visitor = Visitor(self, version, "revoked")
            self.assertFalse(visitor.is_resumed(broker.port))
            self.assertTrue(visitor.is_resumed(broker.port))
            self.put(crl="revoked.crl")
            self.assertIn("was reloaded", broker.reload_as_written())
            self.assert_refused(lambda: visitor.come(broker.port))

    def test_a_reload_that_is_refused_changes_nothing(self):
        broker = self.broker(*self.mutual())
        for version in self.each_version():
            visitor = Visitor(self, version, "client")
            self.assertFalse(visitor.is_resumed(broker.port))
            (self.folder / "ca").write_text("nobody\n")
            self.assert_old_in_force(broker, r"/ca\b")
            self.assertTrue(visitor.is_resumed(broker.port))
            self.put(ca="ca.pem")


class Reload(Files):
    def test_new_certificates_are_for_new_connections(self):
        broker = self.broker(*self.settings())
        old = self.tls_client(broker)
        self.assertEqual(old.socket.getpeercert()["subject"][0][0][1], "localhost")
        self.put(server="elsewhere.pem", key="elsewhere.key")
        self.assertIn("was reloaded", broker.reload_as_written())
        new = self.tls_client(broker, check_hostname=False)
        self.assertEqual(new.socket.getpeercert()["subject"][0][0][1], "elsewhere.example")
        self.assertEqual(old.ask(PINGREQ), PINGRESP)

    def test_new_authorities_are_for_new_connections(self):
        broker = self.broker(*self.mutual())
        old = self.tls_client(broker, "client")
        self.assert_refused(lambda: self.tls_client(broker, "foreigner"))
        self.put(ca="stranger.pem")
        self.assertIn("was reloaded", broker.reload_as_written())
        self.assert_refused(lambda: self.tls_client(broker, "client"))
        self.assertEqual(self.tls_client(broker, "foreigner").connack, CONNACK_311)
        self.assertEqual(old.ask(PINGREQ), PINGRESP)

    def test_a_new_directory_of_authorities_is_for_new_connections(self):
        folder = self.folder / "authorities"
        folder.mkdir()

        def trust(name):
            for old in folder.iterdir():
                old.unlink()
            shutil.copy(file(name), folder)
            subprocess.run(["openssl", "rehash", folder], check=True)

        trust("ca.pem")
        broker = self.broker(*self.settings(f"capath {folder}", "require_certificate true"))
        old = self.tls_client(broker, "client")
        self.assert_refused(lambda: self.tls_client(broker, "foreigner"))
        trust("stranger.pem")
        self.assertIn("was reloaded", broker.reload_as_written())
        self.assert_refused(lambda: self.tls_client(broker, "client"))
        self.assertEqual(self.tls_client(broker, "foreigner").connack, CONNACK_311)
        self.assertEqual(old.ask(PINGREQ), PINGRESP)

    def test_a_new_revocation_list_is_for_new_connections(self):
        self.put(crl="unrevoked.crl")
        broker = self.broker(*self.mutual(f"crlfile {self.folder}/crl"))
        old = self.tls_client(broker, "revoked")
        self.put(crl="revoked.crl")
        self.assertIn("was reloaded", broker.reload_as_written())
        self.assert_refused(lambda: self.tls_client(broker, "revoked"))
        self.assertEqual(old.ask(PINGREQ), PINGRESP)

    def test_broken_files_leave_the_old_in_force(self):
        broker = self.broker(*self.mutual(f"crlfile {self.folder}/crl"))
        old = self.tls_client(broker, "client")
        for key, name, source in (("certfile", "server", "server.pem"), ("keyfile", "key", "server.key"),
                                  ("cafile", "ca", "ca.pem"), ("crlfile", "crl", "revoked.crl")):
            with self.subTest(key):
                complaint = rf"{broker.config_file}:\d+: {key} {self.folder}/{name}: "
                (self.folder / name).write_text("nothing\n")
                self.assert_old_in_force(broker, complaint)
                self.assertEqual(self.tls_client(broker, "client").connack, CONNACK_311)
                (self.folder / name).unlink()
                self.assert_old_in_force(broker, complaint)
                self.put(**{name: source})
        with self.subTest("a key that belongs to another certificate"):
            self.put(key="elsewhere.key")
            self.assert_old_in_force(broker, rf":\d+: keyfile {self.folder}/key: is not the key of certificate")
            self.assertEqual(self.tls_client(broker, "client").connack, CONNACK_311)
        self.put(key="server.key")
        self.assertIn("was reloaded", broker.reload_as_written())
        self.assertEqual(old.ask(PINGREQ), PINGRESP)


class KeyLog(Files):
    def test_the_keys_of_all_listeners(self):
        second = free_port()
        path = self.folder / "keys"
        broker = self.broker(*self.settings(), f"listener {second} {HOST}", *self.settings(),
                             arguments=["--tls-keylog", str(path)])
        self.assertTrue(broker.log.find(f"keys of all TLS connections are written to {path}"))
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        with self.subTest("of TLS 1.2"):
            self.tls_client(broker, maximum_version=ssl.TLSVersion.TLSv1_2)
            self.assertRegex(path.read_text(), r"\ACLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n\Z")
        with self.subTest("of another listener, after a reload, with TLS 1.3"):
            self.assertIn("was reloaded", broker.reload_as_written())
            RawClient(self, second, through=self.tls_socket(broker, port=second))
            self.assertIn("\nCLIENT_TRAFFIC_SECRET_0 ", path.read_text())

    def test_as_the_client_knows_them(self):
        """The two key logs of one connection are the same lines."""
        path = self.folder / "keys"
        broker = self.broker(*self.settings(), arguments=["--tls-keylog", str(path)])
        own = self.folder / "of the client"
        self.tls_client(broker, keylog_filename=str(own))
        lines = {line for line in own.read_text().splitlines() if not line.startswith("#")}
        self.assertEqual(set(path.read_text().splitlines()) & lines, lines)
        self.assertGreaterEqual(len(lines), 5)

    def test_a_file_that_others_may_read(self):
        path = self.folder / "keys"
        path.write_text("")
        path.chmod(0o644)
        with self.assertRaisesRegex(AssertionError, r"did not start(.|\n)*--tls-keylog .*/keys: .*mode 0644"):
            self.broker(*self.settings(), arguments=["--tls-keylog", str(path)])

    def test_a_symbolic_link(self):
        path = self.folder / "keys"
        path.symlink_to(self.folder / "elsewhere")
        with self.assertRaisesRegex(AssertionError, "did not start(.|\n)*it is a symbolic link"):
            self.broker(*self.settings(), arguments=["--tls-keylog", str(path)])
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_without_a_listener_that_speaks_tls(self):
        path = self.folder / "keys"
        broker = self.broker(arguments=["--tls-keylog", str(path)])
        self.assertTrue(broker.log.find("no listener speaks TLS"))
        self.assertFalse(path.exists())


class SClient(ListenerTest):
    """What openssl s_client agrees on with a listener, or not."""

    def s_client(self, port, *arguments):
        """Version and cipher that came of it; None: nothing."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername", "localhost", "-brief",
             "-verify_return_error", "-CAfile", file("ca.pem"), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            return None
        words = dict(line.split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
        return words["Protocol version"], words["Ciphersuite"]

    def version(self, port, *arguments):
        agreed = self.s_client(port, *arguments)
        return agreed and agreed[0]

    def cipher(self, port, *arguments):
        agreed = self.s_client(port, *arguments)
        return agreed and agreed[1]

    OLD = ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")

    def test_versions(self):
        newest = free_port()
        broker = self.broker(*server(), f"listener {newest} {HOST}", *server(), "tls_version tlsv1.3")
        self.assertIsNone(self.version(broker.port, *self.OLD))
        self.assertEqual(self.version(broker.port, "-tls1_2"), "TLSv1.2")
        self.assertEqual(self.version(broker.port), "TLSv1.3")
        self.assertIsNone(self.version(newest, "-tls1_2"))
        self.assertEqual(self.version(newest), "TLSv1.3")

    def test_the_version_of_old_where_everything_else_allows_it(self):
        broker = self.broker(*server(), "tls_version tlsv1.1", "ciphers DEFAULT@SECLEVEL=0")
        self.assertTrue(broker.log.find("tlsv1.1"))
        self.assertEqual(self.version(broker.port, *self.OLD), "TLSv1.1")
        self.assertEqual(self.version(broker.port), "TLSv1.3")

    def test_ciphers_of_tls_1_2(self):
        ours, theirs = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
        picky = free_port()
        broker = self.broker(*server(), f"ciphers {ours}:{theirs}", f"listener {picky} {HOST}", *server(),
                             f"ciphers {ours}")
        self.assertEqual(self.cipher(broker.port, "-tls1_2", "-cipher", f"{theirs}:{ours}"), ours)
        self.assertEqual(self.cipher(broker.port, "-tls1_2", "-cipher", theirs), theirs)
        self.assertIsNone(self.cipher(picky, "-tls1_2", "-cipher", theirs))
        self.assertEqual(self.cipher(picky, "-tls1_2"), ours)

    def test_ciphers_of_tls_1_3(self):
        ours, theirs = "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"
        broker = self.broker(*server(), f"ciphers_tls1.3 {ours}")
        self.assertEqual(self.cipher(broker.port, "-tls1_3"), ours)
        self.assertIsNone(self.cipher(broker.port, "-tls1_3", "-ciphersuites", theirs))

    def test_no_weak_ones_by_default(self):
        broker = self.broker(*server())
        for weak in ("aNULL", "eNULL", "LOW"):
            self.assertIsNone(self.cipher(broker.port, "-tls1_2", "-cipher", f"{weak}:@SECLEVEL=0"), weak)

    def test_a_key_that_was_taken_away_cannot_resume(self):
        folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        self.addCleanup(folder.cleanup)
        keys, session = pathlib.Path(folder.name, "keys"), pathlib.Path(folder.name, "session")
        keys.write_text(f"me:{PSK}\n")
        keys.chmod(0o600)
        broker = self.broker("psk_hint hint", before=f"psk_file {keys}")
        known = ["-tls1_2", "-psk_identity", "me", "-psk", PSK, "-cipher", "PSK", "-sess_in", str(session)]
        self.assertEqual(self.version(broker.port, *known[:-2], "-sess_out", str(session)), "TLSv1.2")
        self.assertEqual(self.version(broker.port, *known), "TLSv1.2")
        keys.write_text(f"you:{PSK}\n")
        self.assertIn("was reloaded", broker.reload_as_written())
        self.assertIsNone(self.version(broker.port, *known))


class MosquittoClients(ListenerTest):
    """mosquitto_pub and mosquitto_sub come in as who they are."""

    TOPIC = "room/temperature"
    count = 0

    def command(self, program, broker, *arguments):
        return [program, "-h", "localhost", "-p", str(broker.port), "-t", self.TOPIC, "-q", "1", *arguments]

    def exchange(self, broker, *arguments):
        """One message from mosquitto_pub to mosquitto_sub; what arrived."""
        self.count += 1
        name = f"reader-{self.count}"
        with subprocess.Popen(self.command("mosquitto_sub", broker, "-i", name, "-C", "1", "-W", "30", *arguments),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            broker.wait_for_subscription(name, self.TOPIC)
            subprocess.run(self.command("mosquitto_pub", broker, "-i", "writer", "-m", "21.5", *arguments),
                           timeout=PATIENCE_S, check=True)
            return reader.communicate(timeout=PATIENCE_S)[0]

    def assert_no_way_in(self, broker, *arguments):
        done = subprocess.run(self.command("mosquitto_pub", broker, "-m", "x", *arguments), capture_output=True,
                              timeout=PATIENCE_S, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_client_certificates(self):
        broker = self.broker(*mutual("use_identity_as_username true", f"crlfile {file('revoked.crl')}"),
                             before="allow_anonymous false")
        own = ["--cafile", file("ca.pem"), "--cert", file("client.pem"), "--key", file("client.key")]
        for version in ("tlsv1.2", "tlsv1.3"):
            self.assertEqual(self.exchange(broker, *own, "--tls-version", version), b"21.5\n")
        broker.log.wait_for(r" as reader-1 .*, u'a client'")
        self.assert_no_way_in(broker, "--cafile", file("ca.pem"))
        self.assert_no_way_in(broker, "--cafile", file("ca.pem"), "--cert", file("revoked.pem"), "--key",
                              file("revoked.key"))

    def test_pre_shared_keys(self):
        with tempfile.NamedTemporaryFile("w", prefix="mqtt-peers-") as keys:
            keys.write(f"meter:{PSK}\n")
            keys.flush()
            broker = self.broker("psk_hint hint", "use_identity_as_username true",
                                 before=f"allow_anonymous false\npsk_file {keys.name}")
            own = ["--psk-identity", "meter", "--psk", PSK]
            self.assertEqual(self.exchange(broker, *own), b"21.5\n")
            broker.log.wait_for(r" as reader-1 .*, u'meter'")
            self.assert_no_way_in(broker, "--psk-identity", "meter", "--psk", PSK[:-2] + "00")
            self.assert_no_way_in(broker, "--psk-identity", "stranger", "--psk", PSK)


if __name__ == "__main__":
    unittest.main()
