#include "config/file_access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>

#include "support/scratch_folder.h"

namespace fs = std::filesystem;
using broker::FileUse;
using broker::refuse_writing;

namespace {

constexpr uid_t nobody = 65534;

/// What `task` answers in a process that is nobody.
std::string as_nobody(const std::function<std::string()>& task) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "it stayed root";
    if (::setgid(nobody) == 0 && ::setuid(nobody) == 0) text = task();
    const ssize_t written = ::write(ends[1], text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 512> chunk{};
  for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

std::string refusal_to_read(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return broker::explain_refusal(path, errno, FileUse::read).text();
  ::close(file);
  return {};
}

std::string refusal_to_write(const std::string& path) {
  const auto refusal = refuse_writing(path, false);
  return refusal ? refusal->text() : std::string();
}

}  // namespace

TEST_CASE("Where rights are missing, owner, mode, user and what helps are said") {
  if (::geteuid() != 0) return;  // only root can become another user
  const test::ScratchFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const std::string path = folder.file("key.pem", "secret");
  fs::permissions(path, fs::perms(0600));
  const std::string user = as_nobody([] { return std::string("x"); });
  REQUIRE(user == "x");
  using Catch::Equals;
  using Catch::StartsWith;
  SECTION("of the file") {
    CHECK_THAT(as_nobody([&] { return refusal_to_read(path); }),
               Equals("Permission denied: " + path +
                      " (owner root:root, mode 0600), and user nobody may not read it (\"chown "
                      "nobody " +
                      path + "\" allows it)"));
    CHECK_THAT(as_nobody([&] { return refusal_to_write(path); }),
               StartsWith("Permission denied: " + path +
                          " (owner root:root, mode 0600), and user "
                          "nobody may not write it"));
  }
  SECTION("of a folder on the way to it") {
    const std::string inner = (folder.path() / "private").string();
    fs::create_directory(inner);
    fs::permissions(inner, fs::perms(0700));
    CHECK_THAT(as_nobody([&] { return refusal_to_read(inner + "/a/b.pem"); }),
               StartsWith("Permission denied: folder " + inner +
                          " (owner root:root, mode 0700), and user nobody may not enter it"));
  }
  SECTION("of the folder that a file would be in") {
    CHECK_THAT(as_nobody([&] { return refusal_to_write((folder.path() / "new").string()); }),
               StartsWith("Permission denied: folder " + folder.path().string()));
    CHECK_FALSE(fs::exists(folder.path() / "new"));
  }
}

TEST_CASE("A folder that is not there is named") {
  const test::ScratchFolder folder;
  const std::string missing = (folder.path() / "a").string();
  const auto refusal = broker::explain_refusal(missing + "/b/c", ENOENT, FileUse::read);
  CHECK(refusal.reason == "No such file or directory: there is no folder " + missing);
  CHECK(refusal.is_missing_folder);
  const auto file = broker::explain_refusal(missing, ENOENT, FileUse::read);
  CHECK(file.reason == "No such file or directory");
  CHECK_FALSE(file.is_missing_folder);
}

TEST_CASE("Whether a file could be written is found without writing it") {
  const test::ScratchFolder folder;
  const std::string path = folder.file("file", "precious");
  CHECK_FALSE(refuse_writing(path, false));
  CHECK_FALSE(refuse_writing((folder.path() / "new").string(), false));
  CHECK_FALSE(fs::exists(folder.path() / "new"));
  CHECK(fs::file_size(path) == 8);
  SECTION("not through a symbolic link, unless that is allowed") {
    const std::string link = (folder.path() / "link").string();
    fs::create_symlink(path, link);
    REQUIRE(refuse_writing(link, false));
    CHECK_THAT(refuse_writing(link, false)->text(), Catch::Contains("symbolic link"));
    CHECK_FALSE(refuse_writing(link, true));
  }
  SECTION("nor a folder, a pipe or in a folder that is not there") {
    CHECK(refuse_writing(folder.path().string(), false));
    const std::string pipe = (folder.path() / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(refuse_writing(pipe, false));
    CHECK(refuse_writing((folder.path() / "a" / "b").string(), false)->is_missing_folder);
  }
}
