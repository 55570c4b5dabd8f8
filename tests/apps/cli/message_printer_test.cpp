#include "cli/message_printer.h"

#include <catch2/catch.hpp>
#include <string>

#include "cli/print_options.h"

namespace {

std::string printed(const cli::PrintOptions& options, std::string_view payload) {
  mqtt::Publish message;
  message.topic = "a/b";
  message.payload = mqtt::as_bytes(payload);
  cli::MessagePrinter printer(options);
  std::string out;
  std::string complaints;
  printer.print(out, message, complaints);
  CHECK(complaints.empty());
  return out;
}

}  // namespace

TEST_CASE("A message is printed as its payload, with the topic if asked for") {
  cli::PrintOptions options;
  SECTION("plain: an empty payload is no line") {
    CHECK(printed(options, "hi") == "hi\n");
    CHECK(printed(options, "").empty());
  }
  SECTION("plain, without a newline") {
    options.no_newline = true;
    CHECK(printed(options, "hi") == "hi");
    CHECK(printed(options, "").empty());
  }
  SECTION("with the topic: an empty payload is shown as such") {
    options.verbose = true;
    CHECK(printed(options, "hi") == "a/b hi\n");
    CHECK(printed(options, "") == "a/b (null)\n");
  }
  SECTION("with the topic, without a newline") {
    options.verbose = true;
    options.no_newline = true;
    CHECK(printed(options, "hi") == "a/b hi");
    CHECK(printed(options, "").empty());
  }
  SECTION("bytes are not touched") {
    const std::string bytes("\0\xFF\n\r", 4);
    CHECK(printed(options, bytes) == bytes + "\n");
  }
}

TEST_CASE("A format wins over everything but the newline") {
  cli::PrintOptions options;
  options.verbose = true;
  options.format = *cli::MessageFormat::compile("%t=%p");
  CHECK(printed(options, "hi") == "a/b=hi\n");
  CHECK(printed(options, "") == "a/b=\n");
  options.no_newline = true;
  CHECK(printed(options, "hi") == "a/b=hi");
}
