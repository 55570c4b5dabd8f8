#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "mqtt/client/backoff.h"
#include "mqtt/client/endpoint.h"
#include "mqtt/client/transport.h"
#include "mqtt/io/loop.h"
#include "mqtt/protocol/client_session.h"

/// An asynchronous MQTT client on a Loop.
namespace mqtt::client {

/// Why a connection, or an attempt to make one, is over.
struct ConnectionEnd {
  enum class Cause : std::uint8_t {
    requested,      ///< `disconnect` was called, and everything was sent
    unreachable,    ///< the transport could not be opened
    refused,        ///< CONNACK with an error: `reason`, `properties`
    by_server,      ///< DISCONNECT from the server: `reason`, `properties`
    lost,           ///< the transport ended
    timed_out,      ///< no CONNACK in time, or no PINGRESP
    protocol_error  ///< the server broke the protocol: `reason`
  };
  Cause cause = Cause::lost;
  ReasonCode reason = ReasonCode::success;
  Properties properties;  ///< of the server's packet; valid during the call
  /// For people, such as "connection refused"; empty only where this side has ended it. Valid
  /// during the call.
  std::string_view text;
  /// Set: the client tries again by itself after this time. Otherwise it is idle, and `connect` may
  /// be called.
  std::optional<std::chrono::milliseconds> retry_in;
};

/// Who is told. All calls come on the loop's thread, from the loop, never from inside a call into
/// the client. Each may call any function of the client, and may destroy it.
class ClientHandler {
 public:
  /// CONNACK with success. Subscriptions have to be made again unless `connack.session_present`.
  virtual void on_connected(const Connack& connack) = 0;
  /// A message; views are valid during the call. `number` names it for `Client::acknowledge`.
  virtual void on_message(const Publish& message, ArrivalNumber number) = 0;
  /// Once per connection or failed attempt.
  virtual void on_disconnected(const ConnectionEnd& end) = 0;
  /// AUTH from the server: see `client_event::AuthReceived`.
  virtual void on_auth(const Auth& auth) { static_cast<void>(auth); }
  /// After `publish` answered queue_full, or `congested()` was true: there is room again.
  virtual void on_room() {}

 protected:
  ~ClientHandler() = default;
};

/// A handler made of functions, for programs that need no class of their own. Those that are not set
/// are not called. A function must not be replaced while it runs.
///
///     Callbacks on;
///     Client client(loop, options, on);
///     on.message = [&](const Publish& message) { ... };
///
/// Messages are acknowledged when `message` has returned; a program that gives verdicts of its own
/// (AcknowledgeBy::owner) needs a ClientHandler.
class Callbacks final : public ClientHandler {
 public:
  std::function<void(const Connack&)> connected;
  std::function<void(const Publish&)> message;
  std::function<void(const ConnectionEnd&)> disconnected;
  std::function<void(const Auth&)> auth;
  std::function<void()> room;

 private:
  void on_connected(const Connack& connack) override;
  void on_message(const Publish& received, ArrivalNumber number) override;
  void on_disconnected(const ConnectionEnd& end) override;
  void on_auth(const Auth& received) override;
  void on_room() override;
};

struct ClientOptions {
  Endpoint endpoint;
  ConnectParameters connect;
  /// From `connect` to CONNACK, name lookup and handshakes included.
  std::chrono::milliseconds connect_timeout{30'000};
  /// From `disconnect` to the end of the connection, however slowly the server reads.
  std::chrono::milliseconds disconnect_timeout{10'000};
  /// nullopt: no automatic reconnect.
  std::optional<ReconnectPolicy> reconnect;
  /// Messages of QoS 1 and 2 that wait for a connection or for the server's window.
  std::size_t max_waiting_messages = 10'000;
  /// Bytes that wait: in those messages, and towards the transport. Above it `publish` answers
  /// queue_full. A single message may exceed it.
  std::size_t max_waiting_bytes = 16 * 1024 * 1024;
};

/// What became of a message.
struct PublishResult {
  /// Not set: QoS 0: handed to the transport; above: `reason` is the server's answer.
  std::optional<SendError> error;
  ReasonCode reason = ReasonCode::success;
  Properties properties;  ///< of PUBACK, PUBREC or PUBCOMP; valid during the call
  std::uint16_t packet_id = 0;

  /// QoS 0: handed to the transport. Above: the server has accepted the message.
  bool ok() const { return !error && !is_error(reason); }
};

/// The answer to SUBSCRIBE or UNSUBSCRIBE.
struct SubscribeResult {
  std::optional<SendError> error;       ///< set: there is no answer
  std::span<const ReasonCode> reasons;  ///< one per filter; valid during the call
  Properties properties;                ///< valid during the call
  std::uint16_t packet_id = 0;

  /// The server has accepted every filter.
  bool ok() const;
};

/// An asynchronous MQTT client: a ClientSession, a transport, timers, and a queue for what cannot
/// be sent yet.
///
/// Belongs to a loop and is used on its thread. The handler must outlive it. Destroying the client
/// closes the connection without a DISCONNECT (the server publishes the will) and calls nobody:
/// open completions are dropped.
class Client {
 public:
  using PublishDone = std::function<void(const PublishResult&)>;
  using SubscribeDone = std::function<void(const SubscribeResult&)>;

  Client(io::Loop& loop, ClientOptions options, ClientHandler& handler);
  /// Over a transport of the caller's own; `options.endpoint` is ignored.
  Client(io::Loop& loop, ClientOptions options, ClientHandler& handler, Transport transport);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Begins to connect; the answer is `on_connected` or `on_disconnected`. While connecting or
  /// connected: nothing happens. While waiting to try again: tries at once.
  void connect();

  bool connected() const;

  /// Sends a message or queues it; `dup` and `packet_id` are ignored, everything is copied.
  ///
  /// QoS 0 needs a connection. QoS 1 and 2 wait in a queue while there is none (before the first
  /// `connect` too), or while the server's window is full, up to the limits of ClientOptions.
  /// An error here: nothing was sent, and `done` is not called. Otherwise `done` is called once,
  /// from the loop, when it is known what became of the message; if the connection is lost before,
  /// that may be on a later connection.
  tl::expected<void, SendError> publish(const Publish& message, PublishDone done = {});
  /// The same of a message without properties that is not to be retained.
  tl::expected<void, SendError> publish(std::string_view topic, std::string_view payload,
                                        QoS qos = QoS::at_most_once, PublishDone done = {});

  /// SUBSCRIBE with one or more filters. Needs a connection. `done` as for `publish`.
  tl::expected<void, SendError> subscribe(std::span<const SubscriptionRequest> subscriptions,
                                          Properties properties = {}, SubscribeDone done = {});
  /// The same with one filter. `qos`: the highest that messages come with.
  tl::expected<void, SendError> subscribe(std::string_view filter, QoS qos = QoS::at_most_once,
                                          SubscribeDone done = {});
  /// UNSUBSCRIBE with one or more filters. Needs a connection. `done` as for `publish`.
  tl::expected<void, SendError> unsubscribe(std::span<const std::string_view> filters,
                                            Properties properties = {}, SubscribeDone done = {});
  tl::expected<void, SendError> unsubscribe(std::string_view filter, SubscribeDone done = {});

  /// The verdict on a received message, with AcknowledgeBy::owner.
  void acknowledge(ArrivalNumber number, ReasonCode reason = ReasonCode::success);

  /// Sends PINGREQ now, besides those of the keep alive, if there is a connection; `set_trace`
  /// shows the answer. Not for keeping the connection alive, which the client does by itself.
  void ping();

  /// Enhanced authentication: see ClientSession.
  tl::expected<void, SendError> authenticate(ByteView data, Properties more = {});
  tl::expected<void, SendError> reauthenticate(ByteView data, Properties more = {});

  /// Ends in order: sends what was handed to the transport and DISCONNECT, closes, then calls
  /// `on_disconnected` with Cause::requested; no reconnect. Messages in the queue stay there.
  /// Without a connection: the attempt, or the wait for one, ends likewise.
  void disconnect(ReasonCode reason = ReasonCode::normal_disconnection, Properties properties = {});

  /// Stops and restarts reading from the server while connected, for receivers that cannot keep up
  /// with `on_message`. Answers to what was sent wait too; PINGREQ goes on. Holds for later
  /// connections as well.
  void pause();
  void resume();

  /// Messages of QoS 1 and 2 that are not completed: queued and in flight.
  std::size_t unfinished_messages() const;
  /// Bytes that wait for the transport, for the window or for a connection.
  std::size_t waiting_bytes() const;
  /// More than half of a limit is in use: a good moment to stop publishing until `on_room`.
  bool congested() const;

  /// What the server allows, the parameters in force, and more: read-only.
  const ClientSession& session() const;
  /// Changes what the next connection says (a new password, a new will).
  ConnectParameters& parameters();
  /// Shows every packet sent or received to `trace`; empty: none.
  void set_trace(ClientSession::Trace trace);

 private:
  class Core;
  std::shared_ptr<Core>
      core_;  ///< shared with callbacks under way, so that they may destroy the client
};

}  // namespace mqtt::client
