#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "net/connection.h"
#include "runtime/paged_array.h"
#include "runtime/worker.h"

namespace broker {

/// The connections of one worker: owns them, writes their output at the end of each turn, and
/// buries those that are over. Belongs to that worker.
class ConnectionTable final : public TurnEndTask {
 public:
  explicit ConnectionTable(ConnectionContext& context) : context_(context) {}
  ~ConnectionTable();
  /// All workers' tables, by worker index, before any worker starts.
  void connect(std::vector<ConnectionTable*> tables) { tables_ = std::move(tables); }

  /// A socket that was accepted, or came from another worker; it is counted in already. The caller
  /// starts it.
  Connection& add(mqtt::io::StreamPtr stream, std::uint16_t listener);

  /// The connection has output, or an end, for the end of the turn.
  void note(Connection& connection);
  /// It has just been heard: its answers do not wait behind what a fan-out has for many others.
  void note_first(Connection& connection);
  /// The connection is over: destroyed at the end of the turn.
  void bury(Connection& connection) { dead_.push_back(&connection); }
  /// The connection moves to `worker` at the end of the turn.
  void move(Connection& connection, std::uint16_t worker) {
    moving_.push_back({&connection, worker});
  }
  /// Receives what another worker's connection was. On this worker's thread.
  ConnectionTable& at(std::uint16_t worker) { return *tables_[worker]; }
  Worker& worker() { return context_.sessions.here.worker; }

  void on_turn_end() override;
  void shut_down();
  void check_again(const AccessFiles& before, const AccessFiles& after);
  void check_listeners();
  std::size_t size() const { return connections_.size(); }

 private:
  /// Connections that are written in one turn, of those that were not heard in it.
  static constexpr std::size_t writes_in_turn = 512;
  /// While more input waits than a turn has time for, they are written every so many turns only:
  /// larger pieces cost less.
  static constexpr unsigned turns_between_writes = 4;

  void take_noted(std::deque<Connection*>& list, std::size_t at_most);
  void write_noted();
  void bury_dead();
  void remove(Connection& connection);

  ConnectionContext& context_;
  PagedArray<std::unique_ptr<Connection>> connections_;  ///< each knows its index
  std::deque<Connection*> noted_;
  std::deque<Connection*> noted_first_;
  unsigned turns_put_off_ = 0;
  std::vector<Connection*> noted_now_;  ///< scratch of on_turn_end
  std::vector<Connection*> dead_;
  struct Move {
    Connection* connection;
    std::uint16_t worker;
  };
  std::vector<Move> moving_;
  std::vector<ConnectionTable*> tables_;
};

}  // namespace broker
