#include "cli/connection/tool_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "cli/options/exit_code.h"
#include "cli/options/url_secrets.h"
#include "cli/output/debug_trace.h"
#include "cli/output/printable_text.h"
#include "cli/output/terminal_style.h"

namespace cli {

ToolRun::ToolRun(const ConnectionOptions& options)
    : options_(options),
      output_(loop_, STDOUT_FILENO),
      complains_safely_(is_safe_output(When::automatic, STDERR_FILENO)),
      complains_in_colour_(is_coloured_output(When::automatic, STDERR_FILENO)) {
  std::signal(SIGPIPE, SIG_IGN);
}

void ToolRun::catch_signals(std::function<void(int signal)> on_signal) {
  on_signal_ = std::move(on_signal);
  for (const int signal : {SIGINT, SIGTERM}) {
    signals_.push_back(make_loop_handle(loop_, uv_signal_init, this));
    uv_signal_start(
        signals_.back().get(),
        [](uv_signal_t* handle, int number) {
          static_cast<ToolRun*>(handle->data)->on_signal(number);
        },
        signal);
  }
}

void ToolRun::on_signal(int signal) {
  interrupted_ = true;
  if (is_ending()) return stop();
  on_signal_(signal);
}

void ToolRun::trace(mqtt::client::Client& client) {
  if (!options_.debug) return;
  const bool is_safe = is_safe_output(When::automatic, STDOUT_FILENO);
  client.set_trace(
      [this, &client, is_safe](mqtt::ClientSession::Direction direction, const mqtt::Frame& frame) {
        std::string& out = output_.buffer();
        const std::size_t begin = out.size();
        append_debug_lines(out, client.session().parameters().client_id, direction, frame,
                           options_.version);
        if (is_safe) escape_controls(out, begin);
      });
}

void ToolRun::complain(const std::string& lines) {
  if (options_.quiet) return;
  std::string shown = without_url_passwords(lines);
  // Topics and reasons in it come from others.
  if (complains_safely_) escape_controls(shown, 0);
  if (complains_in_colour_) shown = coloured_complaint(shown);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void ToolRun::end_with(FinalWord word) {
  if (end_) return;
  end_ = word.status;
  complain(word.message);
}

int ToolRun::run() {
  loop_.run();
  output_.write_rest(!interrupted_);
  const FinalWord closed = output_closed_word(output_);
  if (end_.value_or(status(ExitCode::success)) == status(ExitCode::success) &&
      closed.status != status(ExitCode::success)) {
    complain(closed.message);
    return closed.status;
  }
  return end_.value_or(status(ExitCode::success));
}

FinalWord output_closed_word(const StandardOutput& output, std::string_view name) {
  if (output.state() != OutputWriter::State::failed) return {};
  return {status(ExitCode::output_failed),
          fmt::format("Error: cannot write {}: {}\n", name, output.error())};
}

}  // namespace cli
