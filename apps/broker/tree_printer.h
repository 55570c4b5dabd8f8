#pragma once

#include <atomic>
#include <thread>

#include "log/log.h"

namespace broker {

class Broker;

/// Prints the subscription trees to standard output when asked to (SIGUSR2), on a thread of its
/// own: the reader of a pipe may be slow, or not read at all. Used by the main thread; the broker
/// runs as long as it lives.
class TreePrinter {
 public:
  TreePrinter(const Broker& broker, Log& log) : broker_(broker), log_(log) {}
  /// What is not printed by then is left.
  ~TreePrinter();

  /// Returns at once. While an earlier print goes on there is no second one, and the log says so.
  void print();

 private:
  void run();
  bool write(std::string_view text);

  const Broker& broker_;
  Log& log_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> running_{false};
  std::thread thread_;
};

}  // namespace broker
