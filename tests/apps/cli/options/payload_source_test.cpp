#include "cli/options/payload_source.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/options/command_line.h"

using Kind = cli::PayloadSource::Kind;

namespace {

/// A file with this content, gone at the end of the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    const int descriptor = ::mkstemp(path_.data());
    REQUIRE(descriptor >= 0);
    REQUIRE(::write(descriptor, content.data(), content.size()) ==
            static_cast<ssize_t>(content.size()));
    ::close(descriptor);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/payload_source_test.XXXXXX";
};

/// The source that these words choose; `none` if they are refused.
cli::PayloadSource source_of(std::vector<std::string> words, bool lines = true) {
  cli::PayloadSource source;
  const auto app = cli::make_app("mqtt-tool", "", "");
  cli::bind_payload_options(*app, source, lines);
  return cli::parse_command_line(*app, std::move(words)) ? source : cli::PayloadSource();
}

}  // namespace

TEST_CASE("Exactly one source of the payload is taken") {
  CHECK(source_of({"-m", "hi"}).kind == Kind::message);
  CHECK(source_of({"--file", "x"}).kind == Kind::file);
  CHECK(source_of({"-f", "-"}).kind == Kind::whole_stdin);
  CHECK(source_of({"-n"}).kind == Kind::null);
  CHECK(source_of({"-s"}).kind == Kind::whole_stdin);
  CHECK(source_of({"-l"}).kind == Kind::stdin_lines);
  CHECK(source_of({"-l"}, false).kind == Kind::none);
  CHECK(source_of({"-m", "hi", "-n"}).kind == Kind::none);
  CHECK(source_of({"-m", "hi", "-m", "ho"}).kind == Kind::none);
}

TEST_CASE("A payload is read as it is") {
  const std::string bytes("a\0\xFF\r\n", 5);
  const TemporaryFile file(bytes);
  const TemporaryFile empty("");
  CHECK(cli::load_payload({Kind::file, file.path()}) == bytes);
  CHECK(cli::load_payload({Kind::file, empty.path()}) == "");
  CHECK(cli::load_payload({Kind::message, "hi"}) == "hi");
  CHECK(cli::load_payload({Kind::null, ""}) == "");
}

TEST_CASE("A pipe is read like a file, unless nothing comes from it") {
  const auto payload_of = [](std::string_view content) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], content.data(), content.size()) ==
            static_cast<ssize_t>(content.size()));
    ::close(ends[1]);
    const auto payload = cli::load_payload({Kind::file, "/dev/fd/" + std::to_string(ends[0])});
    ::close(ends[0]);
    return payload;
  };
  CHECK(payload_of("hi") == "hi");
  const auto nothing = payload_of("");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().find("-n") != std::string::npos);
}

TEST_CASE("What cannot be read is refused with its name") {
  for (const char* path : {"/nonexistent/x", "/tmp", "/dev/null"}) {
    const auto payload = cli::load_payload({Kind::file, path});
    REQUIRE_FALSE(payload);
    CHECK(payload.error().find(path) != std::string::npos);
  }
}
