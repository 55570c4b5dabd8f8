#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/result/result.h"
#include "cli/output/terminal_line.h"

namespace bench {

/// The state of a running run.
struct Moment {
  std::string phase;              ///< "connecting", "warm-up", "measuring", "draining"
  std::optional<double> done;     ///< the completed share of the phase or run, 0..1
  Seconds elapsed{0};             ///< since the start of the load
  std::uint64_t connections = 0;  ///< open now
  double published_per_second = 0;
  double delivered_per_second = 0;
  std::uint64_t p50 = 0;  ///< ns, of the last interval; 0: none was seen
  std::uint64_t p99 = 0;
  std::optional<double> broker_cpu;  ///< cores
};

/// One line on a terminal, overwritten repeatedly; nothing on other outputs.
class Progress {
 public:
  /// `descriptor` stays the caller's: stderr.
  explicit Progress(int descriptor) : line_(descriptor) {}

  /// Whether the line is visible; if not, there is no need to collect moments.
  bool is_shown() const { return line_.is_shown(); }
  void show(const Moment& moment);
  /// Removes the line, so that something else can be printed.
  void clear() { line_.clear(); }

 private:
  cli::TerminalLine line_;
};

/// The line, limited in columns, without colours and control characters.
std::string progress_line(const Moment& moment, unsigned columns);

}  // namespace bench
