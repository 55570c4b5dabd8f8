#include "routing/subscriber_list.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace broker;

namespace {

Receiver receiver(std::uint32_t slot, std::uint32_t identifier = 0) {
  Receiver result;
  result.session = SessionId{slot, 1, 0};
  result.subscription_identifier = identifier;
  return result;
}

std::vector<Receiver> all(const SubscriberList& list) {
  std::vector<Receiver> result;
  list.for_each([&result](const Receiver& each) { result.push_back(each); });
  return result;
}

}  // namespace

TEST_CASE("A change that changes nothing says so") {
  SubscriberList list;
  CHECK(list.put(receiver(1)) == SubscriberList::Change::added);
  CHECK(list.put(receiver(1)) == SubscriberList::Change::none);
  CHECK(list.put(receiver(1, 5)) == SubscriberList::Change::replaced);
  CHECK(list.size() == 1);
}

TEST_CASE("The one after the last is the first, also across those who left") {
  for (const std::uint32_t count : {3U, 100U}) {
    SubscriberList list;
    for (std::uint32_t i = 0; i < count; ++i) list.put(receiver(i));
    CHECK(list.after(receiver(0).session) == receiver(1).session);
    CHECK(list.after(receiver(count - 1).session) == receiver(0).session);
    list.remove(receiver(0).session);
    CHECK(list.after(receiver(count - 1).session) == receiver(1).session);
    for (std::uint32_t i = 2; i < count; ++i) list.remove(receiver(i).session);
    CHECK(list.after(receiver(1).session) == receiver(1).session);
  }
}

TEST_CASE("A list, short or long, keeps the order in which sessions came") {
  const auto seed = GENERATE(take(10, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto below = [&random](std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
  };
  const std::uint32_t sessions = 4 + below(200);
  SubscriberList list;
  std::vector<Receiver> model;
  for (int step = 0; step < 2000; ++step) {
    const Receiver each = receiver(below(sessions), below(3));
    const auto known = std::ranges::find(model, each.session, &Receiver::session);
    if (below(100) < ((step / 500) % 2 == 0 ? 70U : 30U)) {
      if (known == model.end()) {
        REQUIRE(list.put(each) == SubscriberList::Change::added);
        model.push_back(each);
      } else {
        const bool same = *known == each;
        REQUIRE(list.put(each) ==
                (same ? SubscriberList::Change::none : SubscriberList::Change::replaced));
        *known = each;
      }
    } else {
      REQUIRE(list.remove(each.session) == (known != model.end()));
      if (known != model.end()) model.erase(known);
    }
    REQUIRE(list.size() == model.size());
    REQUIRE(all(list) == model);
  }
}
