#include "cli/output/message_format.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

using mqtt::PropertyId;

/// 2026-01-02 03:04:05.006007008 in a zone one hour east of Greenwich.
class FixedTime {
 public:
  FixedTime() {
    ::setenv("TZ", "XYZ-1", 1);
    ::tzset();
    time_.set({1767319445, 6007008});
  }
  cli::LocalTime& time() { return time_; }

 private:
  cli::LocalTime time_;
};

struct Printed {
  std::string text;
  std::string complaints;
};

Printed print(std::string_view format, const mqtt::Publish& message) {
  FixedTime now;
  Printed printed;
  const auto compiled = cli::MessageFormat::compile(format);
  REQUIRE(compiled);
  compiled->print(printed.text,
                  {message, now.time(), cli::JsonWriter::Style::compact, printed.complaints});
  return printed;
}

std::string text(std::string_view format, const mqtt::Publish& message) {
  return print(format, message).text;
}

mqtt::Publish message(std::string_view payload) {
  mqtt::Publish message;
  message.topic = "a/b";
  message.payload = mqtt::as_bytes(payload);
  return message;
}

std::string error_of(std::string_view format) {
  const auto compiled = cli::MessageFormat::compile(format);
  return compiled ? "" : compiled.error();
}

}  // namespace

TEST_CASE("A format prints the parts of a message") {
  mqtt::Publish full = message("hi");
  full.qos = mqtt::QoS::at_least_once;
  full.retain = true;
  full.packet_id = 7;
  CHECK(text("%t %p %q %r %m %l", full) == "a/b hi 1 1 7 2");
  CHECK(text("100%% plain", full) == "100% plain");
  CHECK(text("", full).empty());
  CHECK(text("%x %X", message("\xAB\x01")) == "ab01 AB01");
  CHECK(text("%p", message(std::string_view("\0\xFF\n", 3))) == std::string("\0\xFF\n", 3));
}

TEST_CASE("A format prints backslash escapes") {
  CHECK(text(R"(\\\a\e\n\r\t\v\0.)", message("")) == std::string("\\\a\x1B\n\r\t\v\0.", 9));
}

TEST_CASE("A format prints the time of printing") {
  const mqtt::Publish any = message("");
  CHECK(text("%I", any) == "2026-01-02T03:04:05+0100");
  CHECK(text("%30I|%-30I|%.10I", any) ==
        "      2026-01-02T03:04:05+0100|2026-01-02T03:04:05+0100      |2026-01-02");
  CHECK(text("%U", any) == "1767319445.006007008");
  CHECK(text("@Y-@m-@d @H:@M:@S.@N @@", any) == "2026-01-02 03:04:05.006007008 @");
}

TEST_CASE("A digit before N is how many digits of the second's fraction are printed") {
  const mqtt::Publish any = message("");
  CHECK(text("@S.@3N @S.@6N @1N @9N", any) == "05.006 05.006007 0 006007008");
}

TEST_CASE("Integers are padded to their width") {
  const mqtt::Publish any = message("hi");
  CHECK(text("[%5l][%05l][%-5l][%-05l][%1l][%5.3l]", any) ==
        "[    2][00002][2    ][2    ][2][    2]");
}

TEST_CASE("Strings are padded and cut, never with zeros") {
  const mqtt::Publish any = message("");
  CHECK(text("[%5t][%-5t][%05t][%.2t][%5.2t][%2t]", any) ==
        "[  a/b][a/b  ][  a/b][a/][   a/][a/b]");
}

TEST_CASE("The width of a payload is a limit as well") {
  const mqtt::Publish any = message("hello");
  CHECK(text("[%3p][%7p][%07p][%-7p][%-p][%.2p]", any) ==
        "[hel][  hello][00hello][hello  ][hello][hello]");
}

TEST_CASE("Hexadecimal payloads are limited in bytes and padded in digits") {
  const mqtt::Publish any = message("hi");
  CHECK(text("[%1x][%8x][%08x][%-8x][%4x][%-4x]", any) ==
        "[68][    6869][00006869][6869    ][6869][6869]");
  SECTION("a separator stands after every n digits, padding included, never at the end") {
    CHECK(text("%.2x", message("abc")) == "61 62 63");
    CHECK(text("%.2:x", message("abc")) == "61:62:63");
    CHECK(text("%.4-X", message("jkl")) == "6A6B-6C");
    CHECK(text("%08.2.x", message("hi")) == "00.00.68.69");
    CHECK(text("%.0:x", message("hi")) == "6869");
    CHECK(text("%.2:x", message("")).empty());
  }
}

TEST_CASE("Binary numbers are printed when the payload has their size") {
  const double number = 1.5;
  std::string eight(sizeof number, '\0');
  std::memcpy(eight.data(), &number, sizeof number);
  CHECK(text("[%d][%.2d][%8.1d][%08.1d][%-8.1d][%-08.1d]", message(eight)) ==
        "[1.500000][1.50][     1.5][000001.5][1.5     ][1.5     ]");
  const float small = -0.25F;
  std::string four(sizeof small, '\0');
  std::memcpy(four.data(), &small, sizeof small);
  CHECK(text("%f", message(four)) == "-0.250000");

  SECTION("any other size is a complaint, and the rest is printed") {
    const Printed printed = print("<%d>", message("abc"));
    CHECK(printed.text == "<>");
    CHECK(printed.complaints.find("a/b") != std::string::npos);
  }
}

TEST_CASE("A format prints properties") {
  const mqtt::PropertyList properties{
      {PropertyId::user_property, 0, "k", "v"},
      {PropertyId::content_type, 0, "text", ""},
      {PropertyId::message_expiry_interval, 4294967295U, "", ""},
      {PropertyId::response_topic, 0, "r/t", ""},
      {PropertyId::correlation_data, 0, std::string_view("\x01\0\x02", 3), ""},
      {PropertyId::payload_format_indicator, 1, "", ""},
      {PropertyId::subscription_identifier, 5, "", ""},
      {PropertyId::subscription_identifier, 6, "", ""},
      {PropertyId::topic_alias, 3, "", ""},
      {PropertyId::user_property, 0, "k", ""},
  };
  mqtt::Publish with = message("");
  with.properties = properties;
  CHECK(text("%P|%C|%E|%R|%D|%F|%S|%A", with) ==
        std::string("k:v k:|text|4294967295|r/t|\x01\0\x02|1|5|3", 36));
  CHECK(text("[%6C][%-3S][%03A]", with) == "[  text][5  ][003]");

  SECTION("an absent one leaves its width empty") {
    const mqtt::Publish without = message("");
    CHECK(text("[%P][%C][%E][%R][%D][%F][%S][%A]", without) == "[][][][][][][][]");
    CHECK(text("[%5C][%05C][%-5C][%5E][%05E][%-5E][%3R]", without) ==
          "[     ][     ][     ][     ][00000][     ][   ]");
  }
}

TEST_CASE("A message is printed as JSON") {
  CHECK(text("%j", message("say \"hi\"\n")) ==
        R"({"tst":"2026-01-02T03:04:05.006007+0100","topic":"a/b","qos":0,"retain":false,)"
        R"("payloadlen":9,"payload":"say \"hi\"\n"})");
  CHECK(text("%j", message("")) ==
        R"({"tst":"2026-01-02T03:04:05.006007+0100","topic":"a/b","qos":0,"retain":false,)"
        R"("payloadlen":0,"payload":null})");

  SECTION("with packet identifier and properties, in the order of the packet") {
    const mqtt::PropertyList properties{
        {PropertyId::content_type, 0, "", ""},
        {PropertyId::user_property, 0, "a", "b"},
        {PropertyId::subscription_identifier, 1, "", ""},
        {PropertyId::user_property, 0, "a", ""},
        {PropertyId::subscription_identifier, 2, "", ""},
        {PropertyId::message_expiry_interval, 4294967295U, "", ""},
        {PropertyId::correlation_data, 0, "id", ""},
    };
    mqtt::Publish full = message("{\"x\" : 1.0}");
    full.qos = mqtt::QoS::exactly_once;
    full.retain = true;
    full.packet_id = 9;
    full.properties = properties;
    CHECK(text("%J", full) ==
          R"({"tst":"2026-01-02T03:04:05.006007+0100","topic":"a/b","qos":2,"retain":true,)"
          R"("payloadlen":11,"mid":9,"properties":{"content-type":"","user-properties":)"
          R"([{"a":"b"},{"a":""}],"subscription-identifier":1,"subscription-identifier":2,)"
          R"("message-expiry-interval":4294967295,"correlation-data":"id"},"payload":{"x":1}})");
  }
  SECTION("a payload that is no JSON leaves %J empty, with a complaint") {
    const Printed printed = print("<%J>", message("hi"));
    CHECK(printed.text == "<>");
    CHECK(printed.complaints.find("a/b") != std::string::npos);
  }
  SECTION("an empty payload is null for %J too") {
    CHECK(text("%J", message("")).ends_with(R"("payload":null})"));
  }
}

TEST_CASE("Escapes that have no width take one all the same") {
  CHECK(text("%5%|%05q|%3r", message("")) == "%|0|0");
}

TEST_CASE("A bad format is refused when it is compiled") {
  for (const char* format :
       {"%", "%-", "%5", "%05.2", "%.2:", "@", "\\", "%z", "%5z", "\\q", "%1000001p",
        "%.9999999999x", "a %t %", "@3S", "@0N", "@3", "@Q", "@-", "@\xC3\xA9"}) {
    INFO(format);
    CHECK_FALSE(error_of(format).empty());
  }
  CHECK(error_of("%z").find("%z") != std::string::npos);
  CHECK(error_of("@3S").find("@3N") != std::string::npos);
  CHECK(error_of("\\q").find("\\q") != std::string::npos);
}
