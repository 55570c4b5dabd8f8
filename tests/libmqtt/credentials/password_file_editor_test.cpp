#include "mqtt/credentials/password_file_editor.h"

#include <catch2/catch.hpp>

using mqtt::as_bytes;
using mqtt::HashRecipe;
using mqtt::HashScheme;
using mqtt::PasswordFile;
using mqtt::PasswordFileEditor;
using mqtt::PasswordHash;

namespace {

const HashRecipe cheap{HashScheme::sha512, 0, 0, 0, 0};

PasswordHash hash_of(std::string_view password) {
  return *PasswordHash::create(as_bytes(password), cheap);
}

PasswordFileEditor editor(std::string_view text) {
  auto read = PasswordFileEditor::read(text);
  REQUIRE(read);
  return std::move(*read);
}

bool fits(const PasswordFileEditor& file, std::string_view user, std::string_view password) {
  const auto parsed = PasswordFile::parse(file.text());
  REQUIRE(parsed);
  REQUIRE(parsed->find(user) != nullptr);
  return parsed->find(user)->hash.fits(as_bytes(password)).value();
}

}  // namespace

TEST_CASE("a user's password is set") {
  const std::string other = "alice:" + hash_of("wonder").text();
  SECTION("a new user comes at the end") {
    PasswordFileEditor file = editor(other + "\n");
    CHECK_FALSE(file.set("bob", hash_of("secret")));
    CHECK(file.text().starts_with(other + "\nbob:$6$"));
    CHECK(fits(file, "bob", "secret"));
  }
  SECTION("behind a last line that lacks its line feed, too") {
    PasswordFileEditor file = editor(other);
    file.set("bob", hash_of("secret"));
    CHECK(fits(file, "bob", "secret"));
    CHECK(fits(file, "alice", "wonder"));
  }
  SECTION("a user who is there keeps the place, and everything else stays byte for byte") {
    PasswordFileEditor file = editor("# staff\n\n  bob : x\n  alice  :  y : z \r\n");
    const PasswordHash hash = hash_of("secret");
    CHECK(file.set("bob", hash));
    CHECK(file.text() == "# staff\n\nbob:" + hash.text() + "\n  alice  :  y : z \r\n");
  }
  SECTION("who stands twice stands once then") {
    PasswordFileEditor file = editor("bob:x\nalice:y\nbob:z\n");
    const PasswordHash hash = hash_of("secret");
    CHECK(file.set("bob", hash));
    CHECK(file.text() == "bob:" + hash.text() + "\nalice:y\n");
  }
}

TEST_CASE("a user is removed, wherever the name stands") {
  PasswordFileEditor file = editor("# bob:x\nbob:x\nalice:y\n bob :z\n");
  CHECK(file.remove("bob"));
  CHECK(file.text() == "# bob:x\nalice:y\n");
  CHECK_FALSE(file.remove("bob"));
  SECTION("a name that is empty is nobody's") {
    CHECK_FALSE(file.remove(""));
    CHECK(file.secret_of("") == nullptr);
  }
}

TEST_CASE("plain passwords are hashed, and hashes are left alone") {
  const std::string hashed = hash_of("wonder").text();
  PasswordFileEditor file = editor("bob: open sesame \nalice:" + hashed + "\n# x\n");
  CHECK(file.hash_plain(cheap).value() == 1);
  CHECK(fits(file, "bob", "open sesame"));
  CHECK(fits(file, "alice", "wonder"));
  CHECK_THAT(file.text(), Catch::Contains("\nalice:" + hashed + "\n# x\n"));
  SECTION("a second time there is nothing to do") {
    const std::string before = file.text();
    CHECK(file.hash_plain(cheap).value() == 0);
    CHECK(file.text() == before);
  }
  SECTION("a plain password may hold colons: it is all that follows the first one") {
    PasswordFileEditor colons = editor("bob:p:q\nalice::x:\n carol : a : b \r\n");
    CHECK(colons.hash_plain(cheap).value() == 3);
    CHECK(fits(colons, "bob", "p:q"));
    CHECK(fits(colons, "alice", ":x:"));
    CHECK(fits(colons, "carol", "a : b"));
  }
  SECTION("what follows a hash is no part of it") {
    PasswordFileEditor remark = editor("alice:" + hashed + ":of old\n");
    CHECK(remark.hash_plain(cheap).value() == 0);
    CHECK(remark.text() == "alice:" + hashed + ":of old\n");
  }
  SECTION("a recipe that cannot be is refused") {
    PasswordFileEditor plain = editor("bob:x\n");
    CHECK_FALSE(plain.hash_plain({HashScheme::pbkdf2_sha512, 0, 0, 0, 0}));
  }
}

TEST_CASE("users are told in the order of the file") {
  const PasswordFileEditor file = editor("b:1\n#c:2\na:3:4\n");
  REQUIRE(file.users().size() == 2);
  CHECK(file.users()[0].name == "b");
  CHECK(file.users()[1].name == "a");
  CHECK(file.users()[1].secret == "3");
  REQUIRE(file.secret_of("a") != nullptr);
  CHECK(*file.secret_of("a") == "3");
  CHECK(file.secret_of("c") == nullptr);
}

TEST_CASE("a file with lines that are nothing is not edited") {
  const auto file = PasswordFileEditor::read("bob:x\nwhat is this\n:y\n  :z\n");
  REQUIRE_FALSE(file);
  REQUIRE(file.error().size() == 3);
  CHECK(file.error()[0].line == 2);
  CHECK(file.error()[1].line == 3);
  CHECK(file.error()[2].line == 4);
}

TEST_CASE("some names are no users of a password file") {
  CHECK(PasswordFileEditor::refuse_user("bob") == "");
  CHECK(PasswordFileEditor::refuse_user("bob ö/x+#") == "");
  CHECK(PasswordFileEditor::refuse_user(std::string(65535, 'n')) == "");
  const std::string name = GENERATE(as<std::string>(), "", "a:b", "a\nb", "a\x7F", " a", "a ", "#a",
                                    std::string(65536, 'n'));
  CHECK(PasswordFileEditor::refuse_user(name) != "");
}
