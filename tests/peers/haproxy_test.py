"""Listeners behind HAProxy, which tells with the PROXY protocol who the client is, and ends TLS."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

import transports_test
from broker_process import HOST, PATIENCE_S, LogLines, free_port
from raw_client import CONNECT_5, CONNECT_311, PINGREQ, PINGRESP, RawClient
from transports_test import CERTIFICATES, CONNACK_311, REFUSED_USER, connect_as, file, mutual

HAPROXY = os.environ.get("HAPROXY", "haproxy")
# Where the clients of these tests come from; HAProxy itself comes from 127.0.0.1.
CLIENT = "127.0.0.9"

setUpModule, tearDownModule = transports_test.setUpModule, transports_test.tearDownModule


class HAProxy:
    """A running HAProxy that passes connections on to one server.

    `server` and `bind` are what follows in its lines of these names. The socket is made here, so
    that it has a port at once, and connections wait in it until HAProxy takes them.
    """

    def __init__(self, test, server, bind="", address=HOST):
        self.folder = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
        config = pathlib.Path(self.folder.name) / "haproxy.cfg"
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.create_server((address, 0), family=family) as listening:
            self.place = listening.getsockname()[:2]
            config.write_text("\n".join([
                "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 60s", "  timeout server 60s",
                "listen mqtt", f"  bind fd@{listening.fileno()} {bind}", f"  server broker {server}", ""]))
            self.process = subprocess.Popen(
                [HAPROXY, "-db", "-f", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, pass_fds=[listening.fileno()])
        self.log = LogLines(self.process.stderr)
        test.addCleanup(self.stop)

    def stop(self):
        """Ends HAProxy, which must not have ended by itself."""
        ended = self.process.poll() is not None
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.log.join()
        self.process.stderr.close()
        self.folder.cleanup()
        if ended:
            raise AssertionError(f"HAProxy ended:\n{self.log.text()}")


class BehindHAProxy(transports_test.ListenerTest):
    def listener(self, *settings, before="log_type all"):
        """A broker whose second listener has these settings, and is that of `server`."""
        port = free_port()
        broker = self.broker(f"listener {port} {HOST}", *settings, before=before)
        self.server = f"{HOST}:{port}"
        return broker

    def socket_to(self, haproxy, source=CLIENT):
        made = socket.create_connection(haproxy.place, PATIENCE_S, source_address=(source, 0))
        self.addCleanup(made.close)
        return made

    def client(self, haproxy, greeting=CONNECT_311, source=CLIENT):
        return RawClient(self, 0, greeting, self.socket_to(haproxy, source))

    def tls_socket_to(self, haproxy, certificate=None):
        class Place:  # as the base class wants it
            port = haproxy.place[1]
        return self.tls_socket(Place, certificate)

    def tls_client(self, haproxy, certificate=None, greeting=CONNECT_311):
        return RawClient(self, 0, greeting, self.tls_socket_to(haproxy, certificate))

    def assert_connected(self, broker, client, source=CLIENT, client_id=".*"):
        """The client is in, and the broker knows it by its own address and port."""
        self.assertEqual(client.connack, CONNACK_311)
        self.assertEqual(client.ask(PINGREQ), PINGRESP)
        port = client.socket.getsockname()[1]
        self.assertTrue(broker.log.wait_for(
            rf"New client connected from {re.escape(source)}:{port} as {client_id} \("))


    def assert_closed(self, broker, client, reason):
        """The broker has not even answered, and said why."""
        self.assertEqual(client.connack, b"")
        client.socket.close()  # or the broker would wait for it
        self.assertTrue(broker.log.wait_for(rf"not taken from the proxy: PROXY header: {reason}\."))


class Addresses(BehindHAProxy):
    def test_version_1(self):
        broker = self.listener("enable_proxy_protocol 1")
        client = self.client(HAProxy(self, f"{self.server} send-proxy"))
        self.assert_connected(broker, client)
        client.socket.close()
        self.assertTrue(broker.log.wait_for(rf"Client .* \[{CLIENT}:\d+\] disconnected: connection closed by client\."))

    def test_version_2(self):
        broker = self.listener("enable_proxy_protocol 2")
        self.assert_connected(broker, self.client(HAProxy(self, f"{self.server} send-proxy-v2")))

    def test_version_2_with_a_checksum_and_other_fields(self):
        broker = self.listener("enable_proxy_protocol 2")
        haproxy = HAProxy(self, f"{self.server} send-proxy-v2 proxy-v2-options crc32c,unique-id,authority")
        self.assert_connected(broker, self.client(haproxy))

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("there is no IPv6")
        for version, option in (1, "send-proxy"), (2, "send-proxy-v2"):
            broker = self.listener(f"enable_proxy_protocol {version}")
            haproxy = HAProxy(self, f"{self.server} {option}", address="::1")
            self.assert_connected(broker, self.client(haproxy, source="::1"), source="::1")

    def test_a_unix_socket_between_proxy_and_broker(self):
        path = file("proxied")
        broker = self.broker(f"listener 0 {path}", "enable_proxy_protocol 2")
        haproxy = HAProxy(self, f"unix@{path} send-proxy-v2")
        self.assert_connected(broker, self.client(haproxy))

    def test_a_client_that_moves_to_its_worker(self):
        """Connections of one client identifier, which may be accepted on different workers."""
        broker = self.listener("enable_proxy_protocol 2")
        haproxy = HAProxy(self, f"{self.server} send-proxy-v2")
        for _ in range(8):
            self.assert_connected(broker, self.client(haproxy, connect_as(b"same")), client_id="same")

    def test_a_proxy_that_sends_no_header(self):
        broker = self.listener("enable_proxy_protocol 2")
        self.assert_closed(broker, self.client(HAProxy(self, self.server)), "there is none")

    def test_a_proxy_that_sends_the_other_version(self):
        for expected, option, sent in (1, "send-proxy-v2", 2), (2, "send-proxy", 1):
            broker = self.listener(f"enable_proxy_protocol {expected}")
            client = self.client(HAProxy(self, f"{self.server} {option}"))
            self.assert_closed(broker, client, f"it is of version {sent}, and {expected} is expected")


class TlsEndsAtTheProxy(BehindHAProxy):
    """HAProxy asks for client certificates, and lets in who has none or a wrong one: it is the broker
    that decides."""

    options = "send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,ssl-cipher"

    def haproxy(self, options=None):
        server = CERTIFICATES / "haproxy.pem"
        server.write_bytes(b"".join((CERTIFICATES / name).read_bytes() for name in ("server.pem", "server.key")))
        return HAProxy(self, f"{self.server} {options or self.options}",
                       f"ssl crt {server} ca-file {file('ca.pem')} crl-file {file('revoked.crl')} "
                       "verify optional crt-ignore-err all")

    def test_version_and_cipher(self):
        broker = self.listener("enable_proxy_protocol 2", "proxy_protocol_v2_require_tls true")
        self.assert_connected(broker, self.tls_client(self.haproxy()), source="127.0.0.1")
        self.assertTrue(broker.log.wait_for(r"negotiated TLSv1\.3 cipher TLS_\w+ with its proxy\."))

    def test_a_client_without_tls(self):
        for options in self.options, "send-proxy-v2":
            broker = self.listener("enable_proxy_protocol 2", "proxy_protocol_v2_require_tls true")
            client = self.client(HAProxy(self, f"{self.server} {options}"))
            self.assert_closed(broker, client, "it does not speak of TLS")

    def test_certificates(self):
        for certificate in None, "revoked":
            broker = self.listener("enable_proxy_protocol 2", "require_certificate true")
            haproxy = self.haproxy()
            self.assert_connected(broker, self.tls_client(haproxy, "client"), source="127.0.0.1")
            client = self.tls_client(haproxy, certificate)
            self.assert_closed(broker, client, "it does not speak of a client certificate that was verified")

    def test_the_common_name_is_the_user_name(self):
        broker = self.listener("enable_proxy_protocol 2", "require_certificate true", "use_identity_as_username true",
                               before="allow_anonymous false")
        haproxy = self.haproxy()
        self.assert_connected(broker, self.tls_client(haproxy, "client"), source="127.0.0.1")
        self.assertTrue(broker.log.wait_for(r", u'a client'\)\."))
        self.assertEqual(self.tls_client(haproxy, "nameless").connack, REFUSED_USER)
        refused = self.tls_client(haproxy, "nameless", greeting=CONNECT_5).connack
        self.assertEqual(refused[:1] + refused[3:4], b"\x20\x86")

    def test_websocket(self):
        broker = self.listener("enable_proxy_protocol 2", "protocol websockets", "require_certificate true",
                               "use_identity_as_username true")
        web_socket = transports_test.WebSockets
        through = self.tls_socket_to(self.haproxy(), "client")
        client, head = web_socket.ask(self, broker, "Sec-WebSocket-Protocol: mqtt", through=through)
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        client.socket.sendall(web_socket.frame(CONNECT_311))
        self.assertEqual(client.bytes(6), b"\x82\x04" + CONNACK_311)
        self.assertTrue(broker.log.wait_for(r", u'a client'\)\."))
        self.assertTrue(broker.log.wait_for("with its proxy"))


class TlsEndsAtTheBroker(BehindHAProxy):
    def test_the_header_comes_first(self):
        broker = self.listener("enable_proxy_protocol 1", *mutual("use_identity_as_username true"))
        client = self.tls_client(HAProxy(self, f"{self.server} send-proxy"), "client")
        self.assert_connected(broker, client, source="127.0.0.1")
        self.assertTrue(broker.log.wait_for(r", u'a client'\)\."))
        self.assertTrue(broker.log.wait_for(r"negotiated TLSv1\.3 cipher TLS_\w+\.$"))


    def test_keys_behind_version_2(self):
        """What the proxy says of TLS does not count then, nor what it does not say."""
        keys = CERTIFICATES / "keys"
        keys.write_text("device:0123456789abcdef\n")
        keys.chmod(0o600)
        broker = self.listener("enable_proxy_protocol 2", "psk_hint hint", "use_identity_as_username true",
                               "require_certificate true", before=f"psk_file {keys}\nallow_anonymous false")
        haproxy = HAProxy(self, f"{self.server} send-proxy-v2")
        subprocess.run(["mosquitto_pub", "-h", HOST, "-p", str(haproxy.place[1]), "-A", CLIENT, "-i", "a", "-t", "x", "-n",
                        "--psk", "0123456789abcdef", "--psk-identity", "device"], check=True, timeout=PATIENCE_S)
        self.assertTrue(broker.log.wait_for(rf"New client connected from {CLIENT}:\d+ as a \(.*, u'device'\)\."))


class HealthChecks(BehindHAProxy):
    def test_they_are_debug_lines(self):
        for version, options in ((2, "send-proxy-v2 check check-send-proxy"),
                                 (2, "send-proxy-v2 check no-check-send-proxy"),
                                 (1, "send-proxy check check-send-proxy")):
            with self.subTest(options=options):
                broker = self.listener(f"enable_proxy_protocol {version}")
                haproxy = HAProxy(self, f"{self.server} {options} inter 20ms")
                for _ in range(5):
                    mark = broker.log.mark()
                    self.assertTrue(broker.log.wait_for(r"Health check of listener \d+ 127\.0\.0\.1 from ", mark))
                self.assert_connected(broker, self.client(haproxy))
                self.assertIsNone(broker.log.find("not taken|disconnected"), broker.log.text())


if __name__ == "__main__":
    unittest.main()
