#include "cli/connection/broker_url.h"

#include <catch2/catch.hpp>

using cli::BrokerUrl;
using cli::parse_broker_url;

TEST_CASE("A URL names the way to the broker") {
  SECTION("host and topic alone take the scheme's port") {
    CHECK(parse_broker_url("mqtt://host/a/b") ==
          BrokerUrl{false, false, "host", 1883, {}, {}, "a/b"});
    CHECK(parse_broker_url("mqtts://host/a") == BrokerUrl{true, false, "host", 8883, {}, {}, "a"});
    CHECK(parse_broker_url("ws://host/a") == BrokerUrl{false, true, "host", 1883, {}, {}, "a"});
    CHECK(parse_broker_url("wss://host/a") == BrokerUrl{true, true, "host", 8883, {}, {}, "a"});
  }
  SECTION("the scheme may be written in capitals") {
    CHECK(parse_broker_url("MQTT://host/a").has_value());
  }
  SECTION("all parts at once") {
    CHECK(parse_broker_url("mqtt://user:secret@host:2000/a") ==
          BrokerUrl{false, false, "host", 2000, "user", "secret", "a", true});
  }
  SECTION("a user without a password, and an empty password") {
    CHECK(parse_broker_url("mqtt://user@host/a")->password == std::nullopt);
    CHECK(parse_broker_url("mqtt://user:@host/a")->password == "");
  }
  SECTION("the topic may be left out") {
    CHECK(parse_broker_url("mqtt://host")->topic == std::nullopt);
    CHECK(parse_broker_url("mqtt://host/")->topic == std::nullopt);
  }
}

TEST_CASE("An IPv6 address in a URL stands in brackets") {
  SECTION("with and without a port") {
    CHECK(parse_broker_url("mqtt://[::1]/a")->host == "::1");
    CHECK(parse_broker_url("mqtt://[fe80::1%eth0]:2000/a")->host == "fe80::1%eth0");
    CHECK(parse_broker_url("mqtt://[fe80::1%eth0]:2000/a")->port == 2000);
    CHECK(parse_broker_url("mqtt://u:p@[::1]:2000/a")->user_name == "u");
  }
  SECTION("without brackets, or with half of them, it is refused") {
    CHECK_FALSE(parse_broker_url("mqtt://::1/a"));
    CHECK_FALSE(parse_broker_url("mqtt://[::1/a"));
    CHECK_FALSE(parse_broker_url("mqtt://[::1]2000/a"));
  }
}

TEST_CASE("User and password of a URL are percent-decoded, the topic is not") {
  const auto url = parse_broker_url("mqtt://a%40b:p%3a%2Fw@host/c%20d@e?f#g");
  REQUIRE(url);
  CHECK(url->user_name == "a@b");
  CHECK(url->password == "p:/w");
  CHECK(url->topic == "c%20d@e?f#g");
  CHECK(url->host == "host");

  SECTION("a '%' that begins no escape stands for itself") {
    CHECK(parse_broker_url("mqtt://50%off:%@h/t")->user_name == "50%off");
    CHECK(parse_broker_url("mqtt://50%off:%4@h/t")->password == "%4");
  }
  SECTION("a password may contain '@' and ':'") {
    CHECK(parse_broker_url("mqtt://u:a@b:c@h/t")->password == "a@b:c");
    CHECK(parse_broker_url("mqtt://u:a@b:c@h/t")->host == "h");
  }
}

TEST_CASE("A URL that cannot be meant is refused in words, without the password") {
  for (const char* text :
       {"", "host", "http://host/a", "mqtt:/host", "mqtt://", "mqtt:///a", "mqtt://u:p@/a",
        "mqtt://host:0/a", "mqtt://host:65536/a", "mqtt://host:18x/a", "mqtt://host:-1/a"}) {
    INFO(text);
    CHECK_FALSE(parse_broker_url(text));
  }
  const auto refused = parse_broker_url("mqtt://u:secret@host:99999/a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("from 1 to 65535") != std::string::npos);
  CHECK(refused.error().find("secret") == std::string::npos);
}
