#include "net/connection_table.h"

#include <utility>

namespace broker {

ConnectionTable::~ConnectionTable() = default;

Connection& ConnectionTable::add(mqtt::io::StreamPtr stream, std::uint16_t listener,
                                 std::uint32_t opening_bytes) {
  return keep(std::make_unique<Connection>(context_, std::move(stream), listener, opening_bytes));
}

Connection& ConnectionTable::add(mqtt::io::StreamPtr stream, std::uint16_t listener,
                                 std::uint32_t opening_bytes, std::vector<std::uint8_t> read,
                                 std::string claimed_id) {
  return keep(std::make_unique<Connection>(context_, std::move(stream), listener, opening_bytes,
                                           std::move(read), std::move(claimed_id)));
}

Connection& ConnectionTable::keep(std::unique_ptr<Connection> connection) {
  connection->place_ = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
  return *connections_.back();
}

void ConnectionTable::on_turn_end() {
  // What is written may give sessions room for more: a few rounds, then the loop gets its turn.
  for (int round = 0; round < 4 && !noted_.empty(); ++round) {
    noted_now_.swap(noted_);
    for (Connection* connection : noted_now_) connection->end_turn();
    for (Connection* connection : noted_now_) connection->offer_room();
    noted_now_.clear();
  }
  if (!noted_.empty()) worker().post(make_letter([] {}));
  for (const Move& move : std::exchange(moving_, {})) move.connection->hand_over(move.worker);
  for (Connection* connection : std::exchange(dead_, {})) remove(*connection);
}

void ConnectionTable::remove(Connection& connection) {
  if (connection.dirty_) std::erase(noted_, &connection);
  const std::uint32_t place = connection.place_;
  const std::unique_ptr<Connection> removed =
      std::exchange(connections_[place], std::move(connections_.back()));
  connections_.pop_back();
  if (place < connections_.size()) connections_[place]->place_ = place;
}

void ConnectionTable::check_again(const AccessFiles& before, const AccessFiles& after) {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->check_again(before, after);
}

void ConnectionTable::check_listeners() {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->check_listener();
}

void ConnectionTable::shut_down() {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->shut_down();
}

}  // namespace broker
