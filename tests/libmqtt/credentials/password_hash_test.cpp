#include "mqtt/credentials/password_hash.h"

#include <catch2/catch.hpp>

using mqtt::as_bytes;
using mqtt::HashRecipe;
using mqtt::HashScheme;
using mqtt::PasswordHash;

namespace {

struct Known {
  std::string password;
  std::string hash;
};

/// The SHA-512 ones by another implementation of the primitives; salts are the bytes from 0 on. The
/// argon2id ones are those that the reference implementation is tested with.
const std::vector<Known> known_hashes = {
    {"secret",
     "$6$AAECAwQFBgcICQoL$JqsxEv/ucyxjA5DKsQ+Y8CDWaQDNQI9FpAkmfwAqWfwZLk/"
     "JEGgM0EpylrJHAZKKyFQjJeZ3nFaHjPzOzPPmPw=="},
    {"secret",
     "$6$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==$"
     "wEYf8F4/yHDmlCt3YmMXwFi//Ux0IOce8NucN+r/9QAuqoVaYz7SU9131YSsyqLHn9NUpM/F4yTaDANhOFpYTQ=="},
    {"secret",
     "$7$101$AAECAwQFBgcICQoL$Xr99N9ym9ys8TWxis5ajETJq6EVYzmc6nb8t3pUYnPBbCAbICS4xejTltonXWCtJNBvA+"
     "By+"
     "TXUqU6qCblO00w=="},
    {"secret",
     "$7$1000$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+"
     "Pw=="
     "$j5aX3DstWRgO5cjjfvKvsf7Z/KK812T4wGDMih+DCHQg8P7++fmj4sZcMp1smkEafZL0QZ29tE5ezahL/nyffw=="},
    // Written by mosquitto_passwd 2.0.11.
    {"geheim wört",
     "$6$uBBO7896giXRFwUo$CaqARvHdscJ+AoBkygurQO5e+"
     "l2S5qtBottoFcmiSN8ow8jX4GNWmknV+4YUxi0bmIFECVhTG1Hw6ByKnaD6AA=="},
    {"geheim wört",
     "$7$101$yGRjjNn4KY0WOlHr$K3IDLXqCAGrTSJAE3bM/"
     "JDVdwf2whfCRbXo5nRdwQajc8nh9ksJg9zpeRLLm9aCnghvY9dSdMNKaD361rNGANQ=="},
    {"password",
     "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
    {"password",
     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
    {"password",
     "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
};

bool fits(const std::string& hash, std::string_view password) {
  const auto parsed = PasswordHash::parse(hash);
  REQUIRE(parsed);
  const auto verdict = parsed->fits(as_bytes(password));
  REQUIRE(verdict);
  return *verdict;
}

/// Recipes that cost a test nothing.
HashRecipe cheap(HashScheme scheme) {
  return {scheme, 2, 64, 2, 2};
}

std::string salt_of(std::size_t bytes) {
  return bytes == 12 ? "AAECAwQFBgcICQoL" : std::string(84, 'A') + "AA==";
}
const std::string digest = std::string(84, 'A') + "AA==";

}  // namespace

TEST_CASE("known hashes are read, written and verified") {
  const Known known = GENERATE(from_range(known_hashes));
  CAPTURE(known.hash);
  const auto hash = PasswordHash::parse(known.hash);
  if (!hash) FAIL(hash.error());
  SECTION("they are written as they were read") {
    CHECK(hash->text() == known.hash);
  }
  SECTION("the password fits, and no other") {
    CHECK(fits(known.hash, known.password));
    CHECK_FALSE(fits(known.hash, known.password + "x"));
    CHECK_FALSE(fits(known.hash, ""));
  }
}

TEST_CASE("a new hash") {
  const HashScheme scheme =
      GENERATE(HashScheme::sha512, HashScheme::pbkdf2_sha512, HashScheme::argon2id);
  const HashRecipe recipe = cheap(scheme);
  const std::string_view password =
      GENERATE(as<std::string_view>(), "s3cret", "", std::string_view("a\0b", 3));
  const auto hash = PasswordHash::create(as_bytes(password), recipe);
  REQUIRE(hash);
  SECTION("fits its password") {
    CHECK(hash->fits(as_bytes(password)).value());
  }
  SECTION("fits no other, not even one that differs behind a zero byte") {
    CHECK_FALSE(hash->fits(as_bytes(std::string(password) + "c")).value());
    CHECK_FALSE(hash->fits(as_bytes(std::string_view("a\0c", 3))).value());
  }
  SECTION("survives its written form") {
    const auto again = PasswordHash::parse(hash->text());
    REQUIRE(again);
    CHECK(again->text() == hash->text());
    if (scheme == HashScheme::argon2id) CHECK(again->recipe().memory_kib == recipe.memory_kib);
  }
  SECTION("has a salt of its own") {
    CHECK(PasswordHash::create(as_bytes(password), recipe)->text() != hash->text());
  }
}

TEST_CASE("a hash with a given salt is the known one") {
  HashRecipe recipe{HashScheme::argon2id, 0, 256, 2, 2};
  const auto hash = PasswordHash::create(as_bytes("password"), recipe, as_bytes("somesalt"));
  REQUIRE(hash);
  CHECK_THAT(hash->text(), Catch::StartsWith("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$"));
}

TEST_CASE("a text that is no hash is refused, and not repeated in the reason") {
  const std::string text = GENERATE_COPY(values<std::string>({
      "",
      "secret",
      "$",
      "$5$a$b",
      "$1$AAECAwQFBgcICQoL$AAAA",
      "$6$",
      "$6$secret",
      "$6$" + salt_of(12),
      "$6$" + salt_of(12) + "$secret",
      "$6$AAAA$" + digest,
      "$6$" + salt_of(12) + "$AAAA",
      "$6$" + salt_of(12) + "$" + digest + "x",
      "$6$" + salt_of(12) + "$" + digest + "$",
      "$7$" + salt_of(12) + "$" + digest,
      "$7$0$" + salt_of(12) + "$" + digest,
      "$7$-1$" + salt_of(12) + "$" + digest,
      "$7$10x$" + salt_of(12) + "$" + digest,
      "$7$$" + salt_of(12) + "$" + digest,
      "$7$4294967297$" + salt_of(12) + "$" + digest,
      "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=20$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=1,x=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$t=2,m=256,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ==$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$secret",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
  }));
  CAPTURE(text);
  const auto hash = PasswordHash::parse(text);
  REQUIRE_FALSE(hash);
  CHECK_FALSE(hash.error().empty());
  CHECK(hash.error().find("secret") == std::string::npos);
}

TEST_CASE("what would cost minutes or gigabytes is refused before it is computed") {
  const std::string tail = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  const std::string text = GENERATE_COPY(values<std::string>({
      "$7$5000001$" + salt_of(12) + "$" + digest,
      "$7$4294967295$" + salt_of(12) + "$" + digest,
      "$argon2id$v=19$m=262145,t=1,p=1" + tail,
      "$argon2id$v=19$m=4294967295,t=1,p=1" + tail,
      "$argon2id$v=19$m=262144,t=17,p=1" + tail,
      "$argon2id$v=19$m=8,t=524289,p=1" + tail,
      "$argon2id$v=19$m=8,t=4294967295,p=1" + tail,
      "$argon2id$v=19$m=65536,t=1,p=65" + tail,
      "$argon2id$v=19$m=7,t=1,p=1" + tail,
      "$argon2id$v=19$m=256,t=0,p=1" + tail,
      "$argon2id$v=19$m=256,t=1,p=0" + tail,
  }));
  CAPTURE(text);
  const auto hash = PasswordHash::parse(text);
  REQUIRE_FALSE(hash);
  CHECK_THAT(hash.error(), Catch::Contains("must be"));
}

TEST_CASE("nor is such a hash made") {
  CHECK_FALSE(PasswordHash::create(as_bytes("x"), {HashScheme::pbkdf2_sha512, 0, 0, 0, 0}));
  CHECK_FALSE(PasswordHash::create(as_bytes("x"), {HashScheme::pbkdf2_sha512, 5'000'001, 0, 0, 0}));
  CHECK_FALSE(PasswordHash::create(as_bytes("x"), {HashScheme::argon2id, 0, 1U << 30U, 1, 1}));
  CHECK_FALSE(
      PasswordHash::create(as_bytes("x"), {HashScheme::argon2id, 0, 64, 1, 1}, as_bytes("short")));
}
