#pragma once

#include <atomic>
#include <stop_token>
#include <string_view>
#include <thread>

#include "log/log.h"

namespace broker {

class Broker;

/// Prints the subscription trees to standard output when asked to (SIGUSR2), on a thread of its
/// own: the reader of a pipe may be slow, or not read at all. Used by the main thread; the broker
/// runs as long as it lives. What is not printed when it ends is left.
class TreePrinter {
 public:
  TreePrinter(const Broker& broker, Log& log) : broker_(broker), log_(log) {}

  /// Returns at once. While an earlier print goes on there is no second one, and the log says so.
  void print();

 private:
  void run(const std::stop_token& stop);
  bool write(std::string_view text, const std::stop_token& stop);

  const Broker& broker_;
  Log& log_;
  std::atomic<bool> running_{false};
  std::jthread thread_;
};

}  // namespace broker
