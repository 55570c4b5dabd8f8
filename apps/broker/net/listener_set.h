#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "log/line_rate.h"
#include "metrics/metrics.h"
#include "net/accept_pause.h"
#include "net/admission.h"
#include "net/connection_table.h"
#include "net/listener.h"
#include "net/listener_indexes.h"
#include "net/listener_transport.h"
#include "net/opening_budget.h"
#include "net/placement.h"
#include "runtime/worker_context.h"
#include "runtime/worker_group.h"

namespace broker {

/// The listeners of the broker. Opens and closes them as one change, which has been prepared as a
/// whole before, and gives each socket that they accept to a worker.
///
/// Lives on the first worker, whose loop accepts. What is const is for the thread that plans changes:
/// the first worker makes them while that thread waits, so the two never meet. Before the first
/// worker runs, that thread may call the rest as well.
class ListenerSet {
 public:
  /// What a change needs, and all of it that can fail: sockets have been opened, files read.
  struct Change {
    ListenerIndexes::Change plan;
    std::vector<std::shared_ptr<const ListenerTransport>> transports;  ///< by index
    /// Of `plan.opening`, in that order; nullptr: not open, which is allowed in local-only mode.
    std::vector<std::unique_ptr<Listener>> opened;
  };

  /// What the set works with; it outlives the set.
  struct Rooms {
    WorkerContext& here;  ///< the first worker's
    const WorkerGroup& workers;
    std::vector<ConnectionTable*> tables;  ///< by worker
    const Metrics& metrics;
    Admission& admission;
    OpeningBudget& opening_budget;
  };
  /// No listener: the first change opens them all.
  explicit ListenerSet(Rooms rooms);

  /// How to become what the configuration says; see ListenerIndexes::change_to. nullopt: there are
  /// too many listeners.
  std::optional<ListenerIndexes::Change> plan(const std::vector<ListenerConfig>& fresh,
                                              const std::vector<bool>& in_use) const {
    return indexes_.change_to(fresh, in_use);
  }
  /// The open ones that such a change closes: their addresses may be taken over.
  std::vector<const Listener*> leaving(const ListenerIndexes::Change& plan) const;
  /// Whether the entries of some listeners are marked as gone.
  bool any_gone() const;
  /// The port that the listener at this position of the configuration is bound to; 0: none.
  std::uint16_t port(std::size_t position) const;

  /// The two halves of a change. With the first no connection comes by a listener that goes any
  /// more; with the second the new ones accept. In between every worker has to have heard of the
  /// new indexes.
  void close_leaving(Change& change);
  void open_new(Change& change);

 private:
  void start(std::uint16_t index, std::unique_ptr<Listener> listener);
  void accept(std::uint16_t index, int fd);
  /// Whether one more connection may come by this listener; it is counted then.
  bool admit(std::uint16_t index);
  void hand_over(std::uint16_t index, int fd);
  void set_paused(bool paused);
  void report_exhaustion(const std::string& reason);
  void report_pause();

  const Rooms rooms_;
  ListenerIndexes indexes_{{}};
  std::vector<std::unique_ptr<Listener>> listeners_;  ///< by index; nullptr: not open
  std::vector<std::shared_ptr<const ListenerTransport>> transports_;  ///< by index
  Placer placer_;
  AcceptPause pause_;
  /// Of lines about the lack of descriptors, and about accepting that stops.
  LineRate exhaustion_lines_{1, 10'000};
  LineRate pause_lines_{1, 10'000};
};

}  // namespace broker
