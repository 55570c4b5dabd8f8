#include "log/line_rate.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "log/log.h"
#include "support/scratch_folder.h"

using broker::LineRate;
using broker::Log;
using broker::LogSettings;
using broker::LogType;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("some lines may be written at once, then one a second") {
  LineRate rate;
  int written = 0;
  for (int i = 0; i < 100; ++i) written += rate.allows(5000) ? 1 : 0;
  CHECK(written == 10);
  CHECK_FALSE(rate.allows(5999));
  CHECK(rate.allows(6000));
  CHECK_FALSE(rate.allows(6000));
  SECTION("and at most as many as at first after a long silence") {
    written = 0;
    for (int i = 0; i < 100; ++i) written += rate.allows(1'000'000) ? 1 : 0;
    CHECK(written == 10);
  }
}

TEST_CASE("lines that were left out are counted once") {
  LineRate rate;
  for (int i = 0; i < 13; ++i) rate.allows(5000);
  CHECK(rate.take_left_out() == 3);
  CHECK(rate.take_left_out() == 0);
}

TEST_CASE("A rate of lines lets a burst through, then one each interval, and counts the rest") {
  broker::LineRate rate(3, 500);
  constexpr std::int64_t begin = 1'000'000;
  int written = 0;
  for (int i = 0; i < 10; ++i) written += rate.allows(begin) ? 1 : 0;
  CHECK(written == 3);
  CHECK(rate.take_left_out() == 7);
  CHECK(rate.take_left_out() == 0);

  CHECK_FALSE(rate.allows(begin + 499));
  CHECK(rate.allows(begin + 500));
  CHECK_FALSE(rate.allows(begin + 501));
  CHECK(rate.take_left_out() == 2);

  // After a long rest a whole burst, and no more.
  written = 0;
  for (int i = 0; i < 10; ++i) written += rate.allows(begin + 100'000) ? 1 : 0;
  CHECK(written == 3);
}

TEST_CASE("What was omitted is written before the next line, in its type") {
  const test::ScratchFolder folder;
  LogSettings settings;
  settings.to_stderr = false;
  settings.timestamp = false;
  settings.file = (folder.path() / "log").string();
  settings.types = {LogType::warning};
  Log log;
  REQUIRE(log.configure(settings));
  LineRate rate(1, 500);
  const auto note = [&](LogType type, std::int64_t now_ms) {
    if (rate.may_write(log, type, now_ms, "denials")) log.write(type, "Denied.");
  };
  for (int i = 0; i < 4; ++i) note(LogType::warning, 1000);
  CHECK(lines_of(settings.file) == std::vector<std::string>{"Denied."});
  note(LogType::warning, 1500);
  CHECK(lines_of(settings.file) ==
        std::vector<std::string>{"Denied.", "3 more denials were not logged.", "Denied."});

  SECTION("and what the log does not want is neither written nor counted") {
    note(LogType::notice, 2000);
    note(LogType::notice, 2000);
    note(LogType::warning, 2000);
    CHECK(lines_of(settings.file).size() == 4);
    CHECK(lines_of(settings.file).back() == "Denied.");
  }
}
