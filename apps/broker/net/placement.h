#pragma once

#include <span>

#include "runtime/worker.h"

namespace broker {

/// Which worker a new connection goes to. While one worker can carry the load it carries it alone:
/// messages then never cross threads, and a small broker costs what a single-threaded one costs. As a
/// worker fills, new connections go to the next; when all are full, to the least busy one.
///
/// A client identifier that lives on another worker already overrules this (see ClientDirectory).
class Placement {
 public:
  /// A worker takes no more new connections above this load, while another one is below it.
  static constexpr double full_load = 0.7;

  explicit Placement(std::span<Worker* const> workers) : workers_(workers) {}

  Worker& choose() const {
    Worker* least = workers_.front();
    double least_load = 2;
    for (Worker* worker : workers_) {
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
  std::span<Worker* const> workers_;
};

}  // namespace broker
