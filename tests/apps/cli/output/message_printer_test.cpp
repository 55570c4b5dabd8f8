#include "cli/output/message_printer.h"

#include <catch2/catch.hpp>
#include <string>

#include "cli/output/print_options.h"

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

TEST_CASE("What a stranger sends is no command to the terminal where output is safe") {
  cli::PrintOptions options;
  options.escape = cli::When::always;
  CHECK(printed(options, "\x1B[2J\n{\t}") == "\\x1b[2J\n{\t}\n");
  options.verbose = true;
  CHECK(printed(options, "\x1B") == "a/b \\x1b\n");
  options.format = *cli::MessageFormat::compile("\\e[1m%p\\e[0m %j");
  const std::string out = printed(options, "\x1B[2J\xC2\x9B");
  CHECK(out.starts_with("\x1B[1m\\x1b[2J\\u009b\x1B[0m {"));
  CHECK(out.ends_with("\"payload\":\"\\u001b[2J\\u009b\"}\n"));
}

TEST_CASE("The topic has a colour where colours are wanted") {
  cli::PrintOptions options;
  options.verbose = true;
  options.colour = cli::When::always;
  CHECK(printed(options, "hi") == "\x1B[36ma/b\x1B[0m hi\n");
  options.verbose = false;
  CHECK(printed(options, "hi") == "hi\n");
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
