#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "log/log.h"
#include "session/session_context.h"

namespace broker {

/// `log_dest topic`: publishes log lines on `$SYS/broker/log/...`, in order. They have QoS 2, are
/// not retained, and expire after 20 seconds.
///
/// Any thread logs; the first worker publishes, a turn later. What it logs while publishing goes to
/// no topic.
class LogTopics final : public Log::TopicSink {
 public:
  /// `context` is the first worker's. Accepts lines until it is destroyed or the log gets another
  /// sink. Set the other sink first; then destroy this on the worker's thread, after the letters
  /// that have been posted.
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
  /// Lines beyond it are omitted, and the next line has their number.
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
