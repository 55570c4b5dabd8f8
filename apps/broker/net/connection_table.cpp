#include "net/connection_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace broker {

ConnectionTable::~ConnectionTable() = default;

Connection& ConnectionTable::add(mqtt::io::StreamPtr stream, std::uint16_t listener) {
  assert(worker().is_current());
  auto connection = std::make_unique<Connection>(context_, std::move(stream), listener);
  connection->index_ = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
  return *connections_.back();
}

void ConnectionTable::note(Connection& connection) {
  assert(worker().is_current());
  if (connection.noted_) return;
  connection.noted_ = true;
  noted_.push_back(&connection);
}

void ConnectionTable::note_first(Connection& connection) {
  if (!connection.dirty_ || connection.noted_first_) return;
  connection.noted_first_ = true;
  noted_first_.push_back(&connection);
}

void ConnectionTable::on_turn_end() {
  write_noted();
  for (const Move& move : std::exchange(moving_, {})) move.connection->hand_over(move.worker);
  bury_dead();
}

/// What is written may give sessions room for more: a few rounds, then the loop gets its turn.
void ConnectionTable::write_noted() {
  const bool put_off = context_.input.saturated() && ++turns_put_off_ < turns_between_writes;
  if (!put_off) turns_put_off_ = 0;
  std::size_t left = put_off ? 0 : writes_in_turn;
  for (int round = 0; round < 4; ++round) {
    take_noted(noted_first_, noted_first_.size());
    const std::size_t others = std::min(noted_.size(), left);
    left -= others;
    take_noted(noted_, others);
    if (noted_now_.empty()) break;
    for (Connection* connection : noted_now_) connection->end_turn();
    for (Connection* connection : noted_now_) connection->offer_room();
    noted_now_.clear();
  }
  if (!noted_.empty() || !noted_first_.empty()) worker().keep_turning();
}

/// Moves up to so many from the front of `list` to `noted_now_`, but for those that have been
/// written since.
void ConnectionTable::take_noted(std::deque<Connection*>& list, std::size_t at_most) {
  for (; at_most != 0; --at_most) {
    Connection& connection = *list.front();
    list.pop_front();
    if (&list == &noted_) {
      connection.noted_ = false;
    } else {
      connection.noted_first_ = false;
    }
    if (connection.dirty_) noted_now_.push_back(&connection);
  }
}

/// Lists that still name one come across it by the end of the next turns.
void ConnectionTable::bury_dead() {
  std::vector<Connection*> waiting;
  for (Connection* connection : std::exchange(dead_, {})) {
    if (connection->noted_ || connection->noted_first_ || connection->queued_) {
      waiting.push_back(connection);
    } else {
      remove(*connection);
    }
  }
  dead_.insert(dead_.end(), waiting.begin(), waiting.end());
}

void ConnectionTable::remove(Connection& connection) {
  const std::uint32_t index = connection.index_;
  const std::unique_ptr<Connection> removed =
      std::exchange(connections_[index], std::move(connections_.back()));
  connections_.pop_back();
  if (index < connections_.size()) connections_[index]->index_ = index;
}

void ConnectionTable::check_again(const AccessFiles& before, const AccessFiles& after) {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->check_again(before, after);
}

void ConnectionTable::check_listeners() {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->check_listener();
}

void ConnectionTable::shut_down() {
  for (std::size_t i = 0; i < connections_.size(); ++i)
    connections_[i]->reject(mqtt::ReasonCode::server_shutting_down, {});
}

}  // namespace broker
