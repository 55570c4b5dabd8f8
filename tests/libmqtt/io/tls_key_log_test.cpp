#include "mqtt/io/tls_key_log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "support/scratch_folder.h"

namespace mqtt::io::test {
namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string refusal(const std::string& path) {
  const auto log = TlsKeyLog::open(path);
  REQUIRE_FALSE(log);
  return log.error();
}

}  // namespace

TEST_CASE("a key log is made for its owner alone, and appended to", "[tls]") {
  const ::test::ScratchFolder folder;
  const std::string path = (folder.path() / "keys").string();
  {
    const auto log = TlsKeyLog::open(path);
    REQUIRE(log);
    (*log)->write("CLIENT_RANDOM 01 02");
  }
  CHECK((fs::status(path).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  const auto again = TlsKeyLog::open(path);
  REQUIRE(again);
  (*again)->write("CLIENT_RANDOM 03 04");
  CHECK(content(path) == "CLIENT_RANDOM 01 02\nCLIENT_RANDOM 03 04\n");
}

TEST_CASE("a key log takes whole lines from all threads", "[tls]") {
  const ::test::ScratchFolder folder;
  const std::string path = (folder.path() / "keys").string();
  const auto log = TlsKeyLog::open(path);
  REQUIRE(log);
  const std::string line(150, 'x');
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) (*log)->write(line);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string expected;
  for (int n = 0; n < 400; ++n) expected += line + "\n";
  CHECK((content(path) == expected));
}

TEST_CASE("a key log refuses a file that others could use", "[tls]") {
  const ::test::ScratchFolder folder;
  const std::string path = (folder.path() / "keys").string();

  SECTION("one that the group may read") {
    folder.file("keys", "");
    ::chmod(path.c_str(), 0640);
    CHECK(refusal(path) ==
          "others than its owner may use it (mode 0640); \"chmod go-rwx\" closes it");
  }
  SECTION("one that everyone may write") {
    folder.file("keys", "");
    ::chmod(path.c_str(), 0602);
    CHECK_THAT(refusal(path), Catch::Contains("mode 0602"));
  }
  SECTION("a symbolic link") {
    fs::create_symlink(folder.file("elsewhere", ""), path);
    CHECK(refusal(path) == "it is a symbolic link");
  }
  SECTION("a named pipe, without waiting for who reads it") {
    ::mkfifo(path.c_str(), 0600);
    CHECK_FALSE(refusal(path).empty());
  }
  SECTION("one in a folder that is not there") {
    CHECK(refusal((folder.path() / "none" / "keys").string()) == "No such file or directory");
  }
}

}  // namespace mqtt::io::test
