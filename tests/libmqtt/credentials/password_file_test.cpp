#include "mqtt/credentials/password_file.h"

#include <catch2/catch.hpp>

using mqtt::as_bytes;
using mqtt::HashRecipe;
using mqtt::HashScheme;
using mqtt::LineNote;
using mqtt::PasswordFile;
using mqtt::PasswordHash;

namespace {

std::string hash_of(std::string_view password) {
  return PasswordHash::create(as_bytes(password), HashRecipe{HashScheme::sha512, 0, 0, 0, 0})
      ->text();
}
const std::string hash = hash_of("secret");

std::vector<std::size_t> error_lines(const std::string& text) {
  const auto file = PasswordFile::parse(text);
  std::vector<std::size_t> lines;
  if (!file) {
    for (const LineNote& error : file.error()) lines.push_back(error.line);
  }
  return lines;
}

std::vector<std::string> users(const std::string& text) {
  const auto file = PasswordFile::parse(text);
  std::vector<std::string> names;
  if (file) {
    for (const PasswordFile::Entry& entry : file->entries()) names.push_back(entry.user);
  }
  return names;
}

using Names = std::vector<std::string>;
using Lines = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a password file holds users and hashes") {
  const auto file = PasswordFile::parse("# staff\n\nbob:" + hash + "\nalice:" + hash_of("other"));
  REQUIRE(file);
  REQUIRE(file->find("bob") != nullptr);
  CHECK(file->find("bob")->hash.fits(as_bytes("secret")).value());
  CHECK(file->find("bob")->line == 3);
  REQUIRE(file->find("alice") != nullptr);
  CHECK(file->find("alice")->hash.fits(as_bytes("other")).value());
  CHECK(file->find("carol") == nullptr);
  CHECK(file->find("") == nullptr);
  CHECK(file->warnings().empty());
}

TEST_CASE("how a line of a password file is cut") {
  SECTION("blanks around both parts do not count") {
    CHECK(users("  bob \t:  " + hash + " \r\n") == Names{"bob"});
  }
  SECTION("a name may hold blanks, and what is not ASCII") {
    CHECK(users("bob ö #1:" + hash) == Names{"bob ö #1"});
  }
  SECTION("what a second colon begins is not looked at") {
    CHECK(users("bob:" + hash + ":1000:x") == Names{"bob"});
  }
  SECTION("colons in a row count as one, those that begin a line as none") {
    CHECK(users("bob::" + hash) == Names{"bob"});
    CHECK(users(":bob:" + hash) == Names{"bob"});
  }
  SECTION("an empty file has no users, and is right") {
    CHECK(PasswordFile::parse("").has_value());
    CHECK(PasswordFile::parse("\n# nobody\n \t\n").has_value());
  }
  SECTION("a line without a colon says nothing, which is worth a word") {
    const auto file = PasswordFile::parse("bob\nalice:" + hash + "\n #x\n");
    REQUIRE(file);
    CHECK(file->entries().size() == 1);
    REQUIRE(file->warnings().size() == 2);
    CHECK(file->warnings()[0].line == 1);
    CHECK(file->warnings()[1].line == 3);
  }
}

TEST_CASE("one wrong line refuses the whole password file, and every wrong line is named") {
  CHECK(error_lines("bob:" + hash + "\nalice:\n") == Lines{2});
  CHECK(error_lines(":x\nbob:" + hash) == Lines{1});
  CHECK(error_lines("  :" + hash) == Lines{1});
  CHECK(error_lines("bob:plain\n\nalice:$7$1\ncarol:" + hash) == Lines{1, 3});
  std::string line(65535, 'n');
  line.append(":").append(hash);
  CHECK(error_lines(line).empty());
  line.insert(0, "n");
  CHECK(error_lines(line) == Lines{1});
}

TEST_CASE("a user who stands twice in a password file refuses it") {
  const auto file =
      PasswordFile::parse("bob:" + hash + "\nalice:" + hash + "\nbob :" + hash + "\nbob:" + hash);
  REQUIRE_FALSE(file);
  REQUIRE(file.error().size() == 2);
  CHECK(file.error()[0].line == 3);
  CHECK_THAT(file.error()[0].text, Catch::Contains("line 1"));
  CHECK(file.error()[1].line == 4);
}

TEST_CASE("a forgotten plain password is not repeated in the error") {
  const auto file = PasswordFile::parse("bob:open sesame\n");
  REQUIRE_FALSE(file);
  CHECK(file.error()[0].text.find("sesame") == std::string::npos);
}
