#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/client_setup.h"
#include "cli/connection_options.h"
#include "cli/loop_handle.h"
#include "cli/output_writer.h"
#include "mqtt/io/loop.h"

namespace cli {

/// What a run of a tool is made of, besides its client: the loop, standard output and standard
/// error, signals, and the way to the end. One per process, on its only thread.
class ToolRun {
 public:
  /// Ignores SIGPIPE: a closed output is an error of `write`, see OutputWriter.
  explicit ToolRun(const ConnectionOptions& options);

  mqtt::io::Loop& loop() { return loop_; }
  OutputWriter& output() { return output_; }

  /// `on_signal` is told of SIGINT and SIGTERM, once; a second one ends the run at once.
  void catch_signals(std::function<void(int signal)> on_signal);
  /// Shows every packet on standard output, if -d asks for it.
  void trace(mqtt::client::Client& client);
  /// Writes what was printed once per turn of the loop, after its input was handled; then calls
  /// `on_flushed` with the state of the output.
  void flush_each_turn(std::function<void(OutputWriter::State)> on_flushed);

  /// A line or more for standard error, unless --quiet.
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
  OutputWriter output_;
  std::optional<int> end_;
  std::vector<LoopHandle<uv_signal_t>> signals_;
  std::function<void(int)> on_signal_;
  LoopHandle<uv_check_t> flush_;
  std::function<void(OutputWriter::State)> on_flushed_;
};

}  // namespace cli
