#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mqtt/client/client.h"
#include "mqtt/io/stream.h"
#include "mqtt/io/timer.h"
#include "output_buffer.h"
#include "publish_completions.h"
#include "queued_publish.h"

namespace mqtt::client {

/// What a Client is made of. Lives as long as the Client, and until a callback under way or a
/// deferred turn has returned: each entry from the loop holds it (`Entry`), and looks at `handler_`
/// after every call of the owner's code, which is null once the Client is gone.
///
/// Always true: a stream exists exactly in the states opening, connecting, connected and closing.
class Client::Core final : public std::enable_shared_from_this<Core>, private io::StreamHandler {
 public:
  Core(io::Loop& loop, ClientOptions options, ClientHandler& handler, Transport transport);

  /// The Client is being destroyed: nobody is called any more.
  void abandon();

  void connect();
  void disconnect(ReasonCode reason, Properties properties);
  bool connected() const { return state_ == State::connected; }

  tl::expected<void, SendError> publish(const Publish& message, PublishDone done);
  tl::expected<void, SendError> subscribe(std::span<const SubscriptionRequest> subscriptions,
                                          Properties properties, SubscribeDone done);
  tl::expected<void, SendError> unsubscribe(std::span<const std::string_view> filters,
                                            Properties properties, SubscribeDone done);
  void acknowledge(ArrivalNumber number, ReasonCode reason);
  void ping();
  tl::expected<void, SendError> authenticate(ByteView data, Properties more);
  tl::expected<void, SendError> reauthenticate(ByteView data, Properties more);

  void pause();
  void resume();

  std::size_t unfinished_messages() const { return queue_.size() + session_.in_flight(); }
  std::size_t waiting_bytes() const { return output_.size() + queued_bytes_; }
  bool congested() const;

  ClientSession& session() { return session_; }

 private:
  enum class State : std::uint8_t {
    idle,
    waiting,     ///< for the next attempt
    failing,     ///< an end is known and will be told in the loop's next turn
    opening,     ///< the stream opens
    connecting,  ///< CONNECT is on its way, CONNACK is not there
    connected,
    closing,  ///< the last bytes leave; the stream's end is the end of the connection
  };

  /// Why the connection ends, kept until it can be told.
  struct End {
    ConnectionEnd::Cause cause = ConnectionEnd::Cause::lost;
    std::string text;
    ReasonCode reason = ReasonCode::success;
    PropertyList properties = {};
  };

  /// Completions of QoS 0: due when this many bytes have been taken by the transport.
  struct WrittenPublish {
    std::uint64_t written = 0;
    PublishDone done;
  };

  // The stream's calls.
  void on_open() override;
  void on_data(ByteView bytes) override;
  void on_writable() override;
  void on_end(const io::StreamEnd& end) override;

  // client_core.cpp: connections
  void open();
  void on_wait_over();
  void on_keep_alive();
  void arm_keep_alive();
  void end_with(End end);
  void end_later(End end);
  void finish(End end);
  std::optional<std::chrono::milliseconds> retry_delay(const End& end);
  bool is_worth_retrying(const End& end) const;
  void flush();
  void take_turn_later();
  void flush_later();
  void take_turn();
  ClientSession::Time now() const;

  // client_core_events.cpp: what the server's packets lead to
  void handle_events();
  void on_event(const client_event::Connected& event);
  void on_event(const client_event::Refused& event);
  void on_event(const client_event::MessageReceived& event);
  void on_event(const client_event::Published& event);
  void on_event(const client_event::PublishLost& event);
  void on_event(const client_event::Subscribed& event);
  void on_event(const client_event::Unsubscribed& event);
  void on_event(const client_event::AuthReceived& event);
  void on_event(const client_event::DisconnectedByServer& event);
  void on_event(const client_event::Failed& event);
  void complete(std::uint16_t packet_id, const PublishResult& result);
  void answer(std::uint16_t packet_id, const SubscribeResult& result);

  // client_core_requests.cpp: what the owner asks for
  tl::expected<void, SendError> publish_at_once(const Publish& message, PublishDone done);
  tl::expected<void, SendError> enqueue(const Publish& message, PublishDone done);
  void send_queued();
  void tell_written();
  void fail_written(SendError error);
  void fail_requests(SendError error);
  void tell_room();
  bool is_alive() const { return handler_ != nullptr; }
  /// What the server sends stays unread. CONNACK is always read.
  bool is_held() const { return paused_ && state_ == State::connected; }
  bool can_send_queued() const;

  io::Loop& loop_;
  ClientOptions options_;
  ClientHandler* handler_;
  Transport transport_;
  ClientSession session_;
  Backoff backoff_;

  State state_ = State::idle;
  bool paused_ = false;
  bool handling_ = false;       ///< within `handle_events`, which ends with a flush
  bool was_connected_ = false;  ///< at least once: later failures are interruptions
  bool owes_room_ = false;      ///< `on_room` is to be called
  io::StreamPtr stream_;
  std::optional<End> end_;  ///< in the states failing and closing
  OutputBuffer output_;

  std::deque<QueuedPublish> queue_;
  std::size_t queued_bytes_ = 0;
  PublishCompletions in_flight_;
  std::unordered_map<std::uint16_t, SubscribeDone> requests_;
  std::deque<WrittenPublish> written_;

  /// Until the connection is there, until the next attempt, or until closing takes too long.
  std::optional<io::Timer> wait_;
  std::optional<io::Timer> keep_alive_;
  std::shared_ptr<Core> turn_;  ///< this object, while a turn of the loop is asked for
};

}  // namespace mqtt::client
