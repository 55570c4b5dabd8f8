"""The tools against a broker that says what no broker says at a test's word: denials, rejections,
losses, broken packets."""

import fcntl
import os
import select
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
import unittest

from harness import (PATIENCE_S, PUB, PUBLISH_QOS0, PUBLISH_QOS1, SUB, Peer, ScriptedBroker,
                     free_port, interrupt, publish_body)


def bytes_in(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"))[0]


class Connecting(ScriptedBroker):

    def test_nobody_listens(self):
        self.port = free_port()
        for done in (self.pub("-t", "x", "-m", "y"), self.sub("-t", "x")):
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"127.0.0.1:{self.port}".encode(), done.stderr)

    def test_unknown_host(self):
        done = subprocess.run([SUB, "-h", "host.invalid", "-t", "x"], capture_output=True,
                              timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"host.invalid", done.stderr)
        self.assertIn(b"host name", done.stderr)
        self.assertNotIn(b"node or service", done.stderr)

    def test_refused(self):
        for code, text in ((1, b"unacceptable protocol version"), (2, b"identifier rejected"),
                           (3, b"broker unavailable"), (4, b"bad user name or password"),
                           (5, b"not authorised")):
            self.serve(lambda peer, code=code: peer.accept(code=code))
            done = self.sub("-t", "x")
            self.assertEqual(done.returncode, code)
            self.assertIn(text, done.stderr)
            self.join()

    def test_refused_with_a_reason(self):
        def refuse(peer):
            peer.read()
            peer.send(0x20, b"\0\x97\x07\x1f\0\x04full")

        self.serve(refuse)
        done = self.pub("-V", "5", "-t", "x", "-m", "y")
        self.assertEqual((done.returncode, done.stderr),
                         (151, b"Connection error: Quota exceeded (full)\n"))

    def test_every_end_has_a_reason(self):
        """A broker that closes, that speaks TLS or HTTP: an error with its reason, and what may help."""
        for answer, reason, help_ in ((b"", "closed by the server before it answered CONNECT", "--cafile"),
                                      (b"\x15\x03\x01\0\2\2\x46", "the answer is TLS, not MQTT", "--cafile"),
                                      (b"HTTP/1.1 400 Bad Request\r\n", "the answer is HTTP, not MQTT", "--ws")):
            def close(peer, answer=answer):
                peer.read()
                peer.socket.sendall(answer)

            self.serve(close)
            done = self.pub("-t", "x", "-m", "y")
            self.join()
            self.assertEqual(done.returncode, 7)
            error, advice = done.stderr.decode().splitlines()
            self.assertEqual(error, f"Error: cannot connect to 127.0.0.1:{self.port}: {reason}")
            self.assertIn(help_, advice)

    def test_no_broker_at_all(self):
        def talk_nonsense(peer):
            peer.socket.sendall(b"\0\0")
            while peer.read():
                pass

        self.serve(talk_nonsense)
        done = self.pub("-t", "x", "-m", "y")
        self.assertEqual(done.returncode, 2)
        self.assertNotEqual(done.stderr, b"")

    def test_connect(self):
        """The whole CONNECT, byte by byte."""
        connects = []

        def take(peer):
            connects.append(peer.accept(v5=True))
            peer.grant(0, v5=True)
            self.assertEqual(peer.read(), (0xE0, b""))

        self.serve(take)
        done = self.sub("-x", "10", "-C", "5", "-E", "-t", "x", "-i", "me", "-u", "you", "-P", "pw",
                        "-k", "7", "--will-topic", "w", "--will-payload", "gone", "--will-qos", "1",
                        "--will-retain", "-D", "will", "will-delay-interval", "3",
                        "-D", "connect", "user-property", "k", "v")
        self.assertEqual(done.returncode, 0)
        properties = b"\x26\0\1k\0\1v" + b"\x11\0\0\0\x0a" + b"\x21\0\5"
        self.assertEqual(connects, [
            b"\0\4MQTT\5" + bytes([0x80 | 0x40 | 0x20 | 0x08 | 0x04 | 0x02]) + b"\0\7" +
            bytes([len(properties)]) + properties + b"\0\2me" + b"\5\x18\0\0\0\3" + b"\0\1w" +
            b"\0\4gone" + b"\0\3you" + b"\0\2pw"])


class Requesting(ScriptedBroker):

    def test_packets(self):
        """All that a request says, byte by byte: the subscription first, and DISCONNECT last."""
        seen = []

        def answer(peer):
            seen.append(peer.accept(v5=True))
            seen.append(peer.grant(1, v5=True))
            seen.append(peer.read())
            peer.send(PUBLISH_QOS1, publish_body(b"b", b"yes", packet_id=9, v5=True))
            seen.extend([peer.read(), peer.read()])

        self.serve(answer)
        done = self.rr("-t", "a", "-e", "b", "-m", "x", "-q", "1", "--retain-as-published",
                       "-D", "publish", "correlation-data", "17")
        self.join()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"yes\n", b""))
        self.assertEqual(seen, [
            b"\0\4MQTT\5\2\0\x3c\3\x21\0\1\0\0", b"\0\1\0\0\1b\x09",
            (PUBLISH_QOS1, b"\0\1a" + b"\0\2" + b"\x09\x09\0\2" + b"17" + b"\x08\0\1b" + b"x"),
            (0x40, b"\0\x09"), (0xE0, b"")])

    def test_old_messages_are_no_response(self):
        """What a kept session had in store comes before the request is sent."""
        def answer(peer):
            peer.accept(v5=True)
            peer.send(PUBLISH_QOS0, publish_body(b"b", b"old", v5=True))
            peer.grant(0, v5=True)
            peer.read()
            peer.send(PUBLISH_QOS0, publish_body(b"b", b"new", v5=True))
            peer.read()

        self.serve(answer)
        done = self.rr("-i", "me", "-c", "-t", "a", "-e", "b", "-n")
        self.assertEqual((done.returncode, done.stdout), (0, b"new\n"))

    def test_denied(self):
        def deny(peer):
            peer.accept(v5=True)
            peer.grant(0x87, v5=True)
            self.assertEqual(peer.read(), (0xE0, b""))

        self.serve(deny)
        done = self.rr("-t", "a", "-e", "b", "-n")
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"Not authorised", done.stderr)

    def test_rejected(self):
        def reject(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            peer.read()
            peer.send(0x40, b"\0\2\x87\0")
            peer.read()

        self.serve(reject)
        done = self.rr("-t", "a", "-e", "b", "-n", "-q", "1")
        self.assertEqual(done.returncode, 65)
        self.assertIn(b"Not authorised", done.stderr)

    def test_lost(self):
        def leave(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            peer.read()

        self.serve(leave)
        done = self.rr("-t", "a", "-e", "b", "-n")
        self.assertEqual(done.returncode, 7)
        self.assertNotEqual(done.stderr, b"")

    def test_timeout_leaves_the_will(self):
        def wait(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            peer.read()
            self.assertEqual(peer.read(), (0xE0, b"\x04"))

        self.serve(wait)
        done = self.rr("-t", "a", "-e", "b", "-n", "-W", "1", "--will-topic", "w")
        self.assertEqual((done.returncode, done.stderr), (27, b"Timed out\n"))


class Publishing(ScriptedBroker):

    def test_rejected(self):
        def reject(peer):
            peer.accept(v5=True)
            peer.read()
            peer.send(0x40, b"\0\1\x87\x06\x1f\0\x03why")
            peer.read()

        self.serve(reject)
        done = self.pub("-V", "5", "-q", "1", "-t", "x", "-m", "y")
        self.assertEqual((done.returncode, done.stderr),
                         (65, b"Warning: Publish 1 failed: Not authorized (why).\n"))

    def test_lost_before_the_answer(self):
        def leave(peer):
            peer.accept()
            peer.read()

        self.serve(leave)
        done = self.pub("-q", "1", "-t", "x", "-m", "y")
        self.assertEqual(done.returncode, 7)
        self.assertNotEqual(done.stderr, b"")

    def test_ended_by_the_broker(self):
        def leave(peer):
            peer.accept(v5=True)
            peer.read()
            peer.send(0xE0, b"\x8b\0")

        self.serve(leave)
        done = self.pub("-V", "5", "-q", "1", "-t", "x", "-m", "y")
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"shutting down", done.stderr)

    def test_beyond_what_the_broker_allows(self):
        def accept(peer):
            peer.read()
            peer.send(0x20, b"\0\0\2\x24\0")  # Maximum QoS 0
            peer.read()

        self.serve(accept)
        done = self.pub("-V", "5", "-q", "1", "-t", "x", "-m", "y")
        self.assertEqual(done.returncode, 65)
        self.assertIn(b"QoS", done.stderr)

    def test_lines_go_on_after_a_loss(self):
        payloads = []

        def lose(peer):
            peer.accept()
            payloads.append(peer.read()[1][-1:])

        def go_on(peer):
            peer.accept()
            while (packet := peer.read()) and packet[0] >> 4 == 3:
                payloads.append(packet[1][-1:])
                peer.send(0x40, packet[1][3:5])

        self.serve(lose, go_on)
        done = self.pub("-l", "-q", "1", "-M", "1", "-t", "x", stdin=b"a\nb\nc\n")
        self.assertEqual(done.returncode, 0)
        self.join()
        self.assertEqual(payloads, [b"a", b"a", b"b", b"c"])

    def test_slow_broker_stops_the_input(self):
        """What the broker does not take stays in the pipe: memory does not grow with the input."""
        publisher_is_stuck = threading.Event()

        def stall(peer):
            peer.accept()
            publisher_is_stuck.wait(PATIENCE_S)
            while peer.read():
                pass

        self.serve(stall)
        publisher = self.start(PUB, "-t", "x", "-l", stdin=subprocess.PIPE)
        pipe = publisher.stdin.fileno()
        os.set_blocking(pipe, False)
        far_too_much, written = 200_000_000, 0
        while written < far_too_much and select.select([], [pipe], [], 0.5)[1]:
            written += os.write(pipe, b"x" * 1023 + b"\n")
        self.assertLess(written, far_too_much)
        publisher_is_stuck.set()
        publisher.stdin.close()
        self.assertEqual(publisher.wait(PATIENCE_S), 0)


class Subscribing(ScriptedBroker):

    def test_denied(self):
        for v5, code, words in ((False, 0x80, b""), (True, 0x87, b"Not authorised")):
            def deny(peer, v5=v5, code=code):
                peer.accept(v5=v5)
                peer.grant(code, code, v5=v5)
                self.assertEqual(peer.read(), (0xE0, b""))

            self.serve(deny)
            done = self.sub("-V", "5" if v5 else "311", "-t", "x", "-t", "y")
            self.assertEqual(done.returncode, 64)
            self.assertIn(b"x", done.stderr)
            self.assertIn(words, done.stderr)
            self.join()

    def test_one_of_two_denied(self):
        def half(peer):
            peer.accept()
            peer.grant(0x80, 0)
            peer.send(PUBLISH_QOS0, publish_body(b"y", b"hi"))
            peer.read()

        self.serve(half)
        done = self.sub("-t", "x", "-t", "y", "-C", "1")
        self.assertEqual((done.returncode, done.stdout), (0, b"hi\n"))
        self.assertIn(b"x", done.stderr)

        self.join()
        self.serve(half)
        self.assertEqual(self.sub("-t", "x", "-t", "y", "-E").returncode, 64)

    def test_subscribes_again_after_a_loss(self):
        def lose(peer):
            peer.accept()
            peer.grant(0)
            peer.send(PUBLISH_QOS0, publish_body(b"x", b"one"))

        def go_on(peer):
            peer.accept()
            peer.grant(0)
            peer.send(PUBLISH_QOS0, publish_body(b"x", b"two"))
            self.assertEqual(peer.read(), (0xE0, b""))

        self.serve(lose, go_on)
        done = self.sub("-t", "x", "-C", "2")
        self.assertEqual((done.returncode, done.stdout), (0, b"one\ntwo\n"))
        lost, advice, again, back = done.stderr.decode().splitlines()
        self.assertEqual(lost, "Error: the connection was lost: closed by the server")
        self.assertIn("-V 5", advice)
        self.assertEqual(again, "Connecting again.")
        self.assertRegex(back, r"^Connected again after \d+\.\d s\.$")

    def test_quiet_says_nothing_of_a_loss(self):
        def lose(peer):
            peer.accept()

        def go_on(peer):
            peer.accept()
            peer.grant(0)
            peer.read()

        self.serve(lose, go_on)
        done = self.sub("-t", "x", "-E", "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_goes_on_after_a_restart_but_not_after_a_refusal(self):
        def restart(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            peer.send(0xE0, b"\x8b\0")

        self.serve(restart, lambda peer: peer.accept(v5=True, code=0x87))
        self.assertEqual(self.sub("-V", "5", "-t", "x").returncode, 135)

    def test_gives_way_to_its_successor(self):
        def take_over(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            peer.send(0xE0, b"\x8e\0")

        self.serve(take_over)
        done = self.sub("-V", "5", "-i", "me", "-t", "x")
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"taken over", done.stderr)
        self.assertIn(b"same client identifier", done.stderr)

    def test_acknowledges_what_was_printed_and_nothing_else(self):
        answers = []

        def send(peer):
            peer.accept()
            peer.grant(1)
            for packet_id in (1, 2, 3):
                peer.send(PUBLISH_QOS1, publish_body(b"x", b"hi", packet_id))
            while packet := peer.read():
                answers.append(packet)

        self.serve(send)
        done = self.sub("-t", "x", "-q", "1", "-C", "2")
        self.assertEqual((done.returncode, done.stdout), (0, b"hi\nhi\n"))
        self.join()
        self.assertEqual(answers, [(0x40, b"\0\1"), (0x40, b"\0\2"), (0xE0, b"")])

    def test_a_reader_that_stops_holds_nobody_up(self):
        """Behind a pager that is not read the tool stays awake: a signal ends it in order."""
        packets = []

        def flood(peer):
            peer.accept()
            peer.grant(0)
            for _ in range(20_000):
                peer.send(PUBLISH_QOS0, publish_body(b"x", b"y" * 100))
            while packet := peer.read():
                packets.append(packet)

        self.serve(flood)
        subscriber = self.start(SUB, "-t", "x")
        pipe = subscriber.stdout.fileno()
        nearly_full = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) // 2
        while bytes_in(pipe) < nearly_full:
            self.assertIsNone(subscriber.poll())
            time.sleep(0.01)
        self.assertEqual(interrupt(subscriber), 0)
        self.join()
        self.assertEqual(packets[-1], (0xE0, b""))

    def test_reasons_of_disconnect(self):
        """A time-out or a signal asks the broker to publish the will, any other end does not."""
        packets = []

        def watch(peer):
            peer.accept(v5=True)
            peer.grant(0, v5=True)
            packets.append(peer.read())

        self.serve(watch)
        self.assertEqual(self.sub("-V", "5", "-t", "x", "-W", "1").returncode, 27)
        self.join()
        self.assertEqual(packets[0][0], 0xE0)
        self.assertEqual(packets[0][1][:1], b"\x04")

        self.serve(watch)
        self.sub("-V", "5", "-t", "x", "-E", "-D", "disconnect", "user-property", "k", "v")
        self.join()
        self.assertEqual(packets[1], (0xE0, b"\0\x07\x26\0\1k\0\1v"))

    def test_time_limit_before_the_broker_answers(self):
        def say_nothing(peer):
            peer.read()
            peer.read()

        self.serve(say_nothing)
        self.assertEqual(self.sub("-t", "x", "-W", "1").returncode, 27)

    def test_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "socket")
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen()
                tool = subprocess.Popen([PUB, "--unix", path, "-t", "x", "-m", "y"])
                connection, _ = listener.accept()
                with connection:
                    peer = Peer(connection)
                    peer.accept()
                    self.assertEqual(peer.read(), (0x30, b"\0\1xy"))
                    self.assertEqual(peer.read(), (0xE0, b""))
                self.assertEqual(tool.wait(PATIENCE_S), 0)


if __name__ == "__main__":
    unittest.main()
