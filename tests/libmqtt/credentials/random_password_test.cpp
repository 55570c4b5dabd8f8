#include "mqtt/credentials/random_password.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

using mqtt::random_password;

TEST_CASE("random passwords are as long as asked, and no two are alike") {
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const auto password = random_password(mqtt::least_password_length);
    REQUIRE(password);
    CHECK(password->size() == mqtt::least_password_length);
    all.insert(*password);
  }
  CHECK(all.size() == 1000);
  CHECK(random_password(128)->size() == 128);
}

TEST_CASE("random passwords use letters and digits that are not mistaken for others, all alike") {
  const auto password = random_password(57'000);
  std::map<char, int> count;
  for (const char c : *password) ++count[c];
  CHECK(count.size() == 57);
  for (const auto& [character, times] : count) {
    CAPTURE(character);
    CHECK(std::string("0O1Il").find(character) == std::string::npos);
    CHECK(times > 750);  // of 1000: eight deviations
    CHECK(times < 1250);
  }
}
