#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sub/topic_summary.h"

namespace sub {

/// Live statistics by topic: counts, rates in the last interval, latest payloads.
class TopicStats {
 public:
  /// `depth`: topics are grouped by this many levels, see `topic_group`; 0: not grouped.
  explicit TopicStats(std::size_t depth = 0) : depth_(depth) {}

  enum class Order : std::uint8_t { rate, messages, bytes, last, topic };

  /// Topics beyond this number are counted together, so that publishers cannot exhaust memory.
  static constexpr std::size_t most_topics = TopicSummary::most_topics;
  /// How much of the latest payload is kept.
  static constexpr std::size_t kept_payload = 256;

  struct Figures {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< of payload
    double message_rate = 0;  ///< per second, in the last whole interval
    double byte_rate = 0;
    timespec last{};      ///< time of the latest message
    std::string payload;  ///< the beginning of the latest one

    std::uint64_t messages_before = 0;  ///< when the interval began
    std::uint64_t bytes_before = 0;
  };
  struct Row {
    std::string_view topic;
    const Figures* figures;
  };

  void add(std::string_view topic, std::string_view payload, const timespec& moment);
  /// An interval of `seconds` has ended, and another begins.
  void end_interval(double seconds);

  /// The first `most` rows in this order: the largest first, topics by their names.
  std::vector<Row> rows(Order order, std::size_t most) const;
  std::size_t topics() const { return topics_.size(); }
  const Figures& all() const { return all_; }

 private:
  static void count(Figures& figures, std::string_view payload, const timespec& moment);
  static void end_interval(Figures& figures, double seconds);

  std::size_t depth_;
  std::string scratch_;
  std::map<std::string, Figures, std::less<>> topics_;
  Figures others_;  ///< topics beyond `most_topics`
  Figures all_;
};

}  // namespace sub
