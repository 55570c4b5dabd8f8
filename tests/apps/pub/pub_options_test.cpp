#include "pub/pub_options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "cli/options/command_line.h"

using Words = std::vector<std::string>;

namespace {

/// The error of the command line, empty if there is none.
std::string parse(pub::PubOptions& options, Words words) {
  const auto app = pub::make_app(options);
  const auto parsed = cli::parse_command_line(*app, std::move(words));
  if (!parsed) return parsed.error().text;
  const auto checked = pub::check(*app, options);
  return checked ? "" : checked.error();
}

bool is_refused(Words words) {
  pub::PubOptions options;
  return !parse(options, std::move(words)).empty();
}

}  // namespace

TEST_CASE("mqtt-pub wants one topic and one message") {
  CHECK(is_refused({}));
  CHECK(is_refused({"-t", "a"}));
  CHECK(is_refused({"-m", "x"}));
  CHECK_FALSE(is_refused({"-t", "a", "-m", "x"}));
  CHECK_FALSE(is_refused({"-L", "mqtt://h/a", "-n"}));
  CHECK(is_refused({"-L", "mqtt://h", "-n"}));
  CHECK(is_refused({"-t", "a/+", "-n"}));

  SECTION("the last topic counts") {
    pub::PubOptions options;
    REQUIRE(parse(options, {"-L", "mqtt://h/a", "-t", "b", "-t", "c", "-n"}).empty());
    CHECK(options.topic == "c");
  }
}

TEST_CASE("Repetitions are counted and timed") {
  pub::PubOptions options;
  REQUIRE(parse(options, {"-t", "a", "-n", "--repeat", "3", "--repeat-delay", "0.25"}).empty());
  CHECK(options.repeat == 3);
  CHECK(options.repeat_delay == std::chrono::milliseconds(250));

  CHECK(is_refused({"-t", "a", "-n", "--repeat", "0"}));
  CHECK(is_refused({"-t", "a", "-n", "--repeat-delay", "-1"}));
  CHECK(is_refused({"-t", "a", "-n", "--repeat-delay", "1s"}));
  CHECK(is_refused({"-t", "a", "-n", "--repeat-delay", "inf"}));
  CHECK(is_refused({"-t", "a", "-n", "--repeat-delay", "nan"}));
  CHECK(is_refused({"-t", "a", "-n", "--repeat-delay", "1e30"}));
}

TEST_CASE("Rows and files are messages of their own") {
  CHECK_FALSE(is_refused({"-t", "a/{b}", "--each", "rows.csv"}));
  CHECK_FALSE(is_refused({"-t", "a", "--each", "-", "-m", "{b}"}));
  CHECK_FALSE(is_refused({"-t", "a/{name}", "--each-file", "*.json", "--each-file", "x"}));
  CHECK(is_refused({"--each", "rows.csv"}));
  CHECK(is_refused({"-t", "a", "--each", "rows.csv", "-s"}));
  CHECK(is_refused({"-t", "a", "--each", "rows.csv", "-l"}));
  CHECK(is_refused({"-t", "a", "--each", "rows.csv", "--each-file", "x"}));
  CHECK(is_refused({"-t", "a", "--each", "rows.csv", "--repeat", "2"}));
  CHECK(is_refused({"-t", "a", "--each-file", "x", "-m", "x"}));
  CHECK(is_refused({"-t", "a", "-n", "--rate", "fast"}));
  CHECK(is_refused({"-t", "a", "-n", "--summary", "xml"}));
}

TEST_CASE("Braces in properties are fields of rows only") {
  SECTION("without rows they are braces, in their place") {
    pub::PubOptions options;
    REQUIRE(parse(options, {"-t", "a", "-n", "-D", "publish", "user-property", "a", "{x}", "-D",
                            "publish", "user-property", "b", "y"})
                .empty());
    const mqtt::Properties properties = options.connection.properties.publish;
    CHECK(properties.begin()->value == "{x}");
    CHECK(is_refused({"-t", "a", "-n", "-D", "publish", "message-expiry-interval", "{ttl}"}));
  }
  SECTION("with rows they may be numbers, too") {
    CHECK_FALSE(is_refused(
        {"-D", "publish", "message-expiry-interval", "{ttl}", "-t", "a", "--each", "rows.csv"}));
    CHECK(
        is_refused({"-t", "a", "--each", "x", "-D", "publish", "message-expiry-interval", "soon"}));
  }
}

TEST_CASE("A probe makes its own messages") {
  CHECK_FALSE(is_refused({"--probe", "table"}));
  CHECK_FALSE(is_refused({"--probe", "json", "-t", "a", "-i", "me"}));
  CHECK(is_refused({"--probe", "xml"}));
  CHECK(is_refused({"--probe", "table", "-m", "x"}));
  CHECK(is_refused({"--probe", "table", "--each", "x"}));
  CHECK(is_refused({"--probe", "table", "-i", "me", "-c"}));
}

TEST_CASE("mqtt-pub knows no subscriptions") {
  CHECK(is_refused({"-t", "a", "-n", "-v"}));
  CHECK(is_refused({"-t", "a", "-n", "-C", "1"}));
}

TEST_CASE("A replay takes everything from the recording") {
  pub::PubOptions options;
  REQUIRE(parse(options,
                {"--replay", "file", "--speed", "2.5", "--topic-prefix", "test/", "--repeat", "3"})
              .empty());
  CHECK(options.replay.file == "file");
  CHECK(options.replay.speed == 2.5);
  CHECK(options.replay.topic_prefix == "test/");
  CHECK(options.connection.version == mqtt::ProtocolVersion::v5);

  for (const Words& more : std::vector<Words>{{"-t", "a"},
                                              {"-m", "x"},
                                              {"-l"},
                                              {"-q", "0"},
                                              {"-r"},
                                              {"-D", "publish", "content-type", "x"},
                                              {"--speed", "0.0001"},
                                              {"--speed", "-1"},
                                              {"--speed", "fast"},
                                              {"--topic-prefix", "a/#"},
                                              {"--topic-prefix", ""}}) {
    INFO(more[0]);
    Words words{"--replay", "file"};
    words.insert(words.end(), more.begin(), more.end());
    CHECK(is_refused(words));
  }
  CHECK(is_refused({"--replay", "-", "--repeat", "2"}));
  CHECK(is_refused({"--replay", ""}));
}

TEST_CASE("The speed of a replay may have no limit, and its version may be chosen") {
  for (const char* const speed : {"max", "0"}) {
    pub::PubOptions options;
    REQUIRE(parse(options, {"-V", "311", "--replay", "file", "--speed", speed}).empty());
    CHECK(options.replay.speed == 0);
    CHECK(options.connection.version == mqtt::ProtocolVersion::v311);
  }
}

TEST_CASE("Options of a replay need one") {
  CHECK(is_refused({"-t", "a", "-n", "--speed", "2"}));
  CHECK(is_refused({"-t", "a", "-n", "--topic-prefix", "b"}));
}
