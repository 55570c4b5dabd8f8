#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sub {

/// Counts by topic since the start.
class TopicSummary {
 public:
  enum class Form : std::uint8_t { table, json };

  /// `depth`: topics are grouped by this many levels, see `topic_group`; 0: not grouped.
  explicit TopicSummary(std::size_t depth = 0) : depth_(depth) {}

  /// Topics beyond this number are counted together, so that publishers cannot exhaust memory.
  static constexpr std::size_t most_topics = 100'000;

  /// A message of `bytes` bytes of payload that arrived at `moment`.
  void add(std::string_view topic, std::size_t bytes, const timespec& moment);
  /// Appends a table with the sum at the end, or one JSON object; topics with the highest rates
  /// first. Rates are based on `seconds` since the start. Only the first `top` topics have their
  /// own row; the rest share one.
  void print(std::string& out, Form form, double seconds, std::size_t top = most_topics) const;

 private:
  struct Figures {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  ///< of payload
    timespec last{};          ///< time of the latest message
  };
  struct Row {
    std::string_view topic;
    const Figures* figures;
  };
  /// The topics in order, and the row for all others.
  struct Rows {
    std::vector<Row> topics;
    Figures others;
  };

  static void count(Figures& figures, std::size_t bytes, const timespec& moment);
  static void add(Figures& sum, const Figures& figures);
  Rows rows(std::size_t top) const;
  void print_table(std::string& out, double seconds, const Rows& rows) const;
  void print_json(std::string& out, double seconds, const Rows& rows) const;

  std::size_t depth_;
  std::string scratch_;
  std::map<std::string, Figures, std::less<>> topics_;
  Figures others_;  ///< topics beyond `most_topics`
  Figures all_;
};

}  // namespace sub
