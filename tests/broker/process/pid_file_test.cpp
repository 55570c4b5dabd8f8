#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "process/daemon.h"
#include "support/scratch_folder.h"

namespace fs = std::filesystem;
using broker::PidFile;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Of writing, which a check has to foretell.
std::string refusal(const std::string& path, bool follow_symlinks = false) {
  const auto checked = PidFile::check(path, follow_symlinks);
  const auto written = PidFile::write(path, follow_symlinks);
  CHECK(checked.has_value() != written.has_value());
  return written ? std::string() : written.error().reason;
}

}  // namespace

TEST_CASE("A pid file holds the number of the process for as long as that runs") {
  const test::ScratchFolder folder;
  const std::string path = (folder.path() / "pid").string();
  const std::string before = GENERATE("", "12345678\n", " 7\r\n");
  if (!before.empty()) folder.file("pid", before);
  {
    const auto file = PidFile::write(path, false);
    REQUIRE(file);
    CHECK(content(path) == std::to_string(::getpid()));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("A pid file is nobody else's file") {
  using Catch::Contains;
  const test::ScratchFolder folder;
  const std::string victim = folder.file("victim", "precious");
  SECTION("not through a symbolic link") {
    const std::string link = (folder.path() / "link").string();
    fs::create_symlink(victim, link);
    CHECK_THAT(refusal(link), Contains("symbolic link"));
    SECTION("nor through one that leads nowhere yet") {
      fs::remove(victim);
      CHECK_THAT(refusal(link), Contains("symbolic link"));
      CHECK_FALSE(fs::exists(victim));
      folder.file("victim", "precious");
    }
    SECTION("even where links are allowed, if a file with something else is behind it") {
      CHECK_THAT(refusal(link, true), Contains("other than a process number"));
    }
  }
  SECTION("not one that holds something else") {
    CHECK_THAT(refusal(victim), Contains("other than a process number"));
    const std::string digits = folder.file("digits", std::string(1000, '7'));
    CHECK_THAT(refusal(digits), Contains("other than a process number"));
  }
  SECTION("not what is no file") {
    const std::string pipe = (folder.path() / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THAT(refusal(pipe), Contains("regular file"));
    CHECK_FALSE(refusal(folder.path().string()).empty());
  }
  CHECK(content(victim) == "precious");
}

TEST_CASE("A pid file that another has replaced is left") {
  const test::ScratchFolder folder;
  const std::string path = (folder.path() / "pid").string();
  {
    const auto file = PidFile::write(path, false);
    REQUIRE(file);
    fs::remove(path);
    folder.file("other", "1");
    folder.file("pid", "4711");
  }
  CHECK(content(path) == "4711");
}
