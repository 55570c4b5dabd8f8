#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "runtime/worker.h"

namespace broker {

/// The workers of a broker, by index: starts them and ends them. Used by the thread that does so;
/// what is const is for everyone once all have been added. Does not own the workers, and is
/// destroyed before they are.
class WorkerGroup {
 public:
  WorkerGroup() = default;
  ~WorkerGroup() { stopping_.request_stop(); }
  WorkerGroup(const WorkerGroup&) = delete;
  WorkerGroup& operator=(const WorkerGroup&) = delete;

  /// In the order of their indexes, before any of them is started.
  void add(Worker& worker) { workers_.push_back(&worker); }

  void start() {
    for (Worker* worker : workers_) worker->start();
  }
  /// Ends all and waits for them. Letters that come after this stay unopened.
  void stop() {
    stopping_.request_stop();
    for (Worker* worker : workers_) worker->stop();
    for (Worker* worker : workers_) worker->join();
  }
  /// Tells who waits for an answer that none will come any more.
  std::stop_token stopping() const { return stopping_.get_token(); }

  const std::vector<Worker*>& all() const { return workers_; }
  std::size_t size() const { return workers_.size(); }

 private:
  std::vector<Worker*> workers_;
  std::stop_source stopping_;
};

}  // namespace broker
