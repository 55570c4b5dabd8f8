/// Files that mosquitto_passwd writes are read here.

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "mqtt/credentials/password_file.h"

namespace {

const std::string program = MOSQUITTO_PASSWD_PROGRAM;

/// A folder of its own, gone when it is left.
struct Folder {
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "mqtt-credentials-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }

  std::filesystem::path path;
};

std::string written_by_mosquitto(const std::string& scheme) {
  const Folder folder;
  const std::string file = (folder.path / "passwords").string();
  const std::string start = program + " -H " + scheme + " -b ";
  REQUIRE(std::system((program + " -H " + scheme + " -c -b " + file + " bob secret").c_str()) == 0);
  REQUIRE(std::system((start + file + " alice 'wörd with blanks'").c_str()) == 0);
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("what mosquitto_passwd writes is understood") {
  if (program.find("NOTFOUND") != std::string::npos) {
    WARN("mosquitto_passwd is not installed");
    return;
  }
  const std::string scheme = GENERATE("sha512", "sha512-pbkdf2");
  const auto file = mqtt::PasswordFile::parse(written_by_mosquitto(scheme));
  REQUIRE(file);
  REQUIRE(file->entries().size() == 2);
  CHECK(name_of(file->find("bob")->hash.recipe().scheme) == scheme);
  CHECK(file->find("bob")->hash.fits(mqtt::as_bytes("secret")).value());
  CHECK(file->find("alice")->hash.fits(mqtt::as_bytes("wörd with blanks")).value());
  CHECK_FALSE(file->find("alice")->hash.fits(mqtt::as_bytes("secret")).value());
}
