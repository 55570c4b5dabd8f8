#include "mqtt/protocol/property.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "mqtt/protocol/property_validation.h"
#include "support/bytes_notation.h"
#include "support/packet_text.h"

using namespace mqtt;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("the property table has a row for each of the 27 properties, by rising identifier") {
  const auto rules = property_rules();
  CHECK(rules.size() == 27);
  CHECK(std::is_sorted(rules.begin(), rules.end(),
                       [](const auto& a, const auto& b) { return a.id < b.id; }));
  std::set<std::string_view> names;
  for (const PropertyRule& rule : rules) {
    INFO(rule.name);
    CHECK(property_rule(static_cast<std::uint32_t>(rule.id)) == &rule);
    CHECK(property_rule(rule.name) == &rule);
    CHECK(names.insert(rule.name).second);
    CHECK((rule.repeatable_in & ~rule.allowed_in) == 0);
    CHECK(rule.minimum <= rule.maximum);
  }
  CHECK(property_rule(0U) == nullptr);
  CHECK(property_rule(4U) == nullptr);
  CHECK(property_rule(0x2BU) == nullptr);
  CHECK(property_rule(0xFFFFFFFFU) == nullptr);
  CHECK(property_rule("Receive-Maximum") == nullptr);
  CHECK(property_rule("") == nullptr);
}

TEST_CASE("a property list holds what was added, in its order, as it stands on the wire") {
  PropertyList list;
  list.add(PropertyId::payload_format_indicator, 1U)
      .add(PropertyId::receive_maximum, 258U)
      .add(PropertyId::message_expiry_interval, 0x01020304U)
      .add(PropertyId::subscription_identifier, 268'435'455U)
      .add(PropertyId::content_type, "text")
      .add_user_property("k", "v");
  CHECK(Bytes(list.view().bytes().begin(), list.view().bytes().end()) ==
        BytesNotation::parse("01 01 21 0102 02 01020304 0B FFFFFF7F 03 ('text') 26 ('k') ('v')"));
  CHECK(packet_text::properties_text(list) ==
        " [payload-format-indicator=1 receive-maximum=258 message-expiry-interval=16909060 "
        "subscription-identifier=268435455 content-type='text' user-property='k':'v']");

  SECTION("a copy of a block equals it") {
    CHECK(packet_text::properties_text(PropertyList(list.view())) ==
          packet_text::properties_text(list));
  }
  SECTION("properties are found by identifier, the first of several") {
    list.add_user_property("k2", "v2");
    CHECK(list.view().number(PropertyId::receive_maximum) == 258);
    CHECK(list.view().text(PropertyId::content_type) == "text");
    CHECK(list.view().find(PropertyId::user_property) ==
          Property{PropertyId::user_property, 0, "k", "v"});
    CHECK(list.view().contains(PropertyId::subscription_identifier));
    CHECK_FALSE(list.view().contains(PropertyId::topic_alias));
    CHECK_FALSE(list.view().number(PropertyId::topic_alias));
    CHECK_FALSE(list.view().text(PropertyId::response_topic));
  }
  SECTION("a cleared list is empty") {
    CHECK_FALSE(list.empty());
    list.clear();
    CHECK(list.empty());
    CHECK(list.view().begin() == list.view().end());
  }
}

TEST_CASE("a property list is written from a list of properties") {
  const PropertyList list{{PropertyId::topic_alias, 5, {}, {}},
                          {PropertyId::user_property, 0, "a", "b"},
                          {PropertyId::user_property, 0, "a", "c"}};
  CHECK(packet_text::properties_text(list) ==
        " [topic-alias=5 user-property='a':'b' user-property='a':'c']");
}

TEST_CASE("an iterator over properties can be copied, compared and stepped both ways") {
  const PropertyList list{{PropertyId::topic_alias, 5, {}, {}},
                          {PropertyId::topic_alias, 6, {}, {}}};
  auto at = list.view().begin();
  const auto first = at++;
  CHECK(first->number == 5);
  CHECK(at->number == 6);
  CHECK_FALSE(first == at);
  CHECK(++at == list.view().end());
}

TEST_CASE("validation says which properties are present") {
  const PropertyList list{{PropertyId::topic_alias, 5, {}, {}},
                          {PropertyId::user_property, 0, "a", "b"}};
  const auto valid = validate_properties(list.view().bytes(), PropertyContext::publish);
  REQUIRE(valid);
  CHECK(valid->contains(PropertyId::topic_alias));
  CHECK(valid->contains(PropertyId::user_property));
  CHECK_FALSE(valid->contains(PropertyId::subscription_identifier));
  CHECK(valid->properties.bytes().data() == list.view().bytes().data());
}

TEST_CASE("an empty block is valid in every context") {
  for (unsigned context = 1; context <= 16; ++context) {
    CHECK(validate_properties({}, static_cast<PropertyContext>(context)));
  }
}
