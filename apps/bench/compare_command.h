#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/comparison_end.h"

namespace CLI {
class App;
}

namespace bench {

/// `mqtt-bench compare A.json B.json`, `mqtt-bench compare --a A1.json A2.json … --b B1.json …`.
struct CompareOptions {
  std::vector<std::string> a;
  std::vector<std::string> b;
  std::string a_name;  ///< empty: the name of the first file
  std::string b_name;
  ComparisonFiles files;
  std::vector<std::string> ratio_expectations;  ///< --expect-ratio, as typed
};

/// For help; bound to `options`.
std::unique_ptr<CLI::App> make_compare_app(CompareOptions& options);

/// The whole sub-command: `words` are those after "compare". Status for `main`: 0, 1 for invalid
/// options or unreadable files, `negative_verdict_status` if an expected ratio was missed.
int run_compare(std::vector<std::string> words);

}  // namespace bench
