#include "access/files/access_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "access/files/guarded_file.h"
#include "support/scratch_folder.h"

namespace fs = std::filesystem;
using broker::AccessFiles;
using broker::Config;
using test::ScratchFolder;

namespace {

const std::string hash =
    "$6$AAECAwQFBgcICQoL$JqsxEv/ucyxjA5DKsQ+Y8CDWaQDNQI9FpAkmfwAqWfwZLk/"
    "JEGgM0EpylrJHAZKKyFQjJeZ3nFaHjPzOzPPmPw==";
const std::string other_hash =
    "$7$101$AAECAwQFBgcICQoL$Xr99N9ym9ys8TWxis5ajETJq6EVYzmc6nb8t3pUYnPBbCAbICS4xejTltonXWCtJNBvA+"
    "By+"
    "TXUqU6qCblO00w==";

Config config_with(const std::string& passwords, const std::string& acl) {
  Config config;
  config.listeners.resize(2);
  config.password_file = passwords;
  config.acl_file = acl;
  return config;
}

std::vector<std::string> errors_of(const Config& config) {
  std::vector<broker::ConfigNote> notes;
  const auto files = AccessFiles::load(config, notes);
  std::vector<std::string> texts;
  if (files) return texts;
  for (const broker::ConfigError& error : files.error().errors) texts.push_back(to_text(error));
  return texts;
}

std::shared_ptr<const AccessFiles> files_of(const Config& config) {
  std::vector<broker::ConfigNote> notes;
  auto files = AccessFiles::load(config, notes);
  if (!files) FAIL(to_text(files.error().errors));
  return std::move(*files);
}

}  // namespace

TEST_CASE("the files of a configuration are read for each listener") {
  const ScratchFolder folder;
  const std::string passwords = folder.file("passwords", "bob:" + hash + "\n");
  const std::string acl = folder.file("acl", "topic read a\n");
  SECTION("common ones hold for all") {
    const auto files = files_of(config_with(passwords, acl));
    CHECK(files->passwords(0) != nullptr);
    CHECK(files->passwords(0) == files->passwords(1));
    CHECK(files->rules(1) != nullptr);
    CHECK(files->any_rules());
    CHECK(files->passwords(2) == nullptr);
  }
  SECTION("with per_listener_settings each has its own") {
    Config config = config_with("ignored", "ignored");
    config.per_listener_settings = true;
    config.listeners[1].password_file = passwords;
    const auto files = files_of(config);
    CHECK(files->passwords(0) == nullptr);
    CHECK(files->passwords(1) != nullptr);
    CHECK_FALSE(files->any_rules());
  }
  SECTION("no file is no rule") {
    const auto files = files_of(config_with("", ""));
    CHECK(files->passwords(0) == nullptr);
    CHECK(files->rules(0) == nullptr);
  }
}

TEST_CASE("every wrong line of every file is told, with file and line") {
  const ScratchFolder folder;
  const std::string passwords = folder.file("passwords", "bob:plain\nalice:\n");
  const std::string acl = folder.file("acl", "topic\n");
  const auto errors = errors_of(config_with(passwords, acl));
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].starts_with(passwords + ":1: "));
  CHECK(errors[1].starts_with(passwords + ":2: "));
  CHECK(errors[2].starts_with(acl + ":1: "));
}

TEST_CASE("what is no plain file is not read") {
  const ScratchFolder folder;
  const std::string path = folder.file("acl", "topic a\n");
  const std::string link = (folder.path() / "link").string();
  fs::create_symlink("acl", link);
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto reason = [](const std::string& of, bool follow) {
    const auto read = broker::read_guarded_file(of, follow);
    return read ? std::string() : read.error().text();
  };
  CHECK(reason(path, false).empty());
  CHECK_THAT(reason(link, false), Catch::Contains("symbolic link"));
  CHECK(reason(link, true).empty());
  CHECK_THAT(reason(pipe, false), Catch::Contains("regular"));
  CHECK_FALSE(reason(folder.path().string(), false).empty());
  CHECK_FALSE(reason(path + "x", false).empty());
  std::vector<broker::ConfigNote> notes;
  const auto missing = AccessFiles::load(config_with("", path + "x"), notes);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().not_readable);
}

TEST_CASE("what is wrong with a file names the key, and the line that names it") {
  const ScratchFolder folder;
  const std::string acl = folder.file("acl", "topic reed a\n");
  Config config = config_with((folder.path() / "absent").string(), acl);
  config.written.note("password_file", {"a.conf", 7});
  config.written.note("acl_file", {"b.conf", 9});
  const auto errors = errors_of(config);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0] ==
        "a.conf:7: password_file " + config.password_file + ": No such file or directory");
  CHECK(errors[1] == acl +
                         ":1: unknown access \"reed\": expected read, write, readwrite or deny "
                         "before a filter of several words; did you mean \"read\"? (acl_file at "
                         "b.conf:9)");
  SECTION("of a listener, where each has its own") {
    config = config_with("", "");
    config.per_listener_settings = true;
    config.listeners[1].acl_file = acl;
    config.listeners[1].written.note("acl_file", {"c.conf", 3});
    REQUIRE(errors_of(config).size() == 1);
    CHECK_THAT(errors_of(config).front(), Catch::EndsWith("(acl_file at c.conf:3)"));
  }
}

TEST_CASE("a file that others may read is worth a word") {
  const ScratchFolder folder;
  const std::string path = folder.file("acl", "topic a\n");
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(broker::read_guarded_file(path, false)->warnings.size() == 1);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(broker::read_guarded_file(path, false)->warnings.empty());
}

TEST_CASE("who stays when password files change") {
  const ScratchFolder folder;
  const auto none = files_of(config_with("", ""));
  const auto before =
      files_of(config_with(folder.file("1", "bob:" + hash + "\ncarol:" + hash + "\n"), ""));
  const auto after =
      files_of(config_with(folder.file("2", "bob:" + hash + "\ncarol:" + other_hash + "\n"), ""));
  CHECK(is_still_known(*before, *after, 0, "bob", false));
  CHECK_FALSE(is_still_known(*before, *after, 0, "carol", true));
  CHECK_FALSE(is_still_known(*after, *before, 0, "dave", true));
  SECTION("without a name it is the anonymous rule") {
    CHECK(is_still_known(*before, *after, 0, "", true));
    CHECK_FALSE(is_still_known(*before, *after, 0, "", false));
  }
  SECTION("a file that comes has not seen their passwords") {
    CHECK_FALSE(is_still_known(*none, *after, 0, "bob", true));
  }
  SECTION("a file that goes leaves the anonymous rule") {
    CHECK(is_still_known(*before, *none, 0, "bob", true));
    CHECK_FALSE(is_still_known(*before, *none, 0, "bob", false));
  }
}
