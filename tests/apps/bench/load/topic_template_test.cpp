#include "bench/load/topic_template.h"

#include <catch2/catch.hpp>

namespace bench {

TEST_CASE("the placeholders of a template stand for the client, its run and the message") {
  TopicValues values;
  values.index = 12;
  values.client_id = "dev";
  values.user_name = "ann";
  values.run = 0xAB;
  values.message = 99;
  CHECK(TopicTemplate::of("a/%i/%c/%u/%r/%n").expand(values) == "a/12/dev/ann/000000ab/99");
  CHECK(TopicTemplate::of("%i%i").expand(values) == "1212");
  CHECK(TopicTemplate::of("100%%").expand(values) == "100%");
  CHECK(TopicTemplate::of("plain").expand(values) == "plain");
}

TEST_CASE("an unknown placeholder is refused by name") {
  const auto parsed = TopicTemplate::parse("a/%x");
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().find("'%x'") != std::string::npos);
  CHECK_FALSE(TopicTemplate::parse("a/%").has_value());
}

TEST_CASE("the filter of a template has a '+' for each level with a placeholder") {
  CHECK(TopicTemplate::of("bench/%i").as_filter() == "bench/+");
  CHECK(TopicTemplate::of("bench/x%i/%r%n/y").as_filter() == "bench/+/+/y");
  CHECK(TopicTemplate::of("bench").as_filter() == "bench");
  CHECK(TopicTemplate::of("a//b/").as_filter() == "a//b/");
}

TEST_CASE("a template knows whether it differs from message to message") {
  CHECK(TopicTemplate::of("a/%n").is_per_message());
  CHECK_FALSE(TopicTemplate::of("a/%i/%%n").is_per_message());
}

}  // namespace bench
