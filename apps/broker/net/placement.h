#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "config/config.h"
#include "metrics/metrics.h"
#include "runtime/worker.h"

namespace broker {

/// Chooses the worker of each new connection. A client identifier that lives on another worker
/// already overrules the choice (see ClientDirectory).
///
/// `fill`: while one worker can carry the load it carries it alone. Messages then never cross
/// threads, and a small broker costs what a single-threaded one costs. As a worker fills, by load
/// or by number, new connections go to the next; when all are full, to the least busy one. The
/// number is there for clients that all connect before any of them has anything to do: load does
/// not tell them apart then.
///
/// Belongs to the thread that accepts.
class Placer {
 public:
  /// A worker takes no more new connections above this load, while another one is below it;
  static constexpr double full_load = 0.7;
  /// nor when it has as many more than the worker with the fewest.
  static constexpr std::int64_t full_lead = 2000;

  Worker& choose(std::span<Worker* const> workers, const Metrics& metrics, Placement placement) {
    if (placement == Placement::spread) return *workers[next_++ % workers.size()];
    const auto connections = [&metrics](const Worker* worker) {
      return metrics.of_worker(worker->index()).get(Count::sockets);
    };
    const std::int64_t fewest = connections(*std::ranges::min_element(workers, {}, connections));
    Worker* least = workers.front();
    double least_load = 2;
    for (Worker* worker : workers) {
      const double load = worker->load();
      if (load < full_load && connections(worker) < fewest + full_lead) return *worker;
      if (load < least_load) {
        least = worker;
        least_load = load;
      }
    }
    return *least;
  }

 private:
  std::size_t next_ = 0;
};

}  // namespace broker
