#include "access/hash_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <set>
#include <string>
#include <vector>

using broker::HashPool;
using Outcome = HashPool::Job::Outcome;

namespace {

/// Occupies the pool's only thread until it is opened.
class Gate {
 public:
  HashPool::Job job() {
    return {1,
            [this] {
              entered_.set_value();
              opened_.get_future().wait();
              return Outcome::undecided;
            },
            [](bool) {}};
  }
  void await() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

/// Notes the order in which jobs are computed, and which are given up.
struct Notes {
  std::mutex mutex;
  std::vector<std::string> computed;
  std::vector<std::string> given_up;

  HashPool::Job job(const std::string& name, Outcome outcome = Outcome::undecided) {
    return {1,
            [this, name, outcome] {
              const std::scoped_lock guard(mutex);
              computed.push_back(name);
              return outcome;
            },
            [this, name](bool done) {
              if (done) return;
              const std::scoped_lock guard(mutex);
              given_up.push_back(name);
            }};
  }
};

/// Until all jobs of `origin` are done.
void wait_for(HashPool& pool, const std::string& origin) {
  std::promise<void> done;
  pool.add(origin, {0, [] { return Outcome::undecided; }, [&](bool) { done.set_value(); }});
  done.get_future().wait();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a pool computes what it is given, away from who asked") {
  HashPool pool(2, 10);
  std::promise<std::thread::id> where;
  pool.add("a", {1,
                 [&] {
                   where.set_value(std::this_thread::get_id());
                   return Outcome::undecided;
                 },
                 [](bool) {}});
  CHECK(where.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("origins take turns, however many jobs one of them has") {
  Notes notes;
  HashPool pool(1, 10);
  Gate gate;
  pool.add("gate", gate.job());
  gate.await();
  for (const char* name : {"a1", "a2", "a3", "b1", "c1", "b2"})
    pool.add(std::string(1, name[0]), notes.job(name));
  gate.open();
  wait_for(pool, "a");  // the longest queue
  CHECK(notes.computed == Names{"a1", "b1", "c1", "a2", "b2", "a3"});
}

TEST_CASE("when the jobs that wait hold too much, the newest of the heaviest queue gives way") {
  Notes notes;
  HashPool pool(1, 3);
  Gate gate;
  pool.add("gate", gate.job());
  gate.await();
  for (const char* name : {"a1", "a2", "a3", "b1", "a4"})
    pool.add(std::string(1, name[0]), notes.job(name));
  gate.open();
  pool.stop();
  CHECK(std::set<std::string>(notes.given_up.begin(), notes.given_up.end()).contains("a3"));
  CHECK(std::set<std::string>(notes.given_up.begin(), notes.given_up.end()).contains("a4"));
  CHECK(notes.computed.size() + notes.given_up.size() == 5);
}

TEST_CASE("an origin that was refused is passed by those that come after it, however many it is") {
  Notes notes;
  HashPool pool(1, 10'000);
  Gate gate;
  const auto attack = [&] {
    for (int i = 0; i < 60; ++i) {
      const std::string origin = "attacker " + std::to_string(i);
      for (int job = 0; job < 3; ++job) pool.add(origin, notes.job("attack", Outcome::refused));
    }
  };
  attack();
  for (int i = 0; i < 60; ++i) wait_for(pool, "attacker " + std::to_string(i));
  notes.computed.clear();
  pool.add("gate", gate.job());
  gate.await();
  attack();
  pool.note_proved("known");
  pool.add("stranger", notes.job("stranger", Outcome::proved));
  pool.add("known", notes.job("known"));
  gate.open();
  wait_for(pool, "stranger");
  const std::scoped_lock guard(notes.mutex);
  REQUIRE(notes.computed.size() >= 2);
  CHECK(notes.computed[0] == "known");
  CHECK(notes.computed[1] == "stranger");
}

TEST_CASE("a pool that has stopped computes nothing and says so") {
  Notes notes;
  HashPool pool(1, 3);
  pool.stop();
  pool.add("a", notes.job("late"));
  CHECK(notes.given_up == Names{"late"});
}
