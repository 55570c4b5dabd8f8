#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/connection/client_setup.h"
#include "cli/connection/connection_options.h"
#include "cli/input/loop_handle.h"
#include "cli/output/standard_output.h"
#include "mqtt/io/loop.h"

namespace cli {

/// What a run of a tool is made of, besides its client: the loop, standard output and standard
/// error, signals, and the way to the end. One per process, on its only thread.
class ToolRun {
 public:
  /// Ignores SIGPIPE: a closed output is an error of `write`.
  explicit ToolRun(const ConnectionOptions& options);

  mqtt::io::Loop& loop() { return loop_; }
  StandardOutput& output() { return output_; }
  const StandardOutput& output() const { return output_; }

  /// `on_signal` is told of SIGINT and SIGTERM, once; a second one ends the run at once. Output
  /// that nobody takes is then dropped.
  void catch_signals(std::function<void(int signal)> on_signal);
  /// Shows every packet on standard output, if -d asks for it.
  void trace(mqtt::client::Client& client);
  /// A line or more for standard error, unless --quiet; on a terminal harmless and in colours.
  void complain(const std::string& lines);

  /// Fixes how the process ends; the first word counts. The caller then disconnects, or calls
  /// `stop`.
  void end_with(FinalWord word);
  bool is_ending() const { return end_.has_value(); }
  void stop() { loop_.stop(); }

  /// Runs the loop until `stop`, writes what is left, and answers the exit status.
  int run();

 private:
  void on_signal(int signal);

  const ConnectionOptions& options_;
  mqtt::io::Loop loop_;
  StandardOutput output_;
  std::optional<int> end_;
  bool interrupted_ = false;
  bool complains_safely_;
  bool complains_in_colour_;
  std::vector<LoopHandle<uv_signal_t>> signals_;
  std::function<void(int)> on_signal_;
};

/// The word with which a run ends whose standard output is closed: none if its reader has seen
/// enough, as in `mqtt-sub | head -1`. `name` is what an output is called that is another one.
FinalWord output_closed_word(const StandardOutput& output, std::string_view name = "the output");

}  // namespace cli
