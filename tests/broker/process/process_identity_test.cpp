#include "process/process_identity.h"

#include <pwd.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using broker::ConfigNote;
using broker::parse_umask;
using broker::ProcessIdentity;
using Environment = ProcessIdentity::Environment;

namespace {

struct Chosen {
  tl::expected<ProcessIdentity, std::string> identity;
  std::vector<ConfigNote> notes;
};

Chosen choose(const std::string& user, const Environment& environment = {}) {
  std::vector<ConfigNote> notes;
  auto identity = ProcessIdentity::choose(user, environment, notes);
  return {std::move(identity), std::move(notes)};
}

}  // namespace

TEST_CASE("Root becomes the user of the configuration") {
  const Chosen chosen = choose("nobody");
  const passwd* nobody = ::getpwnam("nobody");
  REQUIRE(nobody != nullptr);
  REQUIRE(chosen.identity);
  CHECK(chosen.identity->uid() == nobody->pw_uid);
  CHECK(chosen.identity->gid() == nobody->pw_gid);
  CHECK(chosen.identity->name() == "user nobody");
  CHECK(chosen.notes.empty());
}

TEST_CASE("Root stays root if it is told to, and hears what that means") {
  const Chosen chosen = choose("root");
  REQUIRE(chosen.identity);
  CHECK_FALSE(chosen.identity->uid());
  CHECK_FALSE(chosen.identity->gid());
  REQUIRE(chosen.notes.size() == 1);
  CHECK(chosen.notes[0].type == broker::LogType::warning);
}

TEST_CASE("A user who does not exist is an error, but for the one that nobody wrote") {
  const Chosen chosen = choose("nobody-of-that-name");
  REQUIRE_FALSE(chosen.identity);
  CHECK(chosen.identity.error() == "there is no user nobody-of-that-name");
  const Chosen by_default = choose("mosquitto");
  REQUIRE(by_default.identity);
  CHECK(by_default.identity->uid());
  CHECK(by_default.notes.empty() == (by_default.identity->name() == "user mosquitto"));
}

TEST_CASE("Numbers in the environment go before the user") {
  const Chosen both = choose("nobody-of-that-name", {"1000", "1001", nullptr});
  REQUIRE(both.identity);
  CHECK(both.identity->uid() == uid_t{1000});
  CHECK(both.identity->gid() == gid_t{1001});
  SECTION("either may be absent, or 0, and stays then") {
    const Chosen one = choose("nobody", {nullptr, "7", nullptr});
    CHECK_FALSE(one.identity->uid());
    CHECK(one.identity->gid() == gid_t{7});
    CHECK_FALSE(choose("nobody", {"0", nullptr, nullptr}).identity->uid());
  }
  SECTION("what is no number is an error") {
    const char* text = GENERATE("", "-1", "1x", "nobody", "4294967295", " 1");
    CHECK_FALSE(choose("nobody", {text, nullptr, nullptr}).identity);
    CHECK_FALSE(choose("nobody", {nullptr, text, nullptr}).identity);
  }
}

TEST_CASE("In mosquitto's snap nothing changes") {
  CHECK_FALSE(choose("nobody", {"1000", nullptr, "mosquitto"}).identity->uid());
  CHECK(choose("nobody", {nullptr, nullptr, "other"}).identity->uid());
}

TEST_CASE("The mask of file modes is of octal digits") {
  CHECK_FALSE(parse_umask(nullptr).value());
  CHECK(parse_umask("0").value() == mode_t{0});
  CHECK(parse_umask("0027").value() == mode_t{0027});
  CHECK(parse_umask("777").value() == mode_t{0777});
  for (const char* text : {"", "8", "1000", "-1", "0x7", "22 "}) CHECK_FALSE(parse_umask(text));
}
