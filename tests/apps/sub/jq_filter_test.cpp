#include "sub/jq_filter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mqtt/protocol/bytes.h"

using sub::JqFilter;
using Texts = std::vector<std::string>;

namespace {

mqtt::PropertyList some_properties() {
  mqtt::PropertyList properties;
  properties.add(mqtt::PropertyId::message_expiry_interval, 4'000'000'000);
  properties.add_user_property("k", "v");
  properties.add_user_property("k", "w");
  properties.add(mqtt::PropertyId::content_type, "text");
  return properties;
}

/// The results, and last "! " and the error if there is one.
Texts results(const std::string& expression, std::string_view payload, JqFilter::Form form = {}) {
  auto filter = JqFilter::compile(expression);
  REQUIRE(filter);
  mqtt::Publish message;
  message.topic = "a/b";
  message.qos = mqtt::QoS::at_least_once;
  message.retain = true;
  const mqtt::PropertyList properties = some_properties();
  message.properties = properties;
  Texts texts;
  const auto done = filter->apply(
      message, payload, form, [&texts](std::string_view result) { texts.emplace_back(result); });
  if (!done) texts.push_back("! " + done.error());
  return texts;
}

}  // namespace

TEST_CASE("An expression yields none, one or several results for a message") {
  CHECK(results(".temp", R"({"temp":21.5})") == Texts{"21.5"});
  CHECK(results(".[]", R"([1,"two",null])") == Texts{"1", "\"two\"", "null"});
  CHECK(results("select(.temp > 25)", R"({"temp":21.5})").empty());
  CHECK(results(".", "") == Texts{"null"});
  CHECK(results("def f: .+1; f # a comment", "1") == Texts{"2"});
}

TEST_CASE("An expression knows the message") {
  CHECK(results("[$topic, $qos, $retain, .]", "7") == Texts{R"(["a/b",1,true,7])"});
  CHECK(results("$time > 1700000000", "1") == Texts{"true"});
  CHECK(results("$properties", "1") ==
        Texts{R"({"message-expiry-interval":4000000000,"user-properties":[{"k":"v"},{"k":"w"}],)"
              R"("content-type":"text"})"});
  CHECK(results("def f($x): $x; 1, 2 | f(.) as $y | $y + $qos # $z", "0") == Texts{"2", "3"});
}

TEST_CASE("Results are printed as jq prints them") {
  CHECK(results(".", R"("a\"b")", {false, true}) == Texts{"a\"b"});
  CHECK(results(".", R"(["a"])", {false, true}) == Texts{R"(["a"])"});
  CHECK(results(".", R"({"a":1})", {true, false}) == Texts{"{\n\t\"a\": 1\n}"});
}

TEST_CASE("What goes wrong with a message is told, after the results that there are") {
  CHECK(results(".", "{").front().starts_with("! not JSON: "));
  CHECK(results("1, error(\"no\"), 2", "0") == Texts{"1", "! no"});
  CHECK(results("error({a:1})", "0") == Texts{"! {\"a\":1}"});
  CHECK(results(".a", "1").front().starts_with("! Cannot index number"));
  CHECK(results("\"bye\" | halt_error", "1") == Texts{"! bye"});
  CHECK(results("1, halt, 2", "1") == Texts{"1"});
  CHECK(results(".", std::string(10'000, '[')).front().starts_with("! not JSON: "));
}

TEST_CASE("A filter goes on after an error") {
  auto filter = JqFilter::compile(".a + 1");
  REQUIRE(filter);
  mqtt::Publish message;
  Texts texts;
  const auto keep = [&texts](std::string_view result) { texts.emplace_back(result); };
  CHECK_FALSE(filter->apply(message, "[1]", {}, keep));
  CHECK(filter->apply(message, R"({"a":1})", {}, keep));
  CHECK(texts == Texts{"2"});
}

TEST_CASE("An expression that makes no sense is refused in the words of jq") {
  const auto error = [](const std::string& expression) {
    const auto filter = JqFilter::compile(expression);
    return filter ? "" : filter.error();
  };
  CHECK(error("foo").find("foo/0 is not defined") != std::string::npos);
  CHECK(error("$topics").find("$topics is not defined at <top-level>, line 1") !=
        std::string::npos);
  CHECK(error("$topic | .a.").find("syntax error") != std::string::npos);
  CHECK(error("1) | (2") != "");
  CHECK(error("$topic) | (2") != "");
}
