"""A client that is hardly more than its socket, and the packets that it says most often."""

import socket

from broker_process import HOST, PATIENCE_S

CONNECT_311 = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00"
CONNECT_5 = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x00"
PINGREQ, PINGRESP = b"\xc0\x00", b"\xd0\x00"


class RawClient:
    """A socket that sends what it is told to and reads whole packets; closed at the end of its owner,
    a test or a broker."""

    def __init__(self, owner, port, greeting=CONNECT_311, through=None):
        """`through`: a connected socket in place of a new one to `port`."""
        self.socket = through or socket.create_connection((HOST, port), PATIENCE_S)
        owner.addCleanup(self.socket.close)
        if greeting:
            self.socket.sendall(greeting)
            self.connack = self.packet()

    def bytes(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                return data
            data += part
        return data

    def packet(self):
        """The next packet, or what there is of it when the connection ends."""
        head = self.bytes(2)
        size, shift = 0, 0
        while len(head) == 2 + shift // 7:
            size |= (head[-1] & 127) << shift
            if not head[-1] & 128:
                return head + self.bytes(size)
            head += self.bytes(1)
            shift += 7
        return head

    def ask(self, request, count=2):
        self.socket.sendall(request)
        return self.bytes(count)

    def is_closed(self):
        """Waits for the end of the connection."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
