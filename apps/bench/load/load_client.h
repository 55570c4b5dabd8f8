#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bench/load/receiver.h"
#include "bench/load/sender.h"
#include "mqtt/client/client.h"

namespace bench {

/// One connection of a run: connects, subscribes and reconnects. Its sender and receiver handle the
/// messages. Belongs to a load thread.
class LoadClient final : mqtt::client::ClientHandler {
 public:
  /// `index` within the group. `ledger` as for Receiver.
  LoadClient(LoadThread& thread, const ClientGroup& group, std::uint32_t index,
             std::shared_ptr<Ledger> ledger);

  const ClientGroup& group() const { return group_; }
  Sender* sender() { return sender_ ? &*sender_ : nullptr; }
  Receiver* receiver() { return receiver_ ? &*receiver_ : nullptr; }

  void connect();
  void subscribe();
  void disconnect();
  /// Closes the connection without DISCONNECT.
  void drop();
  /// Whether the broker may keep a session for it.
  bool may_have_session() const { return group_.keeps_session && (was_connected_ || connecting_); }
  /// Reconnects with a session that replaces the durable one and ends with its connection, which is
  /// closed immediately.
  void forget();
  void pause() { client_->pause(); }
  void resume() { client_->resume(); }

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;
  void on_room() override;

  void make_client();
  mqtt::client::ClientOptions options() const;
  void on_subscribed(const mqtt::client::SubscribeResult& result);
  void respond(const mqtt::Publish& message);
  void become_ready();
  void on_forgotten();
  void lose_connection();
  void lose_readiness();

  LoadThread& thread_;
  const ClientGroup& group_;
  std::uint32_t index_;
  std::string client_id_;
  std::string user_name_;
  std::string filter_;

  std::optional<mqtt::client::Client> client_;
  std::optional<Sender> sender_;
  std::optional<Receiver> receiver_;

  bool wanted_ = false;      ///< should be connected: reconnects when lost
  bool connecting_ = false;  ///< counted among the pending connects
  bool connected_ = false;   ///< counted among the connections
  bool was_connected_ = false;
  bool subscribed_ = false;
  bool forgets_ = false;
  bool ready_ = false;       ///< connected, and subscribed if required
  Nanoseconds started_ = 0;  ///< start of the pending connect or SUBSCRIBE
};

}  // namespace bench
