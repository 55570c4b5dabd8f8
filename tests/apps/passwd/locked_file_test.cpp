#include "passwd/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace fs = std::filesystem;
using passwd::LockedFile;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "mqtt-passwd-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { fs::remove_all(path); }

  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path / name) << content;
    return (path / name).string();
  }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
  fs::path path;
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

unsigned mode(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

ino_t inode(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

}  // namespace

TEST_CASE("a file is replaced as a whole") {
  const Folder folder;
  const std::string path = folder.file("passwords", "old");
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  const ino_t before = inode(path);
  {
    auto file = LockedFile::open(path);
    REQUIRE(file);
    CHECK(file->read().value() == "old");
    REQUIRE(file->replace("new content"));
  }
  SECTION("what was written is there") {
    CHECK(content(path) == "new content");
  }
  SECTION("in a new file: whoever reads the old one reads it to its end") {
    CHECK(inode(path) != before);
  }
  SECTION("with the old mode") {
    CHECK(mode(path) == 0640);
  }
  SECTION("and nothing is left over") {
    CHECK(folder.count() == 1);
  }
}

TEST_CASE("a symbolic link stays, and what it names is replaced") {
  const Folder folder;
  const std::string path = folder.file("passwords", "old");
  const std::string link = (folder.path / "link").string();
  fs::create_symlink("passwords", link);
  REQUIRE(LockedFile::open(link)->replace("new"));
  CHECK(fs::is_symlink(link));
  CHECK(content(path) == "new");
  SECTION("a link to nowhere is no place for a new file") {
    fs::remove(path);
    CHECK_FALSE(LockedFile::open_or_create(link));
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE("a file that is not there") {
  const Folder folder;
  const std::string path = (folder.path / "passwords").string();
  SECTION("cannot be opened") {
    const auto file = LockedFile::open(path);
    REQUIRE_FALSE(file);
    CHECK_THAT(file.error(), Catch::Contains(path));
  }
  SECTION("can be created, for its owner alone") {
    REQUIRE(LockedFile::open_or_create(path)->replace("new"));
    CHECK(content(path) == "new");
    CHECK(mode(path) == 0600);
  }
  SECTION("a folder is no file") {
    CHECK_FALSE(LockedFile::open(folder.path.string()));
  }
}

TEST_CASE("a file that others can read is worth a warning") {
  const Folder folder;
  const std::string path = folder.file("passwords", "old");
  REQUIRE(chmod(path.c_str(), 0604) == 0);
  REQUIRE(LockedFile::open_to_read(path)->warnings().size() == 1);
  CHECK_THAT(LockedFile::open_to_read(path)->warnings()[0], Catch::Contains("0604"));
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  CHECK(LockedFile::open_to_read(path)->warnings().empty());
}

TEST_CASE("who comes second waits, and sees what the first has written") {
  const Folder folder;
  const std::string path = folder.file("passwords", "0");
  constexpr int rounds = 50;
  const auto count_up = [&] {
    for (int i = 0; i < rounds; ++i) {
      auto file = LockedFile::open(path);
      if (!file) std::abort();
      if (!file->replace(std::to_string(std::stoi(file->read().value()) + 1))) std::abort();
    }
  };
  std::thread first(count_up);
  std::thread second(count_up);
  first.join();
  second.join();
  CHECK(content(path) == std::to_string(2 * rounds));
  CHECK(folder.count() == 1);
}
