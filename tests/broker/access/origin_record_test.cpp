#include "access/origin_record.h"

#include <catch2/catch.hpp>
#include <string>

using broker::OriginRecord;
using broker::Standing;

TEST_CASE("an origin stands as its last logins went") {
  OriginRecord record;
  CHECK(record.standing("a") == Standing::unknown);
  record.note_refused("a");
  CHECK(record.standing("a") == Standing::refused);
  CHECK(record.standing("b") == Standing::unknown);
  record.note_proved("a");
  CHECK(record.standing("a") == Standing::proved);
}

TEST_CASE("a right password outweighs a few wrong ones, many right ones not endlessly many") {
  OriginRecord record;
  const auto wrong_until_refused = [&record] {
    unsigned count = 0;
    for (; record.standing("a") == Standing::proved; ++count) record.note_refused("a");
    CHECK(record.standing("a") == Standing::refused);
    return count;
  };
  record.note_proved("a");
  CHECK(wrong_until_refused() == OriginRecord::credit_of_login);
  for (unsigned i = 0; i < 1000; ++i) record.note_proved("a");
  CHECK(wrong_until_refused() == OriginRecord::most_credit);
}

TEST_CASE("strangers' wrong passwords displace no origin that has shown a right one") {
  OriginRecord record;
  record.note_proved("good");
  for (unsigned i = 0; i < 100'000; ++i) record.note_refused("attacker " + std::to_string(i));
  CHECK(record.standing("good") == Standing::proved);
}
