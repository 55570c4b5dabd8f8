#include "cli/options/command_line.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

using Words = std::vector<std::string>;

namespace {

/// A small tool that writes down what its setters were told, in order.
struct Tool {
  Words heard;
  std::unique_ptr<CLI::App> app = cli::make_app("mqtt-tool", "A tool", "Examples:\n  mqtt-tool -v");

  Tool() {
    const auto hear = [this](const std::string& name) {
      return [this, name](const std::string& value) {
        heard.push_back(name + "=" + value);
        return cli::Verdict();
      };
    };
    const auto see = [this](const std::string& name) {
      return [this, name] {
        heard.push_back(name);
        return cli::Verdict();
      };
    };
    cli::add_value(*app, "-h,--host", "HOST", "", hear("host"));
    cli::add_value(*app, "-t,--topic", "TOPIC", "", hear("topic"));
    cli::add_value(*app, "-m,--message", "TEXT", "", hear("message"));
    cli::add_switch(*app, "-v,--verbose", "", see("verbose"));
    cli::add_switch(*app, "-N", "", see("no-newline"));
    cli::add_value(*app, "-k", "N", "", [](const std::string& value) -> cli::Verdict {
      return cli::parse_integer(value, 5, 65535).map([](std::int64_t) {});
    });
    cli::add_value(*app, "-D,--property", "WORDS", "", [this](const std::string& joined) {
      std::string words = "property";
      for (const std::string& word : cli::split_words(joined)) words += " <" + word + ">";
      heard.push_back(words);
      return cli::Verdict();
    });
    cli::add_unsupported(*app, "--proxy", true);
  }

  /// What was heard; a refusal as one word.
  Words parse(Words words) {
    heard.clear();
    const auto parsed = cli::parse_command_line(*app, std::move(words));
    if (!parsed) return {parsed.error().text};
    return heard;
  }
  cli::CommandLineEnd end(Words words) {
    const auto parsed = cli::parse_command_line(*app, std::move(words));
    REQUIRE_FALSE(parsed);
    return parsed.error();
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Options are heard from left to right, repetitions included") {
  CHECK(Tool().parse({"-t", "a", "-v", "-h", "x", "--topic", "b", "-h", "y"}) ==
        Words{"topic=a", "verbose", "host=x", "topic=b", "host=y"});
}

TEST_CASE("A value is taken as it is, whatever it looks like") {
  CHECK(Tool().parse({"-m", "-v", "-t", "--help", "-m", "[1,2]", "-m", "", "-m", "{\"a\": 1}"}) ==
        Words{"message=-v", "topic=--help", "message=[1,2]", "message=", "message={\"a\": 1}"});
  CHECK(Tool().parse({"-m", "--", "-m", "'x'", "-m", "a=b"}) ==
        Words{"message=--", "message='x'", "message=a=b"});
}

TEST_CASE("Short options may be joined, and a long one takes its value behind '='") {
  CHECK(Tool().parse({"-vN", "-ta", "--message=x=y", "--message=", "-vt", "b"}) ==
        Words{"verbose", "no-newline", "topic=a", "message=x=y", "message=", "verbose", "topic=b"});
}

TEST_CASE("option -D takes three words, or four for a user property, whatever they look like") {
  CHECK(Tool().parse({"-D", "publish", "content-type", "-t", "-t", "a"}) ==
        Words{"property <publish> <content-type> <-t>", "topic=a"});
  CHECK(Tool().parse({"--property", "publish", "User-Property", "-m", "--help", "-v"}) ==
        Words{"property <publish> <User-Property> <-m> <--help>", "verbose"});
  CHECK(Tool().parse({"-m", "-D", "-D", "connect", "user-property", "", ""}) ==
        Words{"message=-D", "property <connect> <user-property> <> <>"});
  SECTION("too few words reach the setter, which says what is missing") {
    CHECK(Tool().parse({"-D", "publish"}) == Words{"property <publish>"});
    CHECK(Tool().parse({"-D", "publish", "user-property", "k"}) ==
          Words{"property <publish> <user-property> <k>"});
  }
}

TEST_CASE("What is wrong is said, with a hint to --help and status 1") {
  Tool tool;
  SECTION("an unknown option, and the nearest one") {
    const cli::CommandLineEnd end = tool.end({"--topc", "a"});
    CHECK(end.is_error);
    CHECK(end.status == 1);
    CHECK(contains(end.text, "'--topc'"));
    CHECK(contains(end.text,
                   ", did you mean \"--topic\"?\n\nUse 'mqtt-tool --help' to see usage.\n"));
  }
  SECTION("a missing value") {
    CHECK(contains(tool.end({"-v", "-t"}).text, "-t"));
    CHECK(tool.end({"-D"}).status == 1);
  }
  SECTION("a bad value names the option, the value and the bounds") {
    const std::string text = tool.end({"-k", "4"}).text;
    CHECK(contains(text, "-k"));
    CHECK(contains(text, "\"4\""));
    CHECK(contains(text, "65535"));
    for (const char* value : {"", "x", "60x", "-1", "65536", "99999999999999999999"}) {
      INFO(value);
      CHECK(tool.end({"-k", value}).status == 1);
    }
  }
  SECTION("a word that belongs to nothing") {
    CHECK(contains(tool.end({"-v", "word"}).text, "\"word\""));
    CHECK(tool.end({"--"}).status == 1);
    CHECK(tool.end({"-"}).status == 1);
    CHECK(tool.end({""}).status == 1);
  }
  SECTION("a value for an option that takes none") {
    CHECK(tool.end({"--verbose=yes"}).status == 1);
  }
  SECTION("an option that is not there yet is refused by its name") {
    const std::string text = tool.end({"--proxy", "socks5h://x"}).text;
    CHECK(contains(text, "--proxy"));
    CHECK(contains(text, "not supported"));
  }
}

TEST_CASE("option --help and --version are answers, not errors") {
  Tool tool;
  const cli::CommandLineEnd help = tool.end({"--help"});
  CHECK_FALSE(help.is_error);
  CHECK(help.status == 0);
  CHECK(contains(help.text, "--topic"));
  CHECK(contains(help.text, "Examples:"));
  CHECK_FALSE(contains(help.text, "--proxy"));

  const cli::CommandLineEnd version = tool.end({"--version"});
  CHECK_FALSE(version.is_error);
  CHECK(version.status == 0);
  CHECK(contains(version.text, "mqtt-tool "));
}
