#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <tl/expected.hpp>
#include <vector>

#include "access/files/access_files.h"
#include "config/config.h"
#include "config/config_error.h"
#include "net/inherited_sockets.h"
#include "net/listener.h"
#include "net/listener_transport.h"
#include "process/exit_code.h"

namespace broker {

/// What a configuration asks of the system: the contents of the files that it names, and sockets.
/// `acquire` is the one way to it, for the start, for a reload and for --test-config, so that the
/// last reports what the others would meet.
struct StartResources {
  std::shared_ptr<const AccessFiles> files;
  /// By index in Config::listeners; nullptr for those that are gone.
  std::vector<std::shared_ptr<const ListenerTransport>> transports;
  /// Those that were to be opened, in that order; nullptr: not open, which is allowed in local-only
  /// mode. In a check they do not listen.
  std::vector<std::unique_ptr<Listener>> listeners;
};

/// All that cannot be had. `code` is how a start ends: by the first of `errors`.
struct StartFailure {
  ExitCode code = ExitCode::start_failed;
  std::vector<ConfigError> errors;

  void add(ExitCode code_of_error, ConfigError error);
};

struct ResourceRequest {
  std::vector<std::uint16_t> indexes;          ///< of the listeners to open
  std::span<const Listener* const> leaving{};  ///< see Listener::open
  InheritedSockets* inherited = nullptr;       ///< see Listener::open
  const AccessFiles* files_before = nullptr;   ///< see AccessFiles::load
  /// A check has no effect that others could notice: it makes no file and listens nowhere. What
  /// another program uses now is a warning then: it may be the running broker.
  Listener::Purpose purpose = Listener::Purpose::listen;

  /// For all listeners of `config`.
  static ResourceRequest all_of(const Config& config);
};

/// `notes` gets what the operator should hear, also where the answer is a failure.
tl::expected<StartResources, StartFailure> acquire(const Config& config,
                                                   const ResourceRequest& request,
                                                   std::vector<ConfigNote>& notes);

}  // namespace broker
