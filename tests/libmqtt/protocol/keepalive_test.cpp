#include "mqtt/protocol/keepalive.h"

#include <catch2/catch.hpp>

using mqtt::KeepAlive;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("Keep alive is arithmetic on times") {
  SECTION("0 seconds switches it off") {
    CHECK_FALSE(KeepAlive().enabled());
    CHECK_FALSE(KeepAlive(0).enabled());
    CHECK(KeepAlive(1).enabled());
  }
  // [MQTT-3.1.2-22]
  SECTION("a server waits one and a half times the interval") {
    CHECK(KeepAlive(60).peer_deadline(seconds(1000)) == seconds(1090));
    CHECK(KeepAlive(1).peer_deadline(milliseconds(0)) == milliseconds(1500));
  }
  // [MQTT-3.1.2-20]
  SECTION("a client must have sent something within the interval") {
    CHECK(KeepAlive(60).ping_due(seconds(1000)) == seconds(1060));
  }
  SECTION("the longest interval does not overflow") {
    CHECK(KeepAlive(65535).peer_deadline(milliseconds(1)) == milliseconds(98'302'501));
    CHECK(KeepAlive(65535).ping_due(milliseconds(1)) == milliseconds(65'535'001));
  }
}
