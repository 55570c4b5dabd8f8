"""Paho's Python client (1.6) against the broker."""

import queue
import socket
import threading
import unittest

from broker_process import HOST, PATIENCE_S, BrokerTestCase
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

V311, V5 = paho.MQTTv311, paho.MQTTv5


def properties(packet, **values):
    result = Properties(getattr(PacketTypes, packet.upper()))
    for name, value in values.items():
        setattr(result, name, value)
    return result


def reason(code):
    """A reason code of 5.0 or a return code of 3.1.1 as a number."""
    return code if isinstance(code, int) else code.value


class Client:
    """A Paho client with what it hears in queues; each step returns when the broker has answered."""

    def __init__(self, test, version, client_id=None, clean=True, will=None, settings=None, **connect):
        self.version = version
        self.id = client_id or test.name("client")
        self.messages = queue.Queue()
        self.ends = queue.Queue()  # reason codes, one for each connection that ended
        self._answers = queue.Queue()
        self._published = threading.Condition()
        self._acknowledged = set()
        self._arguments = {"host": HOST, "port": test.broker.port, "keepalive": 60}
        if version == V5:
            self.paho = paho.Client(self.id, protocol=V5)
            self._arguments["clean_start"] = clean
            self._arguments["properties"] = properties("connect", **connect) if connect else None
        else:
            self.paho = paho.Client(self.id, protocol=version, clean_session=clean)
        for name, value in (settings or {}).items():
            getattr(self.paho, name)(value)
        if will:
            self.paho.will_set(**will)
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_message = lambda _client, _data, message: self.messages.put(message)
        self.paho.on_subscribe = self._on_acknowledged
        self.paho.on_unsubscribe = self._on_acknowledged
        self.paho.on_publish = self._on_publish
        test.addCleanup(self.close)

    # Paho's threads call these.

    def _on_connect(self, _client, _data, flags, code, *rest):
        self._answers.put((flags["session present"], reason(code), rest[0] if rest else None))

    def _on_disconnect(self, _client, _data, code, *_rest):
        self.ends.put(reason(code))

    def _on_acknowledged(self, _client, _data, _mid, *rest):
        self._answers.put(rest)

    def _on_publish(self, _client, _data, mid):
        with self._published:
            self._acknowledged.add(mid)
            self._published.notify_all()

    # The test calls these.

    def open(self):
        """Connects; returns the session present flag, the reason code and CONNACK's properties."""
        self.paho.connect(**self._arguments)
        self.paho.loop_start()
        return self._answers.get(timeout=PATIENCE_S)

    def close(self):
        if self.paho.socket():
            self.paho.disconnect()
        self.paho.loop_stop()

    def vanish(self):
        """Lets the connection end without a DISCONNECT, and does not come back."""
        self.paho._thread_terminate = True
        self.paho.socket().shutdown(socket.SHUT_RDWR)
        self.paho.loop_stop()

    def subscribe(self, topic_filter, qos=2, identifier=None, **options):
        """Returns the granted QoS, or the reason why not."""
        if self.version == V5:
            more = properties("subscribe", SubscriptionIdentifier=identifier) if identifier else None
            self.paho.subscribe(topic_filter, options=SubscribeOptions(qos, **options), properties=more)
        else:
            self.paho.subscribe(topic_filter, qos)
        return reason(self._answers.get(timeout=PATIENCE_S)[0][0])

    def unsubscribe(self, topic_filter):
        self.paho.unsubscribe(topic_filter)
        return self._answers.get(timeout=PATIENCE_S)

    def publish(self, topic, payload=b"", qos=2, retain=False, **values):
        """Begins to publish; `finish` waits for the end of all."""
        more = properties("publish", **values) if values else None
        return self.paho.publish(topic, payload, qos, retain, properties=more).mid

    def finish(self, mids):
        mids = set(mids)
        with self._published:
            if not self._published.wait_for(lambda: mids <= self._acknowledged, PATIENCE_S):
                raise AssertionError(f"{len(mids - self._acknowledged)} messages were not acknowledged")

    def publish_and_wait(self, *arguments, **values):
        self.finish([self.publish(*arguments, **values)])

    def receive(self):
        return self.messages.get(timeout=PATIENCE_S)

    def receive_payloads(self, count):
        return [self.receive().payload for _ in range(count)]


def both_versions(test):
    def run(self):
        for version in (V311, V5):
            with self.subTest(version={V311: "3.1.1", V5: "5.0"}[version]):
                test(self, version)

    run.__name__ = test.__name__
    return run


class PahoPython(BrokerTestCase):
    # Paho frees a place of its own window whenever it receives a message with QoS 2, and so exceeds
    # the usual Receive Maximum where such messages go both ways.
    settings = "max_queued_messages 5000\nmax_inflight_messages 1000"

    def client(self, version, **options):
        client = Client(self, version, **options)
        _, code, _ = client.open()
        self.assertEqual(code, 0)
        return client

    @both_versions
    def test_many_messages_in_flight_both_ways(self, version):
        left, right = self.client(version), self.client(version)
        to_left, to_right = self.name("to-left"), self.name("to-right")
        left.subscribe(to_left)
        right.subscribe(to_right)
        payloads = [b"%d" % i for i in range(500)]
        for qos in (0, 1, 2):
            sent_right = [left.publish(to_right, payload, qos) for payload in payloads]
            sent_left = [right.publish(to_left, payload, qos) for payload in payloads]
            self.assertEqual(right.receive_payloads(len(payloads)), payloads)
            self.assertEqual(left.receive_payloads(len(payloads)), payloads)
            left.finish(sent_right)
            right.finish(sent_left)
        self.assertTrue(left.messages.empty() and right.messages.empty())

    @both_versions
    def test_each_qos_is_kept_and_the_lower_one_counts(self, version):
        topic = self.name("topic")
        for granted in (0, 1, 2):
            client = self.client(version)
            self.assertEqual(client.subscribe(topic, granted), granted)
            for qos in (0, 1, 2):
                client.publish_and_wait(topic, b"x", qos)
                self.assertEqual(client.receive().qos, min(qos, granted))
            client.close()

    @both_versions
    def test_retained_messages(self, version):
        topic, publisher = self.name("topic"), self.client(version)
        publisher.publish_and_wait(topic, b"old", retain=True)
        publisher.publish_and_wait(topic, b"new", retain=True)
        reader = self.client(version)
        reader.subscribe(topic)
        message = reader.receive()
        self.assertEqual((message.payload, message.retain), (b"new", 1))
        publisher.publish_and_wait(topic, b"live", retain=True)
        message = reader.receive()
        self.assertEqual((message.payload, message.retain), (b"live", 0))
        publisher.publish_and_wait(topic, b"", retain=True)
        self.assertEqual(reader.receive().payload, b"")
        late = self.client(version)
        late.subscribe(topic)
        publisher.publish_and_wait(topic, b"after")
        self.assertEqual(late.receive().payload, b"after")

    @both_versions
    def test_a_will_is_published_without_disconnect_only(self, version):
        topic, witness = self.name("will"), self.client(version)
        witness.subscribe(topic)
        in_order = self.client(version, will={"topic": topic, "payload": b"wrong", "qos": 1})
        in_order.close()
        lost = self.client(version, will={"topic": topic, "payload": b"right", "qos": 1, "retain": True})
        lost.vanish()
        message = witness.receive()
        self.assertEqual((message.payload, message.qos), (b"right", 1))
        late = self.client(version)
        late.subscribe(topic)
        self.assertEqual(late.receive().payload, b"right")

    def test_a_delayed_will_waits_and_a_return_in_time_cancels_it(self):
        topic, witness = self.name("will"), self.client(V5)
        witness.subscribe(topic)

        def mortal(payload, **options):
            will = {"topic": topic, "payload": payload, "qos": 1,
                    "properties": properties("willmessage", WillDelayInterval=1)}
            return self.client(V5, will=will, SessionExpiryInterval=60, **options)

        returning = mortal(b"wrong")
        returning.vanish()
        back = self.client(V5, client_id=returning.id, clean=False, SessionExpiryInterval=60)
        mortal(b"right").vanish()
        self.assertEqual(witness.receive().payload, b"right")
        back.close()

    @both_versions
    def test_a_session_is_resumed_with_what_it_missed(self, version):
        topic, publisher = self.name("topic"), self.client(version)
        session = {"clean": False, **({"SessionExpiryInterval": 60} if version == V5 else {})}
        sleeper = Client(self, version, **session)
        self.assertEqual(sleeper.open()[:2], (0, 0))
        sleeper.subscribe(topic)
        sleeper.close()
        payloads = [b"%d" % i for i in range(1000)]
        publisher.finish([publisher.publish(topic, payload, 1 + i % 2) for i, payload in enumerate(payloads)])
        publisher.publish_and_wait(topic, b"not queued", 0)
        publisher.publish_and_wait(topic + "/other", b"the broker has read what went before", 1)
        back = Client(self, version, client_id=sleeper.id, **session)
        self.assertEqual(back.open()[:2], (1, 0))
        messages = [back.receive() for _ in payloads]
        # A message with QoS 2 is shown when it is released, so each QoS has an order of its own.
        for qos in (1, 2):
            self.assertEqual([m.payload for m in messages if m.qos == qos], payloads[qos - 1::2])
        publisher.publish_and_wait(topic, b"last")
        self.assertEqual(back.receive().payload, b"last")

    @both_versions
    def test_a_clean_start_ends_the_old_session(self, version):
        topic, publisher = self.name("topic"), self.client(version)
        session = {"clean": False, **({"SessionExpiryInterval": 60} if version == V5 else {})}
        old = self.client(version, **session)
        old.subscribe(topic)
        old.close()
        publisher.publish_and_wait(topic, b"lost")
        new = Client(self, version, client_id=old.id)
        self.assertEqual(new.open()[:2], (0, 0))
        new.subscribe(topic)
        publisher.publish_and_wait(topic, b"seen")
        self.assertEqual(new.receive().payload, b"seen")

    @both_versions
    def test_a_connection_that_breaks_in_the_middle_loses_and_doubles_nothing(self, version):
        """QoS 2 both ways; the subscriber's connection is cut again and again."""
        topic, publisher = self.name("topic"), self.client(version)
        session = {"clean": False, **({"SessionExpiryInterval": 60} if version == V5 else {})}
        reader = self.client(version, **session)
        reader.paho.reconnect_delay_set(min_delay=0.05)
        reader.subscribe(topic)
        payloads = [b"%d" % i for i in range(600)]
        mids = [publisher.publish(topic, payload) for payload in payloads]
        received = []
        while len(received) < len(payloads):
            received.append(reader.receive().payload)
            if len(received) % 200 == 100:
                # Paho connects again by itself, and keeps its half of the session.
                reader.paho.socket().shutdown(socket.SHUT_RDWR)
                self.assertEqual(reader._answers.get(timeout=PATIENCE_S)[:2], (1, 0))
        publisher.finish(mids)
        self.assertEqual(received, payloads)

    @both_versions
    def test_a_shared_subscription_is_a_queue_of_many_readers(self, version):
        topic, publisher = self.name("topic"), self.client(version)
        members = [self.client(version) for _ in range(4)]
        everything = queue.Queue()
        for member in members:
            member.messages = everything
            member.subscribe(f"$share/readers/{topic}", 1)
        listener = self.client(version)
        listener.subscribe(topic)
        payloads = [b"%d" % i for i in range(400)]
        publisher.finish([publisher.publish(topic, payload, 1) for payload in payloads])
        self.assertEqual(listener.receive_payloads(len(payloads)), payloads)
        got = [everything.get(timeout=PATIENCE_S).payload for _ in payloads]
        self.assertEqual(sorted(got, key=int), payloads)
        self.assertTrue(everything.empty())

    @both_versions
    def test_the_newer_client_takes_over(self, version):
        first = Client(self, version, client_id=self.name("twin"))
        first.paho.reconnect_delay_set(min_delay=100, max_delay=100)
        first.open()
        second = self.client(version, client_id=first.id)
        self.assertNotEqual(first.ends.get(timeout=PATIENCE_S), 0)
        topic = self.name("topic")
        second.subscribe(topic)
        second.publish_and_wait(topic, b"mine")
        self.assertEqual(second.receive().payload, b"mine")

    @both_versions
    def test_large_payloads(self, version):
        topic = self.name("topic")
        publisher, readers = self.client(version), [self.client(version) for _ in range(3)]
        for reader in readers:
            reader.subscribe(topic)
        for qos in (0, 1, 2):
            payload = bytes((i * (qos + 3)) % 251 for i in range(1_500_000))
            publisher.publish_and_wait(topic, payload, qos)
            for reader in readers:
                self.assertEqual(reader.receive().payload, payload)

    @both_versions
    def test_unsubscribing(self, version):
        topic, client = self.name("topic"), self.client(version)
        client.subscribe(f"{topic}/a")
        client.subscribe(f"{topic}/b")
        client.unsubscribe(f"{topic}/a")
        client.publish_and_wait(f"{topic}/a", b"x")
        client.publish_and_wait(f"{topic}/b", b"x")
        self.assertEqual(client.receive().topic, f"{topic}/b")

    @both_versions
    def test_wildcards_and_dollar_topics(self, version):
        root, client = self.name("root"), self.client(version)
        client.subscribe(f"{root}/+/x")
        self.assertEqual(client.subscribe(f"${root}/#"), 2)
        for topic in (f"{root}/a/b/x", f"{root}/ä/x", f"${root}/b"):
            client.publish_and_wait(topic, b"1")
        self.assertEqual([client.receive().topic for _ in range(2)], [f"{root}/ä/x", f"${root}/b"])


class PahoPython5(BrokerTestCase):
    """What only MQTT 5.0 has."""

    settings = "max_inflight_messages 30\nmax_subscriptions_per_client 3"

    def client(self, **options):
        client = Client(self, V5, **options)
        self.assertEqual(client.open()[1], 0)
        return client

    def test_connack_tells_the_limits(self):
        present, code, connack = Client(self, V5).open()
        self.assertEqual((present, code), (0, 0))
        self.assertEqual((connack.ReceiveMaximum, connack.TopicAliasMaximum, connack.MaximumPacketSize),
                         (30, 10, 2000000))

    def test_an_empty_identifier_is_replaced(self):
        client = Client(self, V5)
        client.paho._client_id = b""
        _, _, connack = client.open()
        self.assertTrue(connack.AssignedClientIdentifier.startswith("auto-"))

    def test_properties_travel_with_the_message(self):
        topic, client = self.name("topic"), self.client()
        client.subscribe(topic)
        client.publish_and_wait(topic, b"x", PayloadFormatIndicator=1, ContentType="text/plain",
                                UserProperty=[("a", "1"), ("b", "2"), ("a", "3")])
        got = client.receive().properties
        self.assertEqual((got.PayloadFormatIndicator, got.ContentType), (1, "text/plain"))
        self.assertEqual(got.UserProperty, [("a", "1"), ("b", "2"), ("a", "3")])

    def test_request_and_response(self):
        requests, answers = self.name("requests"), self.name("answers")
        asking, answering = self.client(), self.client()
        asking.subscribe(answers)
        answering.subscribe(requests)
        asking.publish(requests, b"6*7", ResponseTopic=answers, CorrelationData=b"\x00\xff")
        request = answering.receive()
        answering.publish(request.properties.ResponseTopic, b"42",
                          CorrelationData=request.properties.CorrelationData)
        answer = asking.receive()
        self.assertEqual((answer.payload, answer.properties.CorrelationData), (b"42", b"\x00\xff"))

    def test_subscription_identifiers_name_the_subscription(self):
        root, client = self.name("root"), self.client()
        client.subscribe(f"{root}/#", identifier=1)
        client.subscribe(f"{root}/a", identifier=268435455)
        client.publish_and_wait(f"{root}/b", b"x")
        self.assertEqual(client.receive().properties.SubscriptionIdentifier, [1])
        client.publish_and_wait(f"{root}/a", b"x")
        identifiers = client.receive().properties.SubscriptionIdentifier
        if len(identifiers) == 1:  # one copy for each subscription
            identifiers += client.receive().properties.SubscriptionIdentifier
        self.assertEqual(sorted(identifiers), [1, 268435455])

    def test_an_expired_message_is_not_delivered(self):
        topic, publisher = self.name("topic"), self.client()
        sleeper = self.client(SessionExpiryInterval=60)
        sleeper.subscribe(topic)
        sleeper.close()
        clock = self.client(SessionExpiryInterval=60)
        clock.subscribe(topic)
        publisher.publish_and_wait(topic, b"short", 1, MessageExpiryInterval=1)
        publisher.publish_and_wait(topic, b"long", 1, MessageExpiryInterval=600)
        # A Will that is due later than the message is: when it comes, the second has passed.
        delay = {"topic": topic, "payload": b"will", "qos": 1,
                 "properties": properties("willmessage", WillDelayInterval=3)}
        self.client(will=delay, SessionExpiryInterval=60).vanish()
        self.assertEqual(clock.receive_payloads(3), [b"short", b"long", b"will"])
        back = self.client(client_id=sleeper.id, clean=False, SessionExpiryInterval=60)
        message = back.receive()
        self.assertEqual(message.payload, b"long")
        self.assertLess(message.properties.MessageExpiryInterval, 600)
        self.assertGreater(message.properties.MessageExpiryInterval, 500)

    def test_retain_handling_and_retain_as_published(self):
        topic, publisher = self.name("topic"), self.client()
        publisher.publish_and_wait(topic, b"old", retain=True)
        never, when_new = self.client(), self.client()
        never.subscribe(topic, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND, retainAsPublished=True)
        when_new.subscribe(topic, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        self.assertEqual(when_new.receive().payload, b"old")
        when_new.subscribe(topic, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        publisher.publish_and_wait(topic, b"new", retain=True)
        message = never.receive()
        self.assertEqual((message.payload, message.retain), (b"new", True))
        message = when_new.receive()
        self.assertEqual((message.payload, message.retain), (b"new", False))

    def test_no_local(self):
        topic, client, other = self.name("topic"), self.client(), self.client()
        client.subscribe(topic, noLocal=True)
        client.publish_and_wait(topic, b"own")
        other.publish_and_wait(topic, b"others")
        self.assertEqual(client.receive().payload, b"others")

    def test_reason_codes_are_seen(self):
        client = self.client()
        self.assertEqual([client.subscribe(self.name("topic"), qos) for qos in (0, 1, 2)], [0, 1, 2])
        self.assertEqual(client.subscribe(self.name("topic")), 0x97)
        self.assertEqual(reason(client.unsubscribe(self.name("never"))[1]), 0x11)

    def test_a_client_that_takes_small_packets_gets_only_those(self):
        topic, publisher = self.name("topic"), self.client()
        reader = self.client(MaximumPacketSize=200, ReceiveMaximum=2)
        reader.subscribe(topic)
        for _ in range(5):
            publisher.publish_and_wait(topic, b"x" * 1000)
        publisher.publish_and_wait(topic, b"small")
        self.assertEqual(reader.receive().payload, b"small")

    def test_the_receive_maximum_of_a_client_holds(self):
        topic, publisher = self.name("topic"), self.client()
        reader = self.client(ReceiveMaximum=1)
        reader.subscribe(topic)
        payloads = [b"%d" % i for i in range(200)]
        publisher.finish([publisher.publish(topic, payload) for payload in payloads])
        self.assertEqual(reader.receive_payloads(200), payloads)


class PahoPythonRefused(BrokerTestCase):
    settings = "allow_anonymous false"

    def test_who_may_not_enter_is_told(self):
        self.assertEqual(Client(self, V5).open()[:2], (0, 0x87))
        self.assertEqual(Client(self, V311).open()[:2], (0, 5))


if __name__ == "__main__":
    unittest.main()
