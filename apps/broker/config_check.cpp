#include "config_check.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "config/file_access.h"
#include "process/daemon.h"
#include "start_resources.h"

namespace broker {
namespace {

/// Folders that last until the machine stops; a service manager makes those below it at a start.
bool is_made_at_start(const std::string& path) {
  return path.starts_with("/run/") || path.starts_with("/var/run/");
}

class Check {
 public:
  Check(const ConfigReading& reading, std::vector<ConfigNote>& notes)
      : config_(reading.loaded.config), notes_(notes) {
    for (const ConfigError& error : reading.errors) failure_.add(ExitCode::configuration, error);
  }

  StartFailure run() && {
    check_log_file();
    check_pid_file();
    const auto resources = acquire(config_, request(), notes_);
    if (resources) return std::move(failure_);
    for (const ConfigError& error : resources.error().errors)
      failure_.add(resources.error().code, error);
    return std::move(failure_);
  }

 private:
  ResourceRequest request() const {
    ResourceRequest request = ResourceRequest::all_of(config_);
    request.purpose = Listener::Purpose::check;
    return request;
  }

  /// A start continues without the file, and so does a reload: see Log::configure.
  void check_log_file() {
    const std::string& path = config_.log.file;
    if (path.empty()) return;
    if (auto refusal = refuse_writing(path, config_.log.file_may_be_symlink)) {
      refusal->reason += "; the broker would run and log only errors, to standard error";
      warn(refused("log_dest", "file " + path, std::move(*refusal)));
    }
  }

  void check_pid_file() {
    const std::string& path = config_.pid_file;
    auto refusal = PidFile::check(path, config_.log.file_may_be_symlink);
    if (!refusal) return;
    if (is_made_at_start(path) && refusal->is_missing_folder) {
      refusal->hint = "it has to be there at the start";
      warn(refused("pid_file", path, std::move(*refusal)));
    } else {
      failure_.add(ExitCode::environment, refused("pid_file", path, std::move(*refusal)));
    }
  }

  ConfigError refused(std::string_view key, std::string value, FileRefusal refusal) const {
    return not_usable(key, config_.written.find(key), std::move(value), std::move(refusal.reason),
                      std::move(refusal.hint));
  }

  void warn(const ConfigError& error) { notes_.push_back({LogType::warning, to_text(error)}); }

  const Config& config_;
  std::vector<ConfigNote>& notes_;
  StartFailure failure_;
};

std::string shown(const std::vector<ConfigNote>& notes, bool verbose) {
  std::string text;
  for (const ConfigNote& note : notes) {
    if (note.type == LogType::warning) text += fmt::format("Warning: {}\n", note.text);
    if (note.type != LogType::warning && verbose) text += fmt::format("Note: {}\n", note.text);
  }
  return text;
}

}  // namespace

ExitRequest check_configuration(const ConfigReading& reading, bool verbose) {
  std::vector<ConfigNote> notes = reading.loaded.notes;
  const StartFailure failure = Check(reading, notes).run();
  ExitRequest answer;
  answer.warnings = shown(notes, verbose);
  answer.code = failure.errors.empty() ? ExitCode::success : failure.code;
  answer.text = failure.errors.empty() ? "The configuration is valid.\n" : to_text(failure.errors);
  return answer;
}

}  // namespace broker
