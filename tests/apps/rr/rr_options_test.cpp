#include "rr/rr_options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cli/options/command_line.h"

using Words = std::vector<std::string>;

namespace {

/// The error of the command line, empty if there is none.
std::string parse(rr::RrOptions& options, Words words) {
  const auto app = rr::make_app(options);
  const auto parsed = cli::parse_command_line(*app, std::move(words));
  if (!parsed) return parsed.error().text;
  const auto checked = rr::check(options);
  return checked ? "" : checked.error();
}

bool is_refused(Words words) {
  rr::RrOptions options;
  return !parse(options, std::move(words)).empty();
}

}  // namespace

TEST_CASE("mqtt-rr wants a topic for the request, one for the response, and one message") {
  CHECK_FALSE(is_refused({"-t", "a", "-e", "b", "-m", "x"}));
  CHECK_FALSE(is_refused({"-L", "mqtt://h/a", "-e", "b", "-n"}));
  CHECK(is_refused({"-t", "a", "-e", "b"}));
  CHECK(is_refused({"-t", "a", "-m", "x"}));
  CHECK(is_refused({"-e", "b", "-m", "x"}));
  CHECK(is_refused({"-t", "a", "-e", "b", "-m", "x", "-n"}));
  CHECK(is_refused({"-t", "a/+", "-e", "b", "-n"}));
  CHECK(is_refused({"-t", "a", "-e", "b/#", "-n"}));
  CHECK(is_refused({"-t", "a", "-e", "", "-n"}));
}

TEST_CASE("mqtt-rr speaks MQTT 5 unless told otherwise") {
  rr::RrOptions options;
  REQUIRE(parse(options, {"-t", "a", "-e", "b", "-n"}).empty());
  CHECK(options.connection.version == mqtt::ProtocolVersion::v5);
  rr::RrOptions old;
  REQUIRE(parse(old, {"-t", "a", "-e", "b", "-n", "-V", "311"}).empty());
  CHECK(old.connection.version == mqtt::ProtocolVersion::v311);
}

TEST_CASE("The topic of the response is said once") {
  CHECK(is_refused({"-t", "a", "-e", "b", "-n", "-D", "publish", "response-topic", "c"}));
  CHECK_FALSE(is_refused({"-t", "a", "-e", "b", "-n", "-D", "publish", "correlation-data", "c"}));
}

TEST_CASE("option --latency asks for small packets at once") {
  rr::RrOptions options;
  REQUIRE(parse(options, {"-t", "a", "-e", "b", "-n", "--latency"}).empty());
  CHECK(options.latency);
  CHECK(options.connection.no_delay);
}

TEST_CASE("mqtt-rr knows no lines, no retained requests and no counting") {
  for (const char* option : {"-l", "-r", "-E", "--retained-only", "-w"}) {
    INFO(option);
    CHECK(is_refused({"-t", "a", "-e", "b", "-n", option}));
  }
  CHECK(is_refused({"-t", "a", "-e", "b", "-n", "-C", "1"}));
  CHECK(is_refused({"-t", "a", "-e", "b", "-n", "-W", "0"}));
}
