#include "sub/sub_options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "cli/options/command_line.h"

using Words = std::vector<std::string>;
using mqtt::RetainHandling;

namespace {

/// The error of the command line, empty if there is none.
std::string parse(sub::SubOptions& options, Words words) {
  const auto app = sub::make_app(options);
  const auto parsed = cli::parse_command_line(*app, std::move(words));
  if (!parsed) return parsed.error().text;
  const auto checked = sub::check(*app, options);
  return checked ? "" : checked.error();
}

bool is_refused(Words words) {
  sub::SubOptions options;
  return !parse(options, std::move(words)).empty();
}

RetainHandling retain_handling(Words words) {
  sub::SubOptions options;
  REQUIRE(parse(options, std::move(words)).empty());
  return options.retained.subscription(mqtt::QoS::at_most_once).retain_handling;
}

}  // namespace

TEST_CASE("mqtt-sub gathers filters in their order") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "-L", "mqtt://h/b/#", "--topic", "c", "-T", "x/+", "-U", "y"})
              .empty());
  CHECK(options.filters == Words{"a", "b/#", "c"});
  CHECK(options.filters_out == Words{"x/+"});
  CHECK(options.unsubscribe == Words{"y"});
}

TEST_CASE("mqtt-sub wants something to subscribe to, or to unsubscribe from") {
  CHECK(is_refused({}));
  CHECK_FALSE(is_refused({"-t", "a"}));
  CHECK_FALSE(is_refused({"-U", "a"}));
  CHECK(is_refused({"-T", "a"}));
  CHECK(is_refused({"-t", "a#"}));
  CHECK(is_refused({"-t", "a", "-T", "+a"}));
  CHECK(is_refused({"-t", ""}));
}

TEST_CASE("option -R asks for no retained messages, unless --retain-handling says otherwise") {
  CHECK(retain_handling({"-t", "a"}) == RetainHandling::always);
  CHECK(retain_handling({"-t", "a", "-R"}) == RetainHandling::never);
  CHECK(retain_handling({"-t", "a", "-R", "--retain-handling", "new"}) == RetainHandling::if_new);
  CHECK(retain_handling({"-t", "a", "--retain-handling", "new", "-R"}) == RetainHandling::if_new);
  CHECK(is_refused({"-t", "a", "--retain-handling", "sometimes"}));
  CHECK(is_refused({"-t", "a", "-R", "--retained-only"}));
}

TEST_CASE("option -C and -W count from one") {
  CHECK(is_refused({"-t", "a", "-C", "0"}));
  CHECK_FALSE(is_refused({"-t", "a", "-C", "1"}));
  CHECK(is_refused({"-t", "a", "-W", "0"}));
  CHECK(is_refused({"-t", "a", "-W", "1.5"}));
  CHECK_FALSE(is_refused({"-t", "a", "-W", "1"}));
}

TEST_CASE("option -F is checked when it is read") {
  CHECK(is_refused({"-t", "a", "-F", "%z"}));
  CHECK_FALSE(is_refused({"-t", "a", "-F", "%t"}));
}

TEST_CASE("option --random-filter is a share in percent") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a"}).empty());
  CHECK(options.printed_share == 1);
  REQUIRE(parse(options, {"-t", "a", "--random-filter", "12.5"}).empty());
  CHECK(options.printed_share == 0.125);
  CHECK_FALSE(is_refused({"-t", "a", "--random-filter", "0.1"}));
  CHECK_FALSE(is_refused({"-t", "a", "--random-filter", "100"}));
  for (const char* value : {"0", "0.09", "100.1", "1000", "-1", "nan", "x", "50%", ""}) {
    INFO(value);
    CHECK(is_refused({"-t", "a", "--random-filter", value}));
  }
}

TEST_CASE("A summary has a form, and may be printed every so many seconds") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "--summary", "json", "--every", "5"}).empty());
  CHECK(options.summary == sub::TopicSummary::Form::json);
  CHECK(options.every == std::chrono::seconds(5));
  CHECK_FALSE(is_refused({"-t", "a", "--summary", "table"}));
  CHECK(is_refused({"-t", "a", "--summary", "xml"}));
  CHECK(is_refused({"-t", "a", "--every", "5"}));
  CHECK(is_refused({"-t", "a", "--summary", "table", "--every", "0"}));
  CHECK(is_refused({"-t", "a", "--summary", "table", "--message-rate"}));
}

TEST_CASE("A summary may be cut, and take topics together") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "--summary", "table", "--top", "5", "--depth", "2"}).empty());
  CHECK(options.top == 5);
  CHECK(options.depth == 2);
  CHECK(is_refused({"-t", "a", "--top", "5"}));
  CHECK(is_refused({"-t", "a", "--depth", "2"}));
  CHECK(is_refused({"-t", "a", "--summary", "table", "--top", "0"}));
  CHECK(is_refused({"-t", "a", "--summary", "table", "--depth", "0"}));
}

TEST_CASE("option --idle is a time with a fraction") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "--idle", "0.25"}).empty());
  CHECK(options.idle == std::chrono::milliseconds(250));
  for (const char* value : {"0", "-1", "x", "1s", "nan"}) {
    INFO(value);
    CHECK(is_refused({"-t", "a", "--idle", value}));
  }
}

TEST_CASE("option --dry-run is for --remove-retained alone") {
  CHECK_FALSE(is_refused({"-t", "a", "--remove-retained", "--dry-run"}));
  CHECK(is_refused({"-t", "a", "--dry-run"}));
}

TEST_CASE("A probe takes what leads to the broker, and nothing that is about messages") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"--probe", "json", "-h", "x", "-i", "me", "-q", "1"}).empty());
  CHECK(options.probe == probe::Form::json);
  CHECK_FALSE(is_refused({"--probe", "table", "-t", "a/b"}));
  for (const Words& words : std::vector<Words>{{"-t", "a/#"},
                                               {"-t", "a", "-t", "b"},
                                               {"-C", "1"},
                                               {"-v"},
                                               {"--summary", "json"},
                                               {"-T", "a"}}) {
    INFO(words[0]);
    Words all{"--probe", "table"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(is_refused(all));
  }
  CHECK(is_refused({"--probe", "table", "-c", "-i", "me"}));
  CHECK(is_refused({"--probe", "tabel"}));
}

TEST_CASE("Payloads are decoded in the order of the options") {
  using sub::PayloadCoding;
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "--decode", "base64", "--decode", "cbor"}).empty());
  CHECK(options.output.decode == std::vector{PayloadCoding::base64, PayloadCoding::cbor});
  CHECK(is_refused({"-t", "a", "--decode", "bson"}));
}

TEST_CASE("An expression of jq is compiled when it is read") {
  CHECK_FALSE(is_refused({"-t", "a", "--jq", ".a | {$topic}"}));
  CHECK_FALSE(is_refused({"-t", "a", "--jq", ".a", "--raw-output", "-F", "%t %p"}));
  CHECK(is_refused({"-t", "a", "--jq", ".a |"}));
  CHECK(is_refused({"-t", "a", "--raw-output"}));
}

TEST_CASE("A form of output is refused beside what contradicts it") {
  sub::SubOptions options;
  REQUIRE(parse(options, {"-t", "a", "--output", "csv"}).empty());
  CHECK(options.output.form == sub::OutputForm::csv);
  CHECK_FALSE(is_refused({"-t", "a", "--output", "text", "-v", "-N", "-w"}));
  CHECK_FALSE(is_refused({"-t", "a", "--output", "hex", "-v"}));
  CHECK_FALSE(is_refused({"-t", "a", "--output", "json", "--pretty", "--jq", "."}));
  for (const Words& words : std::vector<Words>{{"--output", "xml"},
                                               {"--output", "json", "-F", "%t"},
                                               {"--output", "json", "-v"},
                                               {"--output", "csv", "-N"},
                                               {"--output", "csv", "-w"},
                                               {"--output", "raw", "-v"},
                                               {"--output", "csv", "--summary", "table"},
                                               {"--jq", ".", "--message-rate"},
                                               {"--decode", "cbor", "--stats"},
                                               {"--stats", "--summary", "json"},
                                               {"--stats", "-d"}}) {
    INFO(words[1]);
    Words all{"-t", "a"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(is_refused(all));
  }
}

TEST_CASE("A recording asks for all that a message has, unless an option says otherwise") {
  sub::SubOptions options;
  SECTION("by itself") {
    REQUIRE(parse(options, {"-t", "a", "--record", "file"}).empty());
    CHECK(options.connection.version == mqtt::ProtocolVersion::v5);
    CHECK(options.connection.qos == mqtt::QoS::exactly_once);
    CHECK(options.retained.as_published);
    CHECK_FALSE(options.prints_messages());
  }
  SECTION("wherever the option stands") {
    REQUIRE(parse(options, {"-q", "1", "-t", "a", "--record", "file", "-V", "311", "-v"}).empty());
    CHECK(options.connection.version == mqtt::ProtocolVersion::v311);
    CHECK(options.connection.qos == mqtt::QoS::at_least_once);
    CHECK(options.prints_messages());
  }
  SECTION("and standard output is its own") {
    CHECK(is_refused({"-t", "a", "--record", "-", "-v"}));
    CHECK(is_refused({"-t", "a", "--record", "-", "--summary", "json"}));
    CHECK(is_refused({"-t", "a", "--record", "-", "-d"}));
    CHECK(is_refused({"-t", "a", "--record", ""}));
    CHECK_FALSE(is_refused({"-t", "a", "--record", "file", "--summary", "json"}));
  }
}

TEST_CASE("mqtt-sub knows no payload") {
  CHECK(is_refused({"-t", "a", "-m", "x"}));
  CHECK(is_refused({"-t", "a", "-r"}));
}
