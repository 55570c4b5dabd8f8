#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/comparison_end.h"

namespace CLI {
class App;
}

namespace bench {

/// `mqtt-bench versus --a CMD --b CMD [--runs N] SCENARIO [option...]`: two brokers alternately, A
/// B A B, each run in its own child process, and their comparison at the end.
struct VersusOptions {
  std::string
      a_command;  ///< of the broker; {port} is replaced by a free port, which the run uses as well
  std::string b_command;
  std::string a_name = "A";
  std::string b_name = "B";
  unsigned runs = 5;  ///< per side
  ComparisonFiles files;
  std::string keep;  ///< a directory for the results of single runs; empty: they are not kept
  std::vector<std::string> ratio_expectations;  ///< --expect-ratio, as typed
  std::vector<std::string> run;                 ///< the scenario and its options
};

/// For help; bound to `options`, all but `run`.
std::unique_ptr<CLI::App> make_versus_app(VersusOptions& options);

/// The whole sub-command: `words` are those after "versus". Status for `main`: 0, 1 for invalid
/// options or a run without a result, `negative_verdict_status` if a run failed or an expected
/// ratio was missed, 128 plus the number of the signal that interrupted it.
///
/// A run is `program SCENARIO [option...] --broker-cmd CMD --json FILE [-p PORT]`; it must
/// write FILE whenever it ran, even if its verdict is negative or it was interrupted.
int run_versus(std::vector<std::string> words, const std::string& program = "/proc/self/exe");

}  // namespace bench
