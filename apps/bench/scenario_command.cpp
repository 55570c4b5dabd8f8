#include "bench/scenario_command.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "bench/bench_options.h"
#include "bench/bench_plan.h"
#include "bench/load/broker_process.h"
#include "bench/load/process_watch.h"
#include "bench/load/reachable_address.h"
#include "bench/load/run.h"
#include "bench/report/colour.h"
#include "bench/report/csv.h"
#include "bench/report/json.h"
#include "bench/report/page.h"
#include "bench/report/progress.h"
#include "bench/report/summary.h"
#include "bench/report/text_file.h"
#include "bench/verdict/expectation.h"
#include "cli/input/loop_handle.h"
#include "cli/options/command_line.h"
#include "cli/options/exit_code.h"

namespace bench {
namespace {

constexpr std::chrono::milliseconds broker_start_limit{10'000};

/// Several words may follow --expect; CLI options take one each.
std::vector<std::string> with_each_expectation(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool expecting = false;
  for (const std::string& word : words) {
    if (expecting && !word.starts_with('-') && out.back() != "--expect")
      out.emplace_back("--expect");
    if (word.starts_with('-')) expecting = word == "--expect";
    out.push_back(word);
  }
  return out;
}

/// As many descriptors as the system lets us have: each connection needs one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const std::string& text) {
  fmt::print(stderr, "Error: {}.\n", text);
  return cli::status(cli::ExitCode::failure);
}

/// The first SIGINT or SIGTERM ends the run in order, a second one at once.
class SignalWatch {
 public:
  explicit SignalWatch(Run& run) : run_(run) {
    for (const int signal : {SIGINT, SIGTERM}) {
      handles_.push_back(cli::make_loop_handle<uv_signal_t>(run.loop(), uv_signal_init, this));
      uv_signal_start(
          handles_.back().get(),
          [](uv_signal_t* handle, int number) {
            static_cast<SignalWatch*>(handle->data)->on_signal(number);
          },
          signal);
    }
  }

  /// 0: none came.
  int signal() const { return signal_; }

 private:
  void on_signal(int signal) {
    if (std::exchange(signal_, signal) != 0) std::_Exit(cli::signal_status(signal));
    run_.interrupt();
  }

  Run& run_;
  int signal_ = 0;
  std::vector<cli::LoopHandle<uv_signal_t>> handles_;
};

Moment moment_of(const Run& run, const Interval& slice) {
  Moment moment;
  moment.phase = run.phase();
  moment.done = run.phase_done();
  moment.elapsed = run.elapsed();
  moment.connections = run.connections();
  moment.published_per_second = static_cast<double>(slice.published) / slice.length.count();
  moment.delivered_per_second = static_cast<double>(slice.delivered) / slice.length.count();
  moment.p50 = slice.p50;
  moment.p99 = slice.p99;
  if (slice.broker_resident != 0) moment.broker_cpu = slice.broker_cpu;
  return moment;
}

/// Every form of the result that was asked for; what could not be written.
std::vector<std::string> write_results(const BenchOptions& options, const Result& result) {
  std::vector<std::string> errors;
  const auto note = [&](const tl::expected<void, std::string>& written) {
    if (!written) errors.push_back(written.error());
  };
  if (!options.json_file.empty()) note(write_file(options.json_file, to_json(result)));
  if (!options.page_file.empty()) note(write_file(options.page_file, page(result)));
  if (!options.csv_file.empty()) note(append_csv(options.csv_file, result));
  if (!options.intervals_file.empty())
    note(write_file(options.intervals_file, interval_csv(result)));
  return errors;
}

int tell(const BenchOptions& options, const Result& result, int signal) {
  const bool stdout_is_taken = options.json_file == "-" || options.csv_file == "-" ||
                               options.intervals_file == "-" || options.page_file == "-";
  if (!options.connection.quiet && !stdout_is_taken) {
    fmt::print("{}", summary(result, Paint(wants_colour(STDOUT_FILENO))));
  }
  int status =
      result.failures.empty() ? cli::status(cli::ExitCode::success) : negative_verdict_status;
  if (signal != 0) status = cli::signal_status(signal);
  for (const std::string& error : write_results(options, result)) {
    complain(error);
    status = cli::status(cli::ExitCode::output_failed);
  }
  return status;
}

int run_plan(const BenchOptions& options, BenchPlan plan, std::optional<ProcessWatch> watch) {
  Progress progress(STDERR_FILENO);
  Run* running = nullptr;
  Run run(std::move(plan.load), std::move(watch), [&](const Interval& slice) {
    if (progress.is_shown()) progress.show(moment_of(*running, slice));
  });
  running = &run;
  const SignalWatch signals(run);
  auto result = run.execute();
  progress.clear();
  if (!result) return complain(result.error());
  result->settings = std::move(plan.settings);
  result->notes.insert(result->notes.begin(), plan.notes.begin(), plan.notes.end());
  judge(plan.expectations, *result);
  return tell(options, *result, signals.signal());
}

}  // namespace

int run_scenario(const Scenario& scenario, std::vector<std::string> words) {
  BenchOptions options(scenario);
  const auto app = make_app(options);
  const auto parsed = cli::parse_command_line(*app, with_each_expectation(words));
  if (!parsed) return cli::end(parsed.error());
  auto plan = check(options)
                  .and_then([&] { return cli::load_tls_context(options.connection); })
                  .and_then([&] { return make_plan(options); });
  if (!plan) return cli::end(cli::usage_error(*app, plan.error()));
  words.insert(words.begin(), std::string(scenario.name));
  plan->settings.command_line = shown_command_line(words);
  raise_descriptor_limit();

  std::unique_ptr<BrokerProcess> broker;
  if (!options.broker_command.empty()) {
    auto started = BrokerProcess::start(options.broker_command);
    if (!started) return complain(started.error());
    broker = std::move(*started);
    options.broker_pid = broker->pid();
  }
  auto endpoint = reachable(plan->load.client.endpoint,
                            broker ? broker_start_limit : std::chrono::milliseconds(0));
  if (!endpoint) return complain("cannot connect to " + endpoint.error());
  if (broker && broker->has_ended()) {
    return complain("the broker exited at once, and another one answers at its address");
  }
  plan->load.client.endpoint = std::move(*endpoint);

  std::optional<ProcessWatch> watch;
  if (options.broker_pid) {
    auto found = ProcessWatch::of(*options.broker_pid);
    if (!found) return complain(found.error());
    watch = std::move(*found);
  }
  return run_plan(options, std::move(*plan), std::move(watch));
}

}  // namespace bench
