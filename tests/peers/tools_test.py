"""This project's tools and mosquitto's, through the broker."""

import os
import subprocess
import unittest

from broker_process import HOST, PATIENCE_S, BrokerTestCase

PUBLISHERS = (os.environ.get("MQTT_PUB", "mqtt-pub"), "mosquitto_pub")
SUBSCRIBERS = (os.environ.get("MQTT_SUB", "mqtt-sub"), "mosquitto_sub")


class Tools(BrokerTestCase):
    def test_a_pipeline_of_any_publisher_and_any_subscriber(self):
        lines = "".join(f"line {i}\n" for i in range(200))
        for publisher in PUBLISHERS:
            for subscriber in SUBSCRIBERS:
                with self.subTest(publisher=os.path.basename(publisher), subscriber=os.path.basename(subscriber)):
                    topic, client_id = self.name("topic"), self.name("sub")
                    address = ["-h", HOST, "-p", str(self.broker.port), "-t", topic, "-q", "1"]
                    receiving = subprocess.Popen([subscriber, *address, "-i", client_id, "-C", "200"],
                                                 stdout=subprocess.PIPE, text=True)
                    self.addCleanup(receiving.kill)
                    self.broker.wait_for_subscription(client_id, topic)
                    subprocess.run([publisher, *address, "-l"], input=lines, text=True, check=True,
                                   timeout=PATIENCE_S)
                    self.assertEqual(receiving.communicate(timeout=PATIENCE_S)[0], lines)


if __name__ == "__main__":
    unittest.main()
