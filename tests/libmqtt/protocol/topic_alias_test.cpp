#include "mqtt/protocol/topic_alias.h"

#include <catch2/catch.hpp>

using namespace mqtt;

TEST_CASE("aliases of the peer are found once they are set") {
  ReceivedTopicAliases aliases(3);

  // [MQTT-3.3.2-8] [MQTT-3.3.2-9] [MQTT-3.3.2-10] [MQTT-3.3.2-12]
  SECTION("only those from 1 to the maximum are in range") {
    CHECK_FALSE(aliases.in_range(0));
    CHECK(aliases.in_range(1));
    CHECK(aliases.in_range(3));
    CHECK_FALSE(aliases.in_range(4));
    CHECK_FALSE(aliases.in_range(65537));
    CHECK_FALSE(ReceivedTopicAliases().in_range(1));
  }
  SECTION("an alias that was not set has no topic") {
    aliases.set(2, "b");
    CHECK_FALSE(aliases.find(0));
    CHECK_FALSE(aliases.find(1));
    CHECK(aliases.find(2) == "b");
    CHECK_FALSE(aliases.find(3));
    CHECK_FALSE(aliases.find(4));
  }
  SECTION("an alias can be set again, to a longer topic, too") {
    aliases.set(1, "a");
    aliases.set(3, "c");
    aliases.set(1, "another/and/longer/topic/than/before");
    CHECK(aliases.find(1) == "another/and/longer/topic/than/before");
    CHECK(aliases.find(3) == "c");
  }
}

// [MQTT-3.1.2-26] [MQTT-3.2.2-17] [MQTT-3.3.2-11]
TEST_CASE("aliases towards the peer are given in order, once, until they are used up") {
  SentTopicAliases aliases(2);
  const auto use = [&](std::string_view topic) {
    const SentTopicAliases::Use how = aliases.use(topic);
    return std::to_string(how.alias) + (how.defines ? " defines" : "");
  };
  CHECK(use("a") == "1 defines");
  CHECK(use("a") == "1");
  CHECK(use("b") == "2 defines");
  CHECK(use("c") == "0");
  CHECK(use("a") == "1");
  CHECK(use("b") == "2");
  CHECK(use("c") == "0");
}

TEST_CASE("a peer that takes no aliases gets none") {  // [MQTT-3.1.2-27] [MQTT-3.2.2-18]
  SentTopicAliases aliases(0);
  CHECK(aliases.use("a").alias == 0);
  CHECK_FALSE(aliases.use("a").defines);
}

TEST_CASE("a peer that takes all aliases gets each of them once") {
  SentTopicAliases aliases(65535);
  for (int i = 1; i <= 65535; ++i) {
    const auto use = aliases.use("topic/" + std::to_string(i));
    if (use.alias != i || !use.defines) FAIL(i);
  }
  CHECK(aliases.use("one more").alias == 0);
  CHECK(aliases.use("topic/65535").alias == 65535);
}
