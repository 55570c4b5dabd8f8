#include "cli/options/exit_code.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

TEST_CASE("No two reasons to end share an exit code") {
  std::set<cli::ExitCode> seen;
  for (const cli::ExitCodeRow& row : cli::exit_code_rows()) {
    CHECK(seen.insert(row.code).second);
  }
}

TEST_CASE("The exit codes keep clear of CONNACK codes and signals") {
  for (const cli::ExitCodeRow& row : cli::exit_code_rows()) {
    CHECK(cli::status(row.code) < 128);
  }
  CHECK(cli::signal_status(15) == 143);
}

TEST_CASE("The man pages list every exit code with its meaning") {
  for (const char* page : {"mqtt-pub.1", "mqtt-sub.1", "mqtt-rr.1"}) {
    INFO(page);
    const std::string text = content_of(std::string(MQTT_SOURCE_DIR "/man/") + page);
    for (const cli::ExitCodeRow& row : cli::exit_code_rows()) {
      INFO(cli::status(row.code));
      const std::string item = ".It " + std::to_string(cli::status(row.code)) + "\n";
      CHECK(text.find(item + std::string(row.meaning) + "\n") != std::string::npos);
    }
  }
}
