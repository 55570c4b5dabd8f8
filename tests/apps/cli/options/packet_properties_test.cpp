#include "cli/options/packet_properties.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using cli::add_property;
using cli::PacketProperties;
using mqtt::PropertyId;
using Words = std::vector<std::string>;

namespace {

/// Whether `words` are taken into an empty set of properties.
bool is_taken(const Words& words) {
  PacketProperties properties;
  return add_property(properties, words).has_value();
}

std::string error_of(const Words& words) {
  PacketProperties properties;
  const auto result = add_property(properties, words);
  return result ? "" : result.error();
}

}  // namespace

TEST_CASE("option -D puts a property into the packet that is named") {
  PacketProperties properties;
  REQUIRE(add_property(properties, Words{"connect", "receive-maximum", "7"}));
  REQUIRE(add_property(properties, Words{"publish", "content-type", "text/plain"}));
  REQUIRE(add_property(properties, Words{"subscribe", "subscription-identifier", "300"}));
  REQUIRE(add_property(properties, Words{"unsubscribe", "user-property", "k", "v"}));
  REQUIRE(add_property(properties, Words{"disconnect", "reason-string", "bye"}));
  REQUIRE(add_property(properties, Words{"will", "will-delay-interval", "4294967295"}));

  CHECK(properties.connect.view().number(PropertyId::receive_maximum) == 7);
  CHECK(properties.publish.view().text(PropertyId::content_type) == "text/plain");
  CHECK(properties.subscribe.view().number(PropertyId::subscription_identifier) == 300);
  CHECK(properties.unsubscribe.view().find(PropertyId::user_property)->value == "v");
  CHECK(properties.disconnect.view().text(PropertyId::reason_string) == "bye");
  CHECK(properties.will.view().number(PropertyId::will_delay_interval) == 4294967295U);
}

TEST_CASE("option -D has three words, and four for a user property") {
  CHECK(cli::property_word_count(Words{"publish", "content-type", "x", "y"}) == 3);
  CHECK(cli::property_word_count(Words{"publish", "user-property", "x", "y"}) == 4);
  CHECK(cli::property_word_count(Words{"publish", "USER-Property", "x", "y"}) == 4);
  CHECK(cli::property_word_count(Words{"publish"}) == 3);

  CHECK_FALSE(is_taken({}));
  CHECK_FALSE(is_taken({"publish"}));
  CHECK_FALSE(is_taken({"publish", "content-type"}));
  CHECK_FALSE(is_taken({"publish", "user-property", "k"}));
  CHECK_FALSE(is_taken({"publish", "content-type", "a", "b"}));
}

TEST_CASE("option -D does not mind the case of its names") {
  CHECK(is_taken({"PUBLISH", "Content-Type", "x"}));
  CHECK(is_taken({"Will", "USER-PROPERTY", "k", "v"}));
}

TEST_CASE("option -D knows which property is for which packet") {
  SECTION("every property that a client may send is taken where it belongs") {
    CHECK(cli::properties_of("connect") ==
          Words{"session-expiry-interval", "authentication-method", "authentication-data",
                "request-problem-information", "request-response-information", "receive-maximum",
                "topic-alias-maximum", "user-property", "maximum-packet-size"});
    CHECK(cli::properties_of("publish") ==
          Words{"payload-format-indicator", "message-expiry-interval", "content-type",
                "response-topic", "correlation-data", "topic-alias", "user-property"});
    CHECK(cli::properties_of("subscribe") == Words{"subscription-identifier", "user-property"});
    CHECK(cli::properties_of("unsubscribe") == Words{"user-property"});
    CHECK(cli::properties_of("disconnect") ==
          Words{"session-expiry-interval", "server-reference", "reason-string", "user-property"});
    CHECK(cli::properties_of("will") == Words{"payload-format-indicator", "message-expiry-interval",
                                              "content-type", "response-topic", "correlation-data",
                                              "will-delay-interval", "user-property"});
  }
  SECTION("elsewhere it is refused, and what is accepted is said") {
    const std::string error = error_of({"subscribe", "content-type", "x"});
    CHECK(error.find("content-type") != std::string::npos);
    CHECK(error.find("subscription-identifier") != std::string::npos);
    CHECK_FALSE(is_taken({"publish", "subscription-identifier", "1"}));
  }
  SECTION("a slip of the finger is answered with the nearest name") {
    CHECK(error_of({"publish", "content-typ", "x"}).find("\"content-type\"") != std::string::npos);
    CHECK(error_of({"publsh", "content-type", "x"}).find("\"publish\"") != std::string::npos);
  }
  SECTION("packets that the tools do not send at the user's word are refused") {
    for (const char* command : {"auth", "puback", "pubrec", "pubrel", "pubcomp", "suback",
                                "unsuback", "connack", "pingreq", ""}) {
      INFO(command);
      CHECK_FALSE(is_taken({command, "user-property", "k", "v"}));
    }
  }
}

TEST_CASE("option -D checks numbers against the standard") {
  CHECK(is_taken({"connect", "session-expiry-interval", "4294967295"}));
  CHECK_FALSE(is_taken({"connect", "session-expiry-interval", "4294967296"}));
  CHECK(is_taken({"connect", "topic-alias-maximum", "0"}));
  CHECK(is_taken({"connect", "topic-alias-maximum", "65535"}));
  CHECK_FALSE(is_taken({"connect", "topic-alias-maximum", "65536"}));
  CHECK_FALSE(is_taken({"connect", "receive-maximum", "0"}));
  CHECK_FALSE(is_taken({"connect", "maximum-packet-size", "0"}));
  CHECK_FALSE(is_taken({"connect", "request-problem-information", "2"}));
  CHECK_FALSE(is_taken({"publish", "payload-format-indicator", "2"}));
  CHECK_FALSE(is_taken({"publish", "topic-alias", "0"}));
  CHECK(is_taken({"subscribe", "subscription-identifier", "268435455"}));
  CHECK_FALSE(is_taken({"subscribe", "subscription-identifier", "268435456"}));
  CHECK_FALSE(is_taken({"subscribe", "subscription-identifier", "0"}));
  CHECK_FALSE(is_taken({"publish", "topic-alias", "seven"}));
  CHECK_FALSE(is_taken({"publish", "topic-alias", "-1"}));
  CHECK_FALSE(is_taken({"publish", "topic-alias", "7x"}));
  CHECK_FALSE(is_taken({"publish", "topic-alias", ""}));
}

TEST_CASE("option -D checks texts against the standard") {
  CHECK(is_taken({"publish", "content-type", ""}));
  CHECK(is_taken({"publish", "content-type", std::string(65535, 'x')}));
  CHECK_FALSE(is_taken({"publish", "content-type", std::string(65536, 'x')}));
  CHECK_FALSE(is_taken({"publish", "content-type", "\xFF"}));
  CHECK_FALSE(is_taken({"publish", "user-property", "k", "\xFF"}));
  CHECK_FALSE(is_taken({"publish", "user-property", "\xFF", "v"}));
  CHECK(is_taken({"publish", "correlation-data", "\xFF"}));
  CHECK_FALSE(is_taken({"publish", "correlation-data", std::string(65536, 'x')}));
  CHECK(is_taken({"publish", "response-topic", "a/b"}));
  CHECK_FALSE(is_taken({"publish", "response-topic", "a/#"}));
}

TEST_CASE("option -D keeps user properties in order, and takes nothing else twice") {
  PacketProperties properties;
  REQUIRE(add_property(properties, Words{"publish", "user-property", "b", "1"}));
  REQUIRE(add_property(properties, Words{"publish", "user-property", "a", "2"}));
  REQUIRE(add_property(properties, Words{"publish", "user-property", "b", "3"}));
  std::string all;
  for (const mqtt::Property& property : properties.publish.view()) {
    all += std::string(property.text) + "=" + std::string(property.value) + " ";
  }
  CHECK(all == "b=1 a=2 b=3 ");

  REQUIRE(add_property(properties, Words{"publish", "topic-alias", "1"}));
  CHECK_FALSE(add_property(properties, Words{"publish", "topic-alias", "2"}));
}
