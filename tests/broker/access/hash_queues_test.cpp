#include "access/hash_queues.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using broker::HashJob;
using broker::HashQueues;
using broker::Standing;

namespace {

using Names = std::vector<std::string>;

/// Jobs that are told apart by what they note when they are given up.
struct Queues {
  HashQueues queues;
  std::string named;

  void add(const std::string& origin, Standing standing, const std::string& name,
           std::size_t bytes = 1) {
    queues.add(origin, standing, {bytes, {}, [this, name](bool) { named = name; }});
  }
  void add_many(Standing standing, unsigned origins, unsigned each) {
    for (unsigned origin = 0; origin < origins; ++origin) {
      for (unsigned i = 0; i < each; ++i) {
        const std::string name = "x" + std::to_string(origin);
        add(name, standing, name);
      }
    }
  }
  std::string name_of(const HashJob& job) {
    job.finished(false);
    return named;
  }
  Names take(std::size_t count) {
    Names names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(name_of(queues.take_next()->job));
    return names;
  }
  std::string drop() { return name_of(*queues.drop_newest_of_heaviest()); }
};

}  // namespace

TEST_CASE("origins of one standing take turns, however many jobs one of them has") {
  const auto standing = GENERATE(Standing::proved, Standing::unknown, Standing::refused);
  Queues of;
  for (const char* name : {"a1", "a2", "a3", "b1", "c1", "b2"})
    of.add(std::string(1, name[0]), standing, name);
  CHECK(of.take(6) == Names{"a1", "b1", "c1", "a2", "b2", "a3"});
  CHECK(of.queues.empty());
  CHECK(of.queues.bytes() == 0);
  CHECK_FALSE(of.queues.take_next());
}

TEST_CASE("who has shown a right password goes before strangers, and they before wrong passwords") {
  Queues of;
  of.add_many(Standing::refused, 60, 100);
  of.add("stranger", Standing::unknown, "stranger");
  of.add("good", Standing::proved, "good");
  CHECK(of.take(2) == Names{"good", "stranger"});
  CHECK(of.take(3) == Names{"x0", "x1", "x2"});
}

TEST_CASE("nobody waits for ever: one turn in nine is of a standing that was passed over") {
  Queues of;
  of.add_many(Standing::proved, 100, 1);
  of.add("stranger", Standing::unknown, "stranger");
  of.add("wrong", Standing::refused, "wrong");
  const Names taken = of.take(11);
  const auto position = [&](const std::string& name) {
    return std::find(taken.begin(), taken.end(), name) - taken.begin();
  };
  CHECK(position("wrong") == HashQueues::most_skipped);
  CHECK(position("stranger") == HashQueues::most_skipped + 1);
}

TEST_CASE("an origin whose standing changes takes its queue along") {
  Queues of;
  for (const char* name : {"a1", "a2", "b1"})
    of.add(std::string(1, name[0]), Standing::unknown, name);
  of.queues.move("a", Standing::refused);
  of.add("a", Standing::unknown, "a3");  // there is a queue: it joins it
  of.queues.move("nobody", Standing::proved);
  CHECK(of.take(1) == Names{"b1"});
  CHECK(of.take(3) == Names{"a1", "a2", "a3"});
  CHECK(of.queues.empty());
}

TEST_CASE("what gives way is the newest job of the origin that holds most, worst standing first") {
  Queues of;
  of.add("fleet", Standing::unknown, "fleet", 5000);
  of.add("good", Standing::proved, "good", 9000);
  of.add("x", Standing::refused, "x1", 10);
  of.add("y", Standing::refused, "y1", 40);
  of.add("x", Standing::refused, "x2", 50);
  CHECK(of.queues.bytes() == 14'100);
  CHECK(of.drop() == "x2");
  CHECK(of.drop() == "y1");
  CHECK(of.drop() == "x1");
  CHECK(of.drop() == "fleet");
  CHECK(of.queues.bytes() == 9000);
  CHECK(of.drop() == "good");
  CHECK(of.queues.bytes() == 0);
  CHECK_FALSE(of.queues.drop_newest_of_heaviest());
}

TEST_CASE("all jobs can be taken at once") {
  Queues of;
  of.add_many(Standing::refused, 3, 2);
  of.add("good", Standing::proved, "good");
  CHECK(of.queues.take_all().size() == 7);
  CHECK(of.queues.empty());
  CHECK(of.queues.bytes() == 0);
  of.add("a", Standing::unknown, "a");
  CHECK(of.take(1) == Names{"a"});
}
