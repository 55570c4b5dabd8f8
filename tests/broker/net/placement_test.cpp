#include "net/placement.h"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

namespace {

struct Workers {
  broker::SystemClock clock;
  broker::Metrics metrics{3};
  std::vector<std::unique_ptr<broker::Worker>> owned;
  std::vector<broker::Worker*> workers;
  broker::Placer placer;

  Workers() {
    for (unsigned i = 0; i < 3; ++i) {
      owned.push_back(std::make_unique<broker::Worker>(i, clock));
      workers.push_back(owned.back().get());
    }
  }
  /// Connections come, all idle. How many each worker has then.
  std::vector<std::int64_t> connect(int count, broker::Placement placement) {
    for (int i = 0; i < count; ++i) {
      const auto chosen = placer.choose(workers, metrics, placement).index();
      metrics.of_worker(chosen).add_sockets(+1);
    }
    std::vector<std::int64_t> found;
    for (unsigned i = 0; i < 3; ++i)
      found.push_back(metrics.of_worker(i).get(broker::Count::sockets));
    return found;
  }
};

using Counts = std::vector<std::int64_t>;
using broker::Placement;

TEST_CASE("few idle connections stay together", "[placement]") {
  Workers test;
  CHECK(test.connect(1000, Placement::fill) == Counts{1000, 0, 0});
}

TEST_CASE("many idle connections are shared out among the workers", "[placement]") {
  Workers test;
  CHECK(test.connect(4001, Placement::fill) == Counts{2000, 2000, 1});
  CHECK(test.connect(3000, Placement::fill) == Counts{3000, 3000, 1001});
}

TEST_CASE("spread puts each connection on the next worker", "[placement]") {
  Workers test;
  CHECK(test.connect(9, Placement::spread) == Counts{3, 3, 3});
}

}  // namespace
