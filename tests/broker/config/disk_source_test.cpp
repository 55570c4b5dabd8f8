#include "config/disk_source.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/config_file.h"

using broker::DiskSource;

namespace {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string path(const std::string& name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("A file is read as it is") {
  const Directory directory;
  DiskSource source;
  std::string text("a\0b\r\n", 5);
  text.append(40000, 'x');
  directory.write("a.conf", text);
  CHECK(source.read(directory.path("a.conf")) == text);

  SECTION("a directory is no file") {
    CHECK_FALSE(source.read(directory.path()).has_value());
  }
  SECTION("one that is not there is an error") {
    CHECK_FALSE(source.read(directory.path("b.conf")).has_value());
  }
  SECTION("one without an end is given up") {
    CHECK_FALSE(source.read("/dev/zero").has_value());
  }
}

TEST_CASE("An include_dir takes the .conf files of its directory in their order") {
  const Directory directory;
  DiskSource source;
  for (const char* name : {"b.conf", "A.conf", "a.conf", "B.conf", "01.conf", "00.conf", ".conf",
                           "x.conf~", "y.CONF", "readme"}) {
    directory.write(name, "");
  }
  std::vector<std::string> expected;
  for (const char* name : {"00.conf", "01.conf", "A.conf", "a.conf", "B.conf", "b.conf"}) {
    expected.push_back(directory.path(name));
  }
  CHECK(source.list(directory.path()) == expected);

  SECTION("which may be none") {
    const Directory empty;
    CHECK(source.list(empty.path())->empty());
  }
  SECTION("but must be there") {
    CHECK_FALSE(source.list(directory.path("nowhere")).has_value());
    CHECK_FALSE(source.list(directory.path("readme")).has_value());
  }
}

TEST_CASE("A directory called like a file to include is an error") {
  const Directory directory;
  std::filesystem::create_directory(directory.path("x.conf"));
  directory.write("main", "include_dir " + directory.path() + "\n");
  const auto result = broker::read_config(std::vector{directory.path("main")}, {}).result();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().front().fault == broker::ConfigFault::not_readable);
  CHECK(result.error().front().where.line == 1);
}

TEST_CASE("A configuration is read from disk") {
  const Directory directory;
  std::filesystem::create_directory(directory.path("conf.d"));
  directory.write("main.conf", "listener 1884\ninclude_dir " + directory.path("conf.d") + "\n");
  directory.write("conf.d/one.conf", "max_keepalive 30\n");
  const auto result = broker::read_config(std::vector{directory.path("main.conf")}, {}).result();
  REQUIRE(result.has_value());
  CHECK(result->config.limits.max_keepalive_s == 30);
  CHECK(result->config.listeners.size() == 1);
}
