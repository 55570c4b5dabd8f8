/// mqtt-broker: reads what it is asked to do, becomes what it is asked to be, and runs until a
/// signal ends it.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker.h"
#include "config/reload.h"
#include "config_check.h"
#include "log/log.h"
#include "process/daemon.h"
#include "process/options.h"
#include "process/process_identity.h"
#include "process/supervisor.h"
#include "tree_printer.h"

namespace {

using broker::ExitCode;

int exit_with(ExitCode code) {
  return static_cast<int>(code);
}

int leave(const broker::ExitRequest& request) {
  std::fputs(request.warnings.c_str(), stderr);
  std::fputs(request.text.c_str(), request.succeeded() ? stdout : stderr);
  return exit_with(request.code);
}

/// The signals that mean something here; blocked in every thread and awaited by the main one.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGRTMIN})
    sigaddset(&signals, signal);
  return signals;
}

/// Every client is a descriptor: takes what the system allows.
void raise_descriptor_limit(broker::Log& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  log.information("Up to {} open descriptors are allowed.",
                  static_cast<unsigned long long>(limit.rlim_cur));
}

void log_notes(broker::Log& log, const broker::LoadedConfig& loaded) {
  for (const broker::ConfigNote& note : loaded.notes) log.write(note.type, "{}", note.text);
}

/// Whoever operates the broker shall know that its connections can be read.
void log_key_log(broker::Log& log, const broker::Config& config) {
  if (config.tls_key_log_file.empty()) return;
  const bool any = std::ranges::any_of(
      config.listeners,
      [](const broker::ListenerConfig& listener) { return listener.tls.enabled(); });
  if (!any) return log.warning("--tls-keylog is given, but no listener speaks TLS.");
  log.notice(
      "The keys of all TLS connections are written to {}: whoever reads it can read what is said.",
      config.tls_key_log_file);
}

void log_refused_reload(broker::Log& log, const std::vector<std::string>& faults) {
  log.error("The configuration was not reloaded, the old one stays in force:");
  for (const std::string& fault : faults) log.error("{}", fault);
  log.reopen();
}

/// SIGHUP: reads everything again, and takes it over as a whole or not at all.
void reload(const broker::Options& options, broker::Broker& broker, broker::Log& log) {
  auto loaded = broker::load_config(options);
  if (!loaded) {
    std::vector<std::string> faults;
    for (const broker::ConfigError& error : loaded.error()) faults.push_back(to_text(error));
    return log_refused_reload(log, faults);
  }
  broker::ReloadPlan plan = broker::plan_reload(broker.config(), loaded->config);
  const broker::LogSettings log_settings = plan.config.log;
  if (const auto applied = broker.reconfigure(std::move(plan.config)); !applied) {
    return log_refused_reload(log, applied.error());
  }
  log.configure(log_settings);
  log_notes(log, *loaded);
  for (const broker::SettingChange& change : plan.changes)
    log.notice("Reload: {}.", to_text(change));
  log.information("The configuration was reloaded: {}.", broker::summary(plan.changes));
}

/// The next of `signals`; 0 if none has come in half the time that the watchdog waits.
int next_signal(const sigset_t& signals, const broker::Supervisor& supervisor) {
  using namespace std::chrono;
  const auto interval = supervisor.watchdog_interval();
  if (!interval) {
    int signal = 0;
    return sigwait(&signals, &signal) == 0 ? signal : 0;
  }
  const auto wait = duration_cast<nanoseconds>(*interval / 2);
  const timespec time{static_cast<time_t>(wait / 1s), static_cast<long>((wait % 1s).count())};
  return std::max(0, sigtimedwait(&signals, nullptr, &time));
}

/// Until a signal says that it is over. Meanwhile the watchdog hears that all workers are turning.
void attend(const sigset_t& signals, const broker::Options& options, broker::Broker& broker,
            broker::Log& log, const broker::Supervisor& supervisor) {
  broker::TreePrinter trees(broker, log);
  for (;;) {
    const int signal = next_signal(signals, supervisor);
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal == SIGHUP) {
      supervisor.reloading();
      reload(options, broker, log);
      supervisor.ready();
    }
    if (signal == SIGUSR1) log.notice("Nothing is to be saved: persistence is not supported yet.");
    if (signal == SIGUSR2) trees.print();
    if (signal == SIGRTMIN) log.reopen();
    if (supervisor.watchdog_interval()) {
      broker.await_turns();
      supervisor.alive();
    }
  }
}

broker::ExitRequest failed(ExitCode code, const std::string& reason) {
  return {code, "mqtt-broker: " + reason + "\n"};
}

/// Why the process cannot become another user; `notes` gets who it has become.
std::optional<broker::ExitRequest> change_user(const broker::Config& config,
                                               std::vector<broker::ConfigNote>& notes,
                                               std::string& name) {
  const auto environment = broker::ProcessIdentity::Environment::of_process();
  const auto identity = broker::ProcessIdentity::choose(config.user, environment, notes);
  if (!identity) {
    const bool by_number = environment.puid != nullptr || environment.pgid != nullptr;
    if (by_number) return failed(ExitCode::configuration, identity.error());
    const auto error =
        broker::not_usable("user", config.written.find("user"), {}, identity.error());
    return broker::ExitRequest{ExitCode::configuration, to_text(error) + "\n"};
  }
  if (!identity->uid() && !identity->gid()) return std::nullopt;
  if (const auto done = identity->assume(); !done) {
    return failed(ExitCode::environment, done.error());
  }
  name = identity->name();
  notes.push_back({broker::LogType::information, "Running as " + name + "."});
  return std::nullopt;
}

/// Root becomes the user of the configuration, before anything is opened but the configuration:
/// what the broker opens at its start it can then open again at a reload. Whether that holds for
/// the configuration as well is tried.
std::optional<broker::ExitRequest> drop_privileges(const broker::Options& options,
                                                   broker::LoadedConfig& loaded) {
  if (::geteuid() != 0) return std::nullopt;
  std::string name;
  if (auto ended = change_user(loaded.config, loaded.notes, name)) return ended;
  if (name.empty()) return std::nullopt;
  for (const broker::ConfigError& error : broker::read_configuration(options).errors) {
    if (error.fault != broker::ConfigFault::not_readable) continue;
    loaded.notes.push_back({broker::LogType::warning, "The configuration cannot be reloaded by " +
                                                          name + ": " + to_text(error)});
  }
  return std::nullopt;
}

/// Makes the process what it is asked to be. The answer: it has to end.
std::optional<broker::ExitRequest> set_up_process(const broker::Options& options,
                                                  broker::LoadedConfig& loaded) {
  if (auto ended = drop_privileges(options, loaded)) return ended;
  const auto mask = broker::parse_umask(std::getenv("UMASK_SET"));
  if (!mask) return failed(ExitCode::configuration, mask.error());
  if (*mask) ::umask(**mask);
  return std::nullopt;
}

void log_failure(broker::Log& log, const broker::StartFailure& failure) {
  for (const broker::ConfigError& error : failure.errors) log.error("{}", to_text(error));
  log.error("Unable to start.");
}

broker::Broker::Parts parts_with(tl::expected<broker::InheritedSockets, std::string> sockets,
                                 broker::Log& log) {
  broker::Broker::Parts parts;
  if (sockets) {
    parts.inherited = std::move(*sockets);
  } else {
    log.warning("The sockets of the service manager cannot be used: {}.", sockets.error());
  }
  return parts;
}

/// Until a signal ends it.
int serve(const broker::Options& options, broker::LoadedConfig loaded,
          const broker::Supervisor& supervisor,
          tl::expected<broker::InheritedSockets, std::string> sockets) {
  broker::Log log;
  log.configure(loaded.config.log);
  // From here on a signal waits until it is awaited: none can end the process with its pid file
  // left.
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const auto pid_file =
      broker::PidFile::write(loaded.config.pid_file, loaded.config.log.file_may_be_symlink);
  if (!pid_file) {
    log.error("{}", to_text(broker::not_usable("pid_file", loaded.config.written.find("pid_file"),
                                               loaded.config.pid_file, pid_file.error().reason,
                                               pid_file.error().hint)));
    return exit_with(ExitCode::environment);
  }

  log.information("mqtt-broker version {} starting.", MQTT_VERSION);
  log_notes(log, loaded);
  log_key_log(log, loaded.config);
  raise_descriptor_limit(log);
  broker::Broker broker(std::move(loaded.config), log, parts_with(std::move(sockets), log));
  if (const auto started = broker.start(); !started) {
    log_failure(log, started.error());
    return exit_with(started.error().code);
  }
  log.information("mqtt-broker version {} running.", MQTT_VERSION);
  supervisor.ready();
  attend(signals, options, broker, log, supervisor);
  supervisor.stopping();
  log.information("mqtt-broker version {} terminating.", MQTT_VERSION);
  broker.stop();
  return exit_with(ExitCode::success);
}

/// `ended`: why the process could not be set up, if so. What that hides is looked for nevertheless.
int check(const broker::Options& options, const broker::ConfigReading& reading,
          const std::optional<broker::ExitRequest>& ended) {
  broker::ExitRequest answer = broker::check_configuration(reading, options.verbose);
  if (ended) {
    answer.text = ended->text + (answer.succeeded() ? std::string() : answer.text);
    answer.code = ended->code;
  }
  return leave(answer);
}

int run(const broker::Options& options) {
  const auto supervisor = broker::Supervisor::from_environment();
  auto sockets = broker::Supervisor::take_sockets();
  auto reading = broker::read_configuration(options);
  const auto ended = set_up_process(options, reading.loaded);
  if (options.test_config || !reading.errors.empty()) return check(options, reading, ended);
  if (ended) return leave(*ended);
  if (options.daemon) {
    if (const auto left = broker::become_daemon(); !left) {
      return leave(failed(ExitCode::environment, left.error()));
    }
  }
  return serve(options, std::move(reading.loaded), supervisor, std::move(sockets));
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = broker::parse_options(argc, argv);
  if (!options) return leave(options.error());
  return run(*options);
}
