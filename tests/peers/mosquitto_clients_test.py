"""Debian's mosquitto_pub and mosquitto_sub against the broker."""

import functools
import subprocess
import unittest

from broker_process import HOST, PATIENCE_S, BrokerTestCase

VERSIONS = ("mqttv31", "mqttv311", "mqttv5")


def each_version(test):
    """Runs a test once for each version of the protocol, which becomes its argument."""

    @functools.wraps(test)
    def run(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                test(self, version)

    return run


class Subscriber:
    """A running mosquitto_sub whose subscriptions are in force."""

    def __init__(self, test, version, filters, *options, qos=2, client_id=None):
        self.client_id = client_id or test.name("sub")
        topics = [argument for topic_filter in filters for argument in ("-t", topic_filter)]
        self._process = subprocess.Popen(
            ["mosquitto_sub", "-h", HOST, "-p", str(test.broker.port), "-V", version, "-i", self.client_id,
             "-q", str(qos), "-W", str(int(PATIENCE_S)), *topics, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        test.addCleanup(self._end)
        test.broker.wait_for_subscription(self.client_id, filters[-1])

    def _end(self):
        self._process.kill()
        self._process.communicate()

    def output(self):
        """All it has printed, once it has got what it was to wait for (-C)."""
        output, errors = self._process.communicate(timeout=PATIENCE_S + 5)
        if self._process.returncode != 0:
            raise AssertionError(f"mosquitto_sub ended with {self._process.returncode}: {errors.decode()}")
        return output

    def lines(self):
        return self.output().decode().splitlines()


class MosquittoClients(BrokerTestCase):
    settings = "sys_interval 1"

    def publish(self, version, topic, *options, qos=0, stdin=None):
        done = subprocess.run(
            ["mosquitto_pub", "-h", HOST, "-p", str(self.broker.port), "-V", version, "-t", topic,
             "-q", str(qos), *options],
            input=stdin, capture_output=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done

    @each_version
    def test_a_message_of_each_qos_arrives(self, version):
        for qos in (0, 1, 2):
            topic = self.name("topic")
            subscriber = Subscriber(self, version, [topic], "-C", "1", "-F", "%q %r %t %p")
            self.publish(version, topic, "-m", "hello", qos=qos)
            self.assertEqual(subscriber.lines(), [f"{qos} 0 {topic} hello"])

    @each_version
    def test_the_lower_qos_counts(self, version):
        topic = self.name("topic")
        subscriber = Subscriber(self, version, [topic], "-C", "2", "-F", "%q", qos=1)
        self.publish(version, topic, "-m", "a", qos=0)
        self.publish(version, topic, "-m", "b", qos=2)
        self.assertEqual(subscriber.lines(), ["0", "1"])

    def test_versions_talk_to_each_other(self):
        topic = self.name("topic")
        subscribers = [Subscriber(self, version, [topic], "-C", "3") for version in VERSIONS]
        for version in VERSIONS:
            self.publish(version, topic, "-m", version, qos=2)
        for subscriber in subscribers:
            self.assertEqual(subscriber.lines(), list(VERSIONS))

    @each_version
    def test_a_thousand_lines_arrive_in_order(self, version):
        lines = [str(i) for i in range(1000)]
        for qos in (1, 2):
            topic = self.name("topic")
            subscriber = Subscriber(self, version, [topic], "-C", "1000")
            self.publish(version, topic, "-l", qos=qos, stdin="".join(f"{i}\n" for i in lines).encode())
            self.assertEqual(subscriber.lines(), lines)

    def test_wildcards(self):
        root = self.name("root")
        subscriber = Subscriber(self, "mqttv311", [f"{root}/+/temperature", f"{root}/cellar/#"],
                                "-C", "3", "-F", "%t")
        for topic in ("attic/humidity", "attic/temperature", "cellar", "cellar/rack/1"):
            self.publish("mqttv311", f"{root}/{topic}", "-m", "x", qos=1)
        self.assertEqual(subscriber.lines(),
                         [f"{root}/attic/temperature", f"{root}/cellar", f"{root}/cellar/rack/1"])

    @each_version
    def test_a_retained_message_waits_and_goes(self, version):
        topic = self.name("topic")
        self.publish(version, topic, "-m", "kept", "-r", qos=1)
        for _ in range(2):
            subscriber = Subscriber(self, version, [topic], "-C", "1", "-F", "%r %p")
            self.assertEqual(subscriber.lines(), ["1 kept"])
        self.publish(version, topic, "-n", "-r", qos=1)
        subscriber = Subscriber(self, version, [topic], "-C", "1", "-F", "%r %p")
        self.publish(version, topic, "-m", "live", qos=1)
        self.assertEqual(subscriber.lines(), ["0 live"])

    @each_version
    def test_a_will_is_published_when_its_client_is_killed(self, version):
        topic = self.name("will")
        witness = Subscriber(self, version, [topic], "-C", "1", "-F", "%q %r %p")
        mortal = Subscriber(self, version, [self.name("other")], "--will-topic", topic,
                            "--will-payload", "gone", "--will-qos", "2")
        mortal._process.kill()
        self.assertEqual(witness.lines(), ["2 0 gone"])

    @each_version
    def test_a_client_that_ends_in_order_leaves_no_will(self, version):
        topic = self.name("will")
        witness = Subscriber(self, version, [topic], "-C", "1")
        Subscriber(self, version, [self.name("other")], "-E",
                   "--will-topic", topic, "--will-payload", "gone").output()
        self.publish(version, topic, "-m", "after", qos=1)
        self.assertEqual(witness.lines(), ["after"])

    @each_version
    def test_a_shared_subscription_gives_each_message_to_one_member(self, version):
        topic = self.name("topic")
        members = [Subscriber(self, version, [f"$share/group/{topic}"], "-C", "50", qos=1)
                   for _ in range(2)]
        messages = [str(i) for i in range(100)]
        self.publish(version, topic, "-l", qos=1, stdin="".join(f"{i}\n" for i in messages).encode())
        shares = [member.lines() for member in members]
        self.assertEqual(sorted(shares[0] + shares[1], key=int), messages)

    @each_version
    def test_a_persistent_session_receives_what_it_missed(self, version):
        topic, client_id = self.name("topic"), self.name("durable")
        session = ("-c", "-x", "60") if version == "mqttv5" else ("-c",)
        Subscriber(self, version, [topic], *session, "-E", client_id=client_id).output()
        messages = [str(i) for i in range(60)]
        self.publish(version, topic, "-l", qos=2, stdin="".join(f"{i}\n" for i in messages).encode())
        subscriber = Subscriber(self, version, [topic], *session, "-C", "60", client_id=client_id)
        self.assertEqual(subscriber.lines(), messages)

    @each_version
    def test_a_payload_of_a_megabyte_arrives_whole(self, version):
        payload = bytes(i * 7 % 251 for i in range(1 << 20))
        for qos in (0, 2):
            topic = self.name("topic")
            subscriber = Subscriber(self, version, [topic], "-C", "1", "-N")
            self.publish(version, topic, "-s", qos=qos, stdin=payload)
            self.assertEqual(subscriber.output(), payload)

    @each_version
    def test_sys_topics_are_published(self, version):
        topics = ("$SYS/broker/version", "$SYS/broker/uptime", "$SYS/broker/clients/connected",
                  "$SYS/broker/messages/received", "$SYS/broker/subscriptions/count")
        for topic in topics:
            subscriber = Subscriber(self, version, [topic], "-C", "1")
            self.assertRegex(subscriber.lines()[0], r"\d")

    def test_unsubscribed_filters_are_gone(self):
        kept, dropped = self.name("kept"), self.name("dropped")
        subscriber = Subscriber(self, "mqttv5", [dropped, kept], "-U", dropped, "-C", "1", "-F", "%t")
        self.broker.log.wait_for(rf"{subscriber.client_id} {dropped}$")
        self.publish("mqttv5", dropped, "-m", "x", qos=1)
        self.publish("mqttv5", kept, "-m", "x", qos=1)
        self.assertEqual(subscriber.lines(), [kept])

    def test_properties_of_a_message_arrive(self):
        topic = self.name("topic")
        subscriber = Subscriber(self, "mqttv5", [topic], "-C", "1", "-F", "%A %C %D %E %F %P %R %S",
                                "-D", "subscribe", "subscription-identifier", "77")
        self.publish("mqttv5", topic, "-m", "x", "-D", "publish", "content-type", "text/plain",
                     "-D", "publish", "correlation-data", "4711", "-D", "publish", "message-expiry-interval", "600",
                     "-D", "publish", "payload-format-indicator", "1", "-D", "publish", "response-topic", "answers",
                     "-D", "publish", "user-property", "colour", "blue", qos=1)
        line = subscriber.lines()[0]
        self.assertRegex(line, r"^\S* *text/plain 4711 (600|59\d) 1 colour:blue answers 77$")

    def test_topic_aliases_stand_for_topics(self):
        topic = self.name("topic")
        subscriber = Subscriber(self, "mqttv5", [topic], "-C", "20", "-F", "%t %p")
        lines = "".join(f"{i}\n" for i in range(20)).encode()
        self.publish("mqttv5", topic, "-l", "-D", "publish", "topic-alias", "3", qos=1, stdin=lines)
        self.assertEqual(subscriber.lines(), [f"{topic} {i}" for i in range(20)])

    def test_retained_as_published_when_asked_for(self):
        topic = self.name("topic")
        as_published = Subscriber(self, "mqttv5", [topic], "-C", "1", "-F", "%r", "--retain-as-published")
        otherwise = Subscriber(self, "mqttv5", [topic], "-C", "1", "-F", "%r")
        self.publish("mqttv5", topic, "-m", "x", "-r", qos=1)
        self.assertEqual(as_published.lines(), ["1"])
        self.assertEqual(otherwise.lines(), ["0"])


if __name__ == "__main__":
    unittest.main()
