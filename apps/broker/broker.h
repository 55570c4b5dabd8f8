#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "access/authenticator.h"
#include "access/authoriser.h"
#include "access/enhanced_authentication.h"
#include "access/files/access_files.h"
#include "config/config.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "net/inherited_sockets.h"
#include "net/listener_set.h"
#include "runtime/clock.h"
#include "runtime/worker_group.h"
#include "start_resources.h"

namespace broker {

class Housekeeping;
class SubscriptionListing;
struct SessionContext;
struct SharedRooms;
struct WorkerRooms;

/// The whole broker: builds its rooms, connects them, starts and stops them. The only place that
/// knows them all. Used from one thread, which is none of the workers'.
class Broker {
 public:
  /// What a broker may be given beyond its configuration; all optional.
  struct Parts {
    const Clock* clock = nullptr;                  ///< absent: the system's
    std::unique_ptr<Authenticator> authenticator;  ///< in place of the password files
    std::unique_ptr<Authoriser> authoriser;        ///< in place of the ACL files
    AuthenticationMethods methods;
    InheritedSockets inherited;  ///< for the listeners that they fit
  };

  Broker(Config config, Log& log, Parts parts);
  Broker(Config config, Log& log) : Broker(std::move(config), log, Parts()) {}
  ~Broker();

  /// Reads the files of the configuration, opens the listeners and starts the workers. Where one of
  /// these fails nothing runs.
  tl::expected<void, StartFailure> start();
  /// Publishes every Will, tells v5 clients that the server shuts down, lets the last bytes leave
  /// (for a few seconds at most) and ends the workers.
  void stop();
  /// Puts another configuration into force: one that `plan_reload` made, so that it differs in what
  /// can change without a restart. Everything that may fail is done first: the files that it names
  /// are read, the sockets of new listeners are opened. If one is not in order, nothing changes and
  /// the errors are for the log. Clients whose listener goes, or who would not be let in any more,
  /// are sent away.
  tl::expected<void, std::vector<std::string>> reconfigure(Config config);

  /// How to ask for the subscriptions of all sessions. From any thread, while the broker runs.
  SubscriptionListing subscription_listing() const;

  /// Returns when every worker has begun another turn: none of them hangs.
  void await_turns();

  /// The port that listener `index` of `config()` is bound to.
  std::uint16_t port(std::size_t index = 0) const;
  const Config& config() const { return config_; }
  Metrics& metrics() { return metrics_; }
  /// For a clock that does not tick by itself: has every worker look at it now, and waits until all
  /// that is due has been done.
  void look_at_clock();
  /// Runs `task` on every worker's thread, with what its sessions work with, and waits for all.
  void visit_sessions(const std::function<void(SessionContext&)>& task);

 private:
  struct Prepared;
  /// Has what a configuration needs ready; logs what the operator should hear about it. `in_use`:
  /// see ListenerIndexes::change_to.
  tl::expected<Prepared, StartFailure> prepare(const Config& config,
                                               const std::vector<bool>& in_use);
  void adopt(const Prepared& prepared);
  void apply(Prepared& prepared, const Config& before);
  std::vector<bool> indexes_in_use();
  void end_connections(std::chrono::steady_clock::time_point give_up);
  /// Runs `task` on every worker and waits for all of them.
  void on_every_worker(const std::function<void(WorkerRooms&)>& task);
  WorkerRooms& first();

  Config config_;  ///< in force, its listeners in the order of the file
  /// The same as the workers see it: its listeners by index.
  std::shared_ptr<const Config> workers_config_;
  std::shared_ptr<const AccessFiles> access_files_;  ///< nullptr before the start
  Log& log_;
  SystemClock system_clock_;
  const Clock& clock_;
  Metrics metrics_;
  std::unique_ptr<SharedRooms> shared_;
  InheritedSockets inherited_;  ///< those that no listener has taken
  std::vector<std::unique_ptr<WorkerRooms>> workers_;
  WorkerGroup group_;
  std::unique_ptr<ListenerSet> listeners_;      ///< on the first worker, which destroys it
  std::unique_ptr<Housekeeping> housekeeping_;  ///< the same; while the broker runs
  bool running_ = false;
};

}  // namespace broker
