#pragma once

#include <cstddef>
#include <span>

#include "config/config.h"
#include "runtime/worker.h"

namespace broker {

/// Chooses the worker of each new connection. A client identifier that lives on another worker
/// already overrules the choice (see ClientDirectory).
///
/// `fill`: while one worker can carry the load it carries it alone. Messages then never cross
/// threads, and a small broker costs what a single-threaded one costs. As a worker fills, new
/// connections go to the next; when all are full, to the least busy one.
///
/// Belongs to the thread that accepts.
class Placer {
 public:
  /// A worker takes no more new connections above this load, while another one is below it.
  static constexpr double full_load = 0.7;

  Worker& choose(std::span<Worker* const> workers, Placement placement) {
    if (placement == Placement::spread) return *workers[next_++ % workers.size()];
    Worker* least = workers.front();
    double least_load = 2;
    for (Worker* worker : workers) {
      const double load = worker->load();
      if (load < full_load) return *worker;
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
