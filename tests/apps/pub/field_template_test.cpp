#include "pub/source/field_template.h"

#include <catch2/catch.hpp>
#include <string>

#include "pub/source/message_template.h"

using pub::FieldTemplate;
using pub::MessageTemplate;
using pub::Row;

namespace {

Row row() {
  Row made;
  made.fields = {{"site", "A 1", false},
                 {"value", "1.50", true},
                 {"quoted", "say \"hi\"", false},
                 {"place", R"({"room": {"floor": 2}, "name": "x"})", true},
                 {"a.b", "with a dot", false}};
  made.json = "{}";
  return made;
}

std::string expanded(const std::string& text) {
  const auto parsed = FieldTemplate::parse(text);
  REQUIRE(parsed);
  const auto result = parsed->expand(row());
  return result ? *result : "error: " + result.error();
}

std::string parse_error(const std::string& text) {
  const auto parsed = FieldTemplate::parse(text);
  return parsed ? "" : parsed.error();
}

}  // namespace

TEST_CASE("A template takes the fields of a row", "[template]") {
  CHECK(expanded("plant/{site}/t") == "plant/A 1/t");
  CHECK(expanded("{site}{value}") == "A 11.50");
  CHECK(expanded("") == "");
  CHECK(expanded("no field") == "no field");
  SECTION("members of objects by their path, unless a field is called like that") {
    CHECK(expanded("{place.room.floor}|{place.name}|{a.b}") == "2|x|with a dot");
    CHECK(expanded("{place.room}") == R"({"floor": 2})");
  }
  SECTION("as JSON where that is asked for") {
    CHECK(expanded(R"({{"s":{site:json},"v":{value:json},"q":{quoted:json}}})") ==
          R"({"s":"A 1","v":1.50,"q":"say \"hi\""})");
  }
  SECTION("a brace is written twice") {
    CHECK(expanded("{{{value}}}") == "{1.50}");
  }
}

TEST_CASE("A field that is not there is an error that names those that are", "[template]") {
  CHECK(expanded("{sit}") ==
        "error: there is no field \"sit\", did you mean \"site\"? (there are: site, value, quoted, "
        "place, a.b)");
  CHECK_THAT(expanded("{place.room.door}"), Catch::StartsWith("error: there is no field"));
  CHECK_THAT(expanded("{value.x}"), Catch::StartsWith("error: there is no field"));
}

TEST_CASE("A template that cannot be read is an error", "[template]") {
  CHECK_THAT(parse_error("a{b"), Catch::Contains("not closed"));
  CHECK_THAT(parse_error("a}b"), Catch::Contains("closes nothing"));
  CHECK_THAT(parse_error("a{}"), Catch::Contains("has no name"));
  CHECK_THAT(parse_error("{:json}"), Catch::Contains("has no name"));
  CHECK_THAT(parse_error(R"({"v": {value}})"), Catch::Contains("is not the name of a field"));
}

TEST_CASE("Whether a template is the same for all rows is known", "[template]") {
  CHECK(FieldTemplate::parse("a{{b}}")->is_constant());
  CHECK_FALSE(FieldTemplate::parse("a{b}")->is_constant());
}

TEST_CASE("A message is made of a row", "[template]") {
  SECTION("by default its payload is the row as JSON") {
    auto message = MessageTemplate::parse("t/{site}", {});
    REQUIRE(message);
    const auto made = message->expand(row());
    REQUIRE(made);
    CHECK(made->topic == "t/A 1");
    CHECK(made->payload == "{}");
    CHECK(made->properties.empty());
  }
  SECTION("properties have fields too, numbers as well") {
    auto message =
        MessageTemplate::parse("t", {{"publish", "user-property", "site", "{site}"},
                                     {"publish", "message-expiry-interval", "{place.room.floor}"}});
    REQUIRE(message);
    REQUIRE(message->set_payload("-m", "{value}"));
    const auto made = message->expand(row());
    REQUIRE(made);
    CHECK(made->payload == "1.50");
    CHECK(made->properties.number(mqtt::PropertyId::message_expiry_interval) == 2);
    CHECK(made->properties.find(mqtt::PropertyId::user_property)->value == "A 1");
  }
  SECTION("a topic that is none is refused") {
    Row bad = row();
    bad.fields[0].text = "a/#";
    auto message = MessageTemplate::parse("t/{site}", {});
    CHECK_THAT(message->expand(bad).error(), Catch::Contains("is not a topic to publish to"));
    bad.fields[0].text = "";
    CHECK(message->expand(bad)->topic == "t/");
  }
  SECTION("a property that is none is refused") {
    auto message = MessageTemplate::parse("t", {{"publish", "message-expiry-interval", "{site}"}});
    CHECK_THAT(message->expand(row()).error(), Catch::Contains("is not a whole number"));
  }
  SECTION("an error in a template names its option") {
    CHECK_THAT(MessageTemplate::parse("t/{", {}).error(), Catch::StartsWith("-t: "));
    CHECK_THAT(MessageTemplate::parse("t", {{"publish", "content-type", "{"}}).error(),
               Catch::StartsWith("-D: "));
    CHECK_THAT(MessageTemplate::parse("t", {})->set_payload("-f", "}").error(),
               Catch::StartsWith("-f: "));
  }
}
