#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pub {

/// The counts of a run so far.
struct PublishCounts {
  std::uint64_t sent = 0;          ///< given to the connection
  std::uint64_t acknowledged = 0;  ///< of QoS 1 and 2: by the broker, without an error
  std::uint64_t failed = 0;        ///< rejected, or lost with a connection
  std::uint64_t unanswered = 0;    ///< not answered yet
  std::uint64_t bytes = 0;         ///< payload of those sent
};

enum class SummaryForm { text, json };

/// The line of --summary, with its newline. `time` runs from the first message to the end.
std::string summary_line(const PublishCounts& counts, std::chrono::duration<double> time,
                         SummaryForm form);

}  // namespace pub
