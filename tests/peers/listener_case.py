"""What tests of the broker's listeners share: certificates, made once per program, and clients that know
them.

    from listener_case import ListenerTest, setUpModule, tearDownModule
"""

import pathlib
import socket
import ssl
import tempfile
import unittest

from broker_process import HOST, PATIENCE_S, Broker, make_certificates
from raw_client import CONNECT_311, RawClient

FOLDER = tempfile.TemporaryDirectory(prefix="mqtt-peers-")
CERTIFICATES = pathlib.Path(FOLDER.name)
CONNACK_311, CONNACK_5 = b"\x20\x02\x00\x00", b"\x20"
REFUSED_USER = b"\x20\x02\x00\x04"


def setUpModule():
    make_certificates(FOLDER.name)


def tearDownModule():
    FOLDER.cleanup()


def file(name):
    return str(CERTIFICATES / name)


def server(certificate="server"):
    return [f"certfile {file(certificate)}.pem", f"keyfile {file(certificate)}.key"]


def mutual(*more):
    return [*server(), f"cafile {file('ca.pem')}", "require_certificate true", *more]


def connect_as(client_id, version=4):
    body = b"\x00\x04MQTT" + bytes([version]) + b"\x02\x00\x00" + (b"\x00" if version == 5 else b"")
    body += len(client_id).to_bytes(2, "big") + client_id
    return bytes([0x10, len(body)]) + body


def tls_context(certificate=None, **settings):
    context = ssl.create_default_context(cafile=file("ca.pem"))
    for name, value in settings.items():
        setattr(context, name, value)
    if certificate:
        context.load_cert_chain(file(certificate + ".pem"), file(certificate + ".key"))
    return context


class ListenerTest(unittest.TestCase):
    def broker(self, *settings, before="", arguments=()):
        broker = Broker(before, "\n".join(settings), arguments=arguments)
        self.addCleanup(broker.stop)
        return broker

    def tls_socket(self, broker, certificate=None, port=None, **context_settings):
        return self.wrapped(tls_context(certificate, **context_settings), port or broker.port)

    def wrapped(self, context, port, session=None):
        """A socket to `port` that speaks TLS; with `session`, one that wants to resume it."""
        plain = socket.create_connection((HOST, port), PATIENCE_S)
        self.addCleanup(plain.close)
        wrapped = context.wrap_socket(plain, server_hostname="localhost", session=session)
        self.addCleanup(wrapped.close)
        return wrapped

    def tls_client(self, broker, certificate=None, greeting=CONNECT_311, **more):
        return RawClient(self, broker.port, greeting, self.tls_socket(broker, certificate, **more))

    def assert_refused(self, connect):
        """`connect` makes a RawClient that the listener does not want. With TLS 1.3 the refusal comes with
        the first answer."""
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            if connect().connack == b"":
                raise ConnectionError("closed")
