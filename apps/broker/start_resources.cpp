#include "start_resources.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "config/file_access.h"

namespace broker {
namespace {

constexpr std::uint16_t first_free_port = 1024;

std::string hint_for(const ListenerConfig& listener, int error) {
  if (!listener.unix_path.empty()) {
    return error == EADDRINUSE ? "something else is there already" : "";
  }
  if (error == EADDRINUSE) return "\"ss -ltnp\" shows who listens there";
  if (error == EACCES && listener.port < first_free_port)
    return "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
  if (error == EADDRNOTAVAIL) return "no network interface of this machine has this address";
  return {};
}

ConfigError as_config_error(const ListenerConfig& listener, const Listener::Failure& failure) {
  const std::string_view key = failure.of_interface ? "bind_interface" : "listener";
  const bool names_value = failure.of_interface && failure.target == listener.bind_interface;
  FileRefusal refusal{names_value ? failure.reason : failure.text(),
                      hint_for(listener, failure.error)};
  if (!listener.unix_path.empty()) {
    refusal.reason = failure.reason;
    if (failure.error == EACCES || failure.error == ENOENT)
      refusal = explain_refusal(listener.unix_path, failure.error, FileUse::write);
  }
  return not_usable(key, listener.written.find(key),
                    failure.of_interface ? listener.bind_interface : name(listener),
                    std::move(refusal.reason), std::move(refusal.hint));
}

/// `FILE:LINE: listener 1883`, as far as it is known.
std::string described(const ListenerConfig& listener) {
  const auto origin = listener.written.find("listener");
  const std::string text = "listener " + name(listener);
  return origin ? fmt::format("{}: {}", to_text(*origin), text) : text;
}

/// Goes on behind what fails, so that all that is wrong is found at once.
class Acquisition {
 public:
  Acquisition(const Config& config, const ResourceRequest& request, std::vector<ConfigNote>& notes)
      : config_(config),
        request_(request),
        is_check_(request.purpose == Listener::Purpose::check),
        notes_(notes) {}

  tl::expected<StartResources, StartFailure> run() && {
    read_files();
    make_transports();
    open_listeners();
    if (!failure_.errors.empty()) return tl::unexpected(std::move(failure_));
    return std::move(resources_);
  }

 private:
  void read_files() {
    auto files = AccessFiles::load(config_, notes_, request_.files_before);
    if (files) {
      resources_.files = std::move(*files);
      return;
    }
    resources_.files = std::make_shared<const AccessFiles>();
    const auto code =
        files.error().not_readable ? ExitCode::file_not_opened : ExitCode::configuration;
    for (ConfigError& error : files.error().errors) failure_.add(code, std::move(error));
  }

  void make_transports() {
    // A check must not make the file.
    Config unlogged;
    const bool has_key_log = !config_.tls_key_log_file.empty();
    if (is_check_ && has_key_log) {
      unlogged = config_;
      unlogged.tls_key_log_file.clear();
      check_key_log();
    }
    const Config& config = is_check_ && has_key_log ? unlogged : config_;
    for (std::size_t i = 0; i < config_.listeners.size(); ++i) {
      const ListenerConfig& listener = config_.listeners[i];
      auto& transport = resources_.transports.emplace_back();
      if (listener.gone) continue;
      warn_of_authorities(listener);
      auto made = ListenerTransport::make(config, listener, resources_.files->keys(i));
      if (made) {
        transport = std::move(*made);
      } else {
        for (ConfigError& error : made.error())
          failure_.add(ExitCode::start_failed, std::move(error));
      }
    }
  }

  void check_key_log() {
    const auto has_tls = [](const ListenerConfig& one) { return !one.gone && one.tls.enabled(); };
    if (std::ranges::none_of(config_.listeners, has_tls)) return;
    const std::string& path = config_.tls_key_log_file;
    if (auto refusal = refuse_writing(path, false)) {
      failure_.add(ExitCode::start_failed,
                   not_usable("--tls-keylog", {}, path, refusal->reason, refusal->hint));
    }
  }

  /// OpenSSL looks into the folder when it needs it, and finds nothing in one that is not there.
  void warn_of_authorities(const ListenerConfig& listener) {
    const std::string& folder = listener.tls.ca_directory;
    if (folder.empty() || ::access(folder.c_str(), R_OK | X_OK) == 0) return;
    const FileRefusal refusal = explain_refusal(folder, errno, FileUse::read);
    warn(to_text(not_usable("capath", listener.written.find("capath"), folder, refusal.reason,
                            refusal.hint)));
  }

  void open_listeners() {
    std::vector<ConfigError> refused;
    for (const std::uint16_t index : request_.indexes) {
      resources_.listeners.push_back(
          config_.listeners[index].gone ? nullptr : open(config_.listeners[index], refused));
    }
    for (const Listener* listener : request_.leaving) listener->share_port(false);
    // In local-only mode one of the two addresses is enough.
    const bool is_enough = config_.local_only && refused.size() < request_.indexes.size();
    for (ConfigError& error : refused) {
      if (is_enough) {
        warn(to_text(error));
      } else {
        failure_.add(ExitCode::start_failed, std::move(error));
      }
    }
  }

  std::unique_ptr<Listener> open(const ListenerConfig& listener,
                                 std::vector<ConfigError>& refused) {
    auto opened = Listener::open(listener, request_.leaving, request_.inherited, request_.purpose);
    if (const ListenerConfig* other = taken_by(listener, opened)) {
      refused.push_back(not_usable("listener", listener.written.find("listener"), name(listener),
                                   fmt::format("the address is taken by {}", described(*other))));
      return nullptr;
    }
    if (opened) return std::move(*opened);
    ConfigError error = as_config_error(listener, opened.error());
    const bool in_use = opened.error().error == EADDRINUSE && listener.unix_path.empty();
    if (is_check_ && in_use) {
      error.hint = "by the running broker, or else a start would fail";
      warn(to_text(error));
    } else {
      refused.push_back(std::move(error));
    }
    return nullptr;
  }

  /// The listener of this configuration, opened before, on whose address this one is as well.
  /// nullptr: none.
  const ListenerConfig* taken_by(
      const ListenerConfig& listener,
      const tl::expected<std::unique_ptr<Listener>, Listener::Failure>& opened) const {
    for (std::size_t i = 0; i < resources_.listeners.size(); ++i) {
      const ListenerConfig& other = config_.listeners[request_.indexes[i]];
      const Listener* const earlier = resources_.listeners[i].get();
      if (!listener.unix_path.empty() && other.unix_path == listener.unix_path) return &other;
      if (earlier == nullptr) continue;
      const bool overlaps = opened ? earlier->overlaps(**opened)
                                   : opened.error().error == EADDRINUSE && opened.error().address &&
                                         earlier->overlaps(*opened.error().address);
      if (overlaps) return &other;
    }
    return nullptr;
  }

  void warn(std::string text) { notes_.push_back({LogType::warning, std::move(text)}); }

  const Config& config_;
  const ResourceRequest& request_;
  const bool is_check_;
  std::vector<ConfigNote>& notes_;
  StartResources resources_;
  StartFailure failure_;
};

}  // namespace

void StartFailure::add(ExitCode code_of_error, ConfigError error) {
  if (errors.empty()) code = code_of_error;
  errors.push_back(std::move(error));
}

ResourceRequest ResourceRequest::all_of(const Config& config) {
  ResourceRequest request;
  for (std::size_t i = 0; i < config.listeners.size(); ++i)
    request.indexes.push_back(static_cast<std::uint16_t>(i));
  return request;
}

tl::expected<StartResources, StartFailure> acquire(const Config& config,
                                                   const ResourceRequest& request,
                                                   std::vector<ConfigNote>& notes) {
  return Acquisition(config, request, notes).run();
}

}  // namespace broker
