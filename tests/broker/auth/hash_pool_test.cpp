#include "auth/hash_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <set>
#include <string>
#include <vector>

using broker::HashPool;

namespace {

/// Occupies the pool's only thread until it is opened.
class Gate {
 public:
  HashPool::Job job() {
    return {[this] {
              entered_.set_value();
              opened_.get_future().wait();
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

  HashPool::Job job(const std::string& name) {
    return {[this, name] {
              const std::scoped_lock guard(mutex);
              computed.push_back(name);
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
  pool.add(origin, {[] {}, [&](bool) { done.set_value(); }});
  done.get_future().wait();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a pool computes what it is given, away from who asked") {
  HashPool pool(2, 10);
  std::promise<std::thread::id> where;
  pool.add("a", {[&] { where.set_value(std::this_thread::get_id()); }, [](bool) {}});
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

TEST_CASE("when all places are taken, the newest of the longest queue gives way") {
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

TEST_CASE("a pool that has stopped computes nothing and says so") {
  Notes notes;
  HashPool pool(1, 3);
  pool.stop();
  pool.add("a", notes.job("late"));
  CHECK(notes.given_up == Names{"late"});
}
