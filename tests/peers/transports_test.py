"""The broker's listeners: TLS with certificates and pre-shared keys, WebSocket, Unix sockets, and what
else a listener can be told about connections."""

import base64
import http.client
import os
import socket
import ssl
import struct
import unittest

from broker_process import HOST, PATIENCE_S, free_port
# unittest finds setUpModule and tearDownModule by their names.
from listener_case import (CERTIFICATES, CONNACK_311, REFUSED_USER, ListenerTest, connect_as, file, mutual, server,
                           setUpModule, tearDownModule, tls_context)
from raw_client import CONNECT_311, CONNECT_5, PINGREQ, PINGRESP, RawClient


class Tls(ListenerTest):
    def test_both_versions_of_tls(self):
        broker = self.broker(*server())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = self.tls_client(broker, minimum_version=version, maximum_version=version)
            self.assertEqual(client.connack, CONNACK_311)
            self.assertEqual(client.ask(PINGREQ), PINGRESP)
        broker.log.wait_for("negotiated TLSv1.3 cipher TLS_")

    def test_the_oldest_version(self):
        broker = self.broker(*server(), "tls_version tlsv1.3")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.tls_client(broker, maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(self.tls_client(broker).connack, CONNACK_311)

    def test_plain_words_to_a_tls_listener(self):
        broker = self.broker(*server())
        client = RawClient(self, broker.port, greeting=None)
        client.socket.sendall(CONNECT_311)
        while client.socket.recv(100):  # an alert may come first
            pass
        self.assertEqual(self.tls_client(broker).connack, CONNACK_311)

    def test_a_client_moves_to_its_worker_with_its_tls(self):
        """Two connections of one client identifier, which may be accepted on different workers."""
        broker = self.broker(*server())
        for _ in range(8):
            client = self.tls_client(broker, greeting=connect_as(b"same"))
            self.assertEqual(client.connack, CONNACK_311)
            self.assertEqual(client.ask(PINGREQ), PINGRESP)

    def test_a_broken_key_ends_the_start(self):
        broken = CERTIFICATES / "broken.key"
        broken.write_text("not a key\n")
        with self.assertRaisesRegex(AssertionError, "did not start(.|\n)*keyfile .*broken.key"):
            self.broker(f"certfile {file('server.pem')}", f"keyfile {broken}")


class ClientCertificates(ListenerTest):
    def refused(self, broker, certificate):
        self.assert_refused(lambda: self.tls_client(broker, certificate))

    def test_only_trusted_ones_come_in(self):
        broker = self.broker(*mutual())
        self.assertEqual(self.tls_client(broker, "client").connack, CONNACK_311)
        self.refused(broker, None)

    def test_a_revoked_one_does_not(self):
        broker = self.broker(*mutual(f"crlfile {file('revoked.crl')}"))
        self.assertEqual(self.tls_client(broker, "client").connack, CONNACK_311)
        self.refused(broker, "revoked")

    def test_the_common_name_is_the_user_name(self):
        broker = self.broker(*mutual("use_identity_as_username true"), before="allow_anonymous false")
        self.assertEqual(self.tls_client(broker, "client").connack, CONNACK_311)
        broker.log.wait_for(r", u'a client'\)\.")
        self.assertEqual(self.tls_client(broker, "nameless").connack, REFUSED_USER)
        refused = self.tls_client(broker, "nameless", greeting=CONNECT_5).connack
        self.assertEqual(refused[:1] + refused[3:4], b"\x20\x86")

    def test_the_subject_is_the_user_name(self):
        broker = self.broker(*mutual("use_subject_as_username true"), before="allow_anonymous false")
        self.assertEqual(self.tls_client(broker, "nameless").connack, CONNACK_311)
        broker.log.wait_for(r", u'O=Nobody'\)\.")

    def test_no_certificate_is_no_name(self):
        broker = self.broker(*server(), "use_identity_as_username true")
        self.assertEqual(self.tls_client(broker).connack, REFUSED_USER)


class WebSockets(ListenerTest):
    def ask(self, broker, *fields, through=None):
        """Sends a request to upgrade and returns the client and the status line."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /mqtt HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *fields, "", ""]
        client = RawClient(self, broker.port, None, through)
        client.socket.sendall("\r\n".join(lines).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            part = client.socket.recv(1)
            if not part:
                break
            head += part
        return client, head.decode()

    @staticmethod
    def frame(payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        return struct.pack("!BB", 0x82, 0x80 | len(payload)) + mask + masked

    def talk(self, client):
        client.socket.sendall(self.frame(CONNECT_311))
        self.assertEqual(client.bytes(6), b"\x82\x04" + CONNACK_311)
        client.socket.sendall(self.frame(PINGREQ))
        self.assertEqual(client.bytes(4), b"\x82\x02" + PINGRESP)

    def test_as_a_browser_asks(self):
        broker = self.broker("protocol websockets")
        client, head = self.ask(broker, "Sec-WebSocket-Protocol: chat, mqtt", "Origin: https://a.example")
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        self.assertIn("sec-websocket-protocol: mqtt\r\n", head.lower())
        self.talk(client)

    def test_over_tls(self):
        broker = self.broker("protocol websockets", *server())
        client, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt", through=self.tls_socket(broker))
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        self.talk(client)

    def test_origins(self):
        broker = self.broker("protocol websockets", "websockets_origin https://a.example",
                             "websockets_origin https://b.example")
        for origin, status in (("https://a.example", "101"), ("https://b.example", "101"),
                               ("https://a.exampl", "403"), ("https://a.example.org", "403")):
            _, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt", f"Origin: {origin}")
            self.assertTrue(head.startswith(f"HTTP/1.1 {status} "), (origin, head))
        _, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt")  # no browser
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)

    def test_a_page_of_another_kind_of_origin(self):
        """A page from a file, or in a sandbox, says that its origin is null."""
        broker = self.broker("protocol websockets", "websockets_origin https://a.example")
        _, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt", "Origin: null")
        self.assertTrue(head.startswith("HTTP/1.1 403 "), head)

    def test_compression_is_offered_in_vain(self):
        broker = self.broker("protocol websockets")
        client, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt",
                                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        self.assertNotIn("extensions", head.lower())
        self.talk(client)

    def test_what_is_no_request_to_upgrade(self):
        """Python's HTTP client is a stranger here, and is told so in words that it understands."""
        broker = self.broker("protocol websockets")
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Protocol": "mqtt",
                   "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode()}
        for method, fields, status, name, value in (
                ("GET", {}, 426, "Upgrade", "websocket"),
                ("GET", upgrade, 426, "Sec-WebSocket-Version", "13"),
                ("GET", {**upgrade, "Sec-WebSocket-Version": "8"}, 426, "Sec-WebSocket-Version", "13"),
                ("GET", {**upgrade, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}, 400, None, None),
                ("GET", {**upgrade, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "x"}, 400, None, None),
                ("POST", {}, 405, "Allow", "GET")):
            with self.subTest(f"{method} {fields}"):
                connection = http.client.HTTPConnection(HOST, broker.port, timeout=PATIENCE_S)
                self.addCleanup(connection.close)
                connection.request(method, "/index.html", headers=fields)
                answer = connection.getresponse()
                self.assertEqual(answer.status, status)
                self.assertRegex(answer.read().decode(), r"\AMQTT over WebSocket: .*\.\n\Z")
                if name:
                    self.assertEqual(answer.headers[name], value)

    def test_who_breaks_the_rules_is_told_by_a_code(self):
        broker = self.broker("protocol websockets")
        not_masked, text = b"\x82\x02" + PINGREQ, bytearray(self.frame(b"hello"))
        text[0] = 0x81
        for frame, code in ((not_masked, 1002), (bytes(text), 1003), (self.frame(PINGREQ), 1000)):
            client, _ = self.ask(broker, "Sec-WebSocket-Protocol: mqtt")
            client.socket.sendall(frame)
            head = client.bytes(4)
            self.assertEqual((head[0], int.from_bytes(head[2:], "big")), (0x88, code))

    def test_a_request_that_is_too_long(self):
        broker = self.broker("protocol websockets", before="packet_buffer_size 1024")
        _, head = self.ask(broker, "Sec-WebSocket-Protocol: mqtt", "X: " + "x" * 2000)
        self.assertTrue(head.startswith("HTTP/1.1 431 "), head)


class Strangers(ListenerTest):
    """Who has taken one listener for another is gone at once, and the log says what it looked like."""

    REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def check(self, broker, words, complaint):
        mark = broker.log.mark()
        client = RawClient(self, broker.port, greeting=None)
        client.socket.sendall(words)
        try:
            while client.socket.recv(1000):  # an answer may come first
                pass
        except ConnectionResetError:
            pass
        client.socket.close()  # the broker waits for that, and logs then
        self.assertTrue(broker.log.wait_for(complaint, mark))

    def hello(self):
        outgoing = ssl.MemoryBIO()
        tls = tls_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            tls.do_handshake()
        return outgoing.read()

    def test_where_mqtt_is_spoken(self):
        broker = self.broker()
        self.check(broker, self.hello(), "it looks like TLS")
        self.check(broker, self.REQUEST, "it looks like HTTP")
        self.check(broker, PINGREQ[:1], "the first packet is not CONNECT")

    def test_where_websocket_is_spoken(self):
        broker = self.broker("protocol websockets")
        self.check(broker, self.hello(), "it looks like TLS")
        self.check(broker, CONNECT_311, "it looks like MQTT without WebSocket")
        self.check(broker, self.REQUEST, "this is no page")

    def test_where_tls_is_spoken(self):
        broker = self.broker(*server())
        self.check(broker, CONNECT_311, "does not seem to speak TLS")
        self.check(broker, self.REQUEST, "TLS: http request")


class Places(ListenerTest):
    def test_a_unix_socket(self):
        broker = self.broker(f"listener 0 {file('socket')}")
        self.assertEqual(os.stat(file("socket")).st_mode & 0o777, 0o770)
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(file("socket"))
        client = RawClient(self, 0, CONNECT_311, plain)
        self.assertEqual(client.connack, CONNACK_311)
        self.assertEqual(client.ask(PINGREQ), PINGRESP)
        broker.stop()
        self.assertFalse(os.path.exists(file("socket")))

    def test_the_addresses_of_an_interface(self):
        port = free_port()
        broker = self.broker(f"listener {port}", "bind_interface lo", "socket_domain ipv4")
        client = RawClient(self, port)
        self.assertEqual(client.connack, CONNACK_311)
        broker.log.wait_for(f"Listening on 127.0.0.1 port {port}")

    def test_an_interface_that_is_not_there(self):
        with self.assertRaisesRegex(AssertionError, "no-such-if: there is no such interface"):
            self.broker(f"listener {free_port()}", "bind_interface no-such-if")

    def test_versions(self):
        broker = self.broker("accept_protocol_versions 3,4")
        self.assertEqual(RawClient(self, broker.port).connack, CONNACK_311)
        refused = RawClient(self, broker.port, CONNECT_5).connack
        self.assertEqual(refused[:1] + refused[3:4], b"\x20\x84")

    def test_older_versions_are_told_with_their_own_code(self):
        broker = self.broker("accept_protocol_versions 5")
        self.assertEqual(RawClient(self, broker.port).connack, b"\x20\x02\x00\x01")


if __name__ == "__main__":
    unittest.main()
