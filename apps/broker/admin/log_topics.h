#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "log/log.h"
#include "session/session_context.h"

namespace broker {

/// `log_dest topic`: lines of the log as messages on `$SYS/broker/log/...`, in their order. They
/// are sent at QoS 2, are not retained, and expire after 20 seconds.
///
/// Any thread logs; the first worker publishes, a turn later. What it logs while it does so goes to
/// no topic.
class LogTopics final : public Log::TopicSink {
 public:
  /// `context` is the first worker's. Takes lines from here until its end, or until the log is
  /// given another sink: that has to come first, and then the end on the worker's thread, behind
  /// the letters that are under way.
  explicit LogTopics(SessionContext& context);
  ~LogTopics();
  LogTopics(const LogTopics&) = delete;
  LogTopics& operator=(const LogTopics&) = delete;

  void take(LogType type, std::string_view line) override;

 private:
  struct Line {
    LogType type;
    std::string text;
  };
  /// Lines beyond it are left out, and the next one says how many.
  static constexpr std::size_t most_waiting_bytes = std::size_t{1} << 20U;

  void publish_waiting();
  void publish(const Line& line);

  SessionContext& context_;
  std::mutex mutex_;  ///< guards what follows; nothing is logged while it is held
  std::vector<Line> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace broker
