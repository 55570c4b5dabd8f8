#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/files/access_files.h"
#include "mqtt/io/stream.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/keepalive.h"
#include "mqtt/protocol/topic_alias.h"
#include "net/connection_context.h"
#include "net/connection_log.h"
#include "net/outbox.h"
#include "net/peer_address.h"
#include "runtime/timer_wheel.h"
#include "session/packet_log.h"
#include "session/packet_sink.h"
#include "session/session.h"

namespace broker {

/// One socket with a client behind it: cuts its bytes into packets, lets each packet type in only
/// when it is expected, hands the packet to the session; and gathers what goes out.
///
/// Lives from accept to close on one worker. Owned by the worker's ConnectionTable. An idle
/// connection owns no buffers.
class Connection final : private mqtt::io::StreamHandler, public PacketSink, private TimerEntry {
  friend class ConnectionTable;

 public:
  /// `opening_bytes`: for which it has been counted into the OpeningBudget.
  Connection(ConnectionContext& context, mqtt::io::StreamPtr stream, std::uint16_t listener,
             std::uint32_t opening_bytes);
  /// One that another worker accepted. `read`: what it has read already, a CONNECT and what
  /// followed. `claimed_id`: its client identifier, which lives here; the claim in the directory is
  /// made.
  Connection(ConnectionContext& context, mqtt::io::StreamPtr stream, std::uint16_t listener,
             std::uint32_t opening_bytes, std::vector<std::uint8_t> read, std::string claimed_id);
  ~Connection();

  /// What a connection whose stream is open counts for before it is let in, beside the bytes that
  /// it has read: itself, and what OpenSSL keeps between two records.
  static constexpr std::uint32_t bytes_when_open = 1024;
  static constexpr std::uint32_t bytes_when_open_with_tls = 32'768;

  void start();

  /// Its turn in the InputQueue has come: goes on with what it has read.
  void take_turn();
  /// The end of a turn in which the connection was noted: writes what was gathered, and ends if
  /// that was asked for.
  void end_turn();
  /// Asks the session for more if it had to wait for room.
  void offer_room();
  /// The broker stops.
  void shut_down();
  /// The rules about who may connect have changed: sends the client away if it would not be let in.
  void check_again(const AccessFiles& before, const AccessFiles& after);
  /// If a reload has taken its listener away: sends the client away. It may come back by another.
  void check_listener();
  /// Gives the stream away to the worker that the client identifier lives on.
  void hand_over(std::uint16_t worker);

  // PacketSink
  SendResult send_publish(Publication& publication, const OutgoingPublish& out) override;
  void send_acknowledgement(mqtt::PacketType type, std::uint16_t packet_id,
                            mqtt::ReasonCode reason) override;
  void send(const mqtt::Suback& packet) override;
  void send(const mqtt::Unsuback& packet) override;
  bool has_room() const override;
  void continue_input() override;
  void reject_input(mqtt::ReasonCode reason, std::string_view detail) override;
  void disconnect(mqtt::ReasonCode reason) override;
  void log_publish(const MessageView& message, bool dup, std::uint16_t packet_id,
                   mqtt::ReasonCode refusal) override;
  void session_taken_over() override;

 private:
  /// What comes next from the client.
  enum class State : std::uint8_t {
    awaiting_connect,
    authenticating,  ///< the broker thinks, nothing is read
    exchanging,      ///< enhanced authentication: an AUTH is expected
    active,          ///< any packet of a client but CONNECT
    handing_over,
    closing,  ///< the last bytes are on their way; input is discarded
  };

  /// What is needed from CONNECT until CONNACK only.
  struct Opening {
    /// Who says that `user_name` is the client's, so that it needs no password.
    enum class Voucher : std::uint8_t {
      nobody,
      tls,   ///< of this stream: nobody else is asked
      proxy  ///< has verified the client's certificate: the authenticator is asked all the same
    };
    std::vector<std::uint8_t> bytes;  ///< the packet; `connect` points into it
    mqtt::Connect connect;
    std::string client_id;
    std::string user_name;
    bool generated_id = false;
    /// For which the directory is owed a settle or an abandon; empty: none.
    std::string claimed_id;
    Voucher voucher = Voucher::nobody;
    std::unique_ptr<Authenticator::Request> request;
  };
  /// Enhanced authentication of this connection, for as long as it lasts.
  struct Authentication {
    std::string method;
    std::unique_ptr<AuthenticationExchange> exchange;  ///< the last one begun
    bool running = false;                              ///< it has not come to its end
    bool answers_later = false;                        ///< its answer comes in a turn of its own
    std::string final_data;                            ///< to go with CONNACK
  };
  /// What only v5 clients can ask for, and few do.
  struct Extensions {
    std::unique_ptr<Authentication> authentication;
    std::unique_ptr<mqtt::ReceivedTopicAliases> received_aliases;
    std::unique_ptr<mqtt::SentTopicAliases> sent_aliases;
    /// How the stream ended, while what it had read waits; nullopt: it has not.
    std::optional<mqtt::io::StreamEnd> stream_end;
  };

  using Handler = void (Connection::*)(const mqtt::Frame&);
  static const Handler active_handlers[16];

  // StreamHandler
  void on_open() override;
  void on_data(mqtt::ByteView bytes) override;
  void on_writable() override;
  void on_end(const mqtt::io::StreamEnd& end) override;
  // TimerEntry
  void on_timer() override;

  const Config& config() const { return *context_.sessions.here.config; }
  const ListenerConfig& listener_config() const { return config().listeners[listener_]; }
  Log& log() { return context_.sessions.here.log; }
  Counters& counters() { return context_.sessions.here.counters; }
  Worker& worker() { return context_.sessions.here.worker; }
  bool is_v5() const { return mqtt::is_v5(version_); }
  Extensions& extensions();
  Authentication* authentication() const {
    return extensions_ ? extensions_->authentication.get() : nullptr;
  }
  bool stream_ended() const { return extensions_ && extensions_->stream_end.has_value(); }
  mqtt::SentTopicAliases* sent_aliases() const {
    return extensions_ ? extensions_->sent_aliases.get() : nullptr;
  }

  // Input: connection.cpp
  void process();
  void wait_for_turn();
  void hold_back();
  void go_on_reading();
  void make_do_without_memory();
  bool takes_input() const;
  bool count_opening_bytes();
  void settle_opening_bytes(std::uint32_t bytes);
  void refuse_for_lack_of_room();
  void handle(const mqtt::Frame& frame);
  void handle_publish(const mqtt::Frame& frame);
  bool resolve_alias(mqtt::Publish& packet);
  void handle_puback(const mqtt::Frame& frame);
  void handle_pubrec(const mqtt::Frame& frame);
  void handle_pubrel(const mqtt::Frame& frame);
  void handle_pubcomp(const mqtt::Frame& frame);
  void handle_subscribe(const mqtt::Frame& frame);
  void handle_unsubscribe(const mqtt::Frame& frame);
  void handle_pingreq(const mqtt::Frame& frame);
  void handle_disconnect(const mqtt::Frame& frame);
  void handle_auth(const mqtt::Frame& frame);
  void handle_unexpected(const mqtt::Frame& frame);
  void handle_second_connect(const mqtt::Frame& frame);
  void settle(const Checked<InputOutcome>& checked);
  void wait_for_verdict();
  void pause_input();
  void resume_input();

  // From CONNECT to CONNACK: connection_opening.cpp
  void handle_connect(const mqtt::Frame& frame);
  struct Refusal {
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< success: not refused
    bool silent_before_v5 = false;                        ///< 3.x: nothing is said
    bool silent = false;
    std::string_view why = {};  ///< static text for the log; empty: `reason` says it
  };
  Refusal check_connect(const mqtt::Connect& packet) const;
  Refusal check_client_id(const mqtt::Connect& packet) const;
  Refusal check_will(const mqtt::Will& will) const;
  Refusal check_keep_alive(const mqtt::Connect& packet) const;
  Refusal check_version(const mqtt::Connect& packet) const;
  Refusal take_identity();
  bool claim_client_id();
  Refusal choose_client_id();
  void authenticate();
  void begin_exchange(std::string_view method);
  void on_authenticated(LoginVerdict verdict);
  void step_exchange(std::string_view data);
  void on_exchange_step(AuthenticationExchange::Step step);
  void finish_reauthentication(const AuthenticationExchange::Step& step);
  void open_session();
  Session::Terms terms(const mqtt::Connect& packet);
  std::unique_ptr<Will> make_will(const mqtt::Will& will) const;
  void send_connack(const mqtt::Connect& packet, bool session_present);
  void send_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version);
  void refuse(const Refusal& refusal);
  void reply_to_malformed_connect(const mqtt::Malformed& malformed);
  void send_auth(mqtt::ReasonCode reason, std::string_view data);
  Credentials credentials() const;

  // Output: connection_output.cpp
  template <class PacketT>
  void send_packet(const PacketT& packet, mqtt::ProtocolVersion version);
  void send_disconnect(mqtt::ReasonCode reason);
  bool may_send(std::size_t packet_size);
  void append_publish(Publication& publication, const mqtt::Publish& packet, mqtt::Properties extra,
                      std::size_t header_size);
  Millis now_if_it_matters(const MessageView& message);
  bool backlog_full();
  void output_gathered(std::size_t bytes);
  void flush();
  void flush_early();
  void report_waiting();

  // The end: connection.cpp
  void reject(const mqtt::Malformed& malformed);
  void reject(mqtt::ReasonCode reason, std::string_view detail, bool tell = true);
  /// Sends what is gathered, then closes. The session must have been let go of, or is let go of
  /// now. For the log: `reason` as in `closing_reason`, `detail` if the client broke a rule.
  void close(Session::Departure departure, std::string_view reason, std::string_view detail = {});
  void begin_closing();
  void let_go_of_session(Session::Departure departure);
  void end_with_stream(const mqtt::io::StreamEnd& end);
  void drop();

  // What the log is told: connection_lines.cpp
  std::string_view known_id() const;
  ConnectionLog connection_log();
  void log_accepted();
  void log_connected(const mqtt::Connect& packet, std::string_view user);
  void log_encryption();
  void log_refused(const Refusal& refusal);
  void log_disconnected(std::string_view reason, std::string_view detail = {});
  bool log_without_client(std::string_view reason);
  bool packets_are_logged() { return PacketLog::wanted(log()); }
  PacketLog packet_log() { return {log(), session_->client_id()}; }
  void log_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version);
  void log_sending(const MessageView& message, const OutgoingPublish& out);
  SendResult sent(const MessageView& message, const OutgoingPublish& out) {
    if (packets_are_logged()) [[unlikely]]
      log_sending(message, out);
    return SendResult::sent;
  }

  ConnectionContext& context_;
  mqtt::io::StreamPtr stream_;
  Session* session_ = nullptr;
  // Lends its padding to the member behind it.
  [[no_unique_address]] mqtt::FrameReader reader_;
  std::uint32_t opening_bytes_;  ///< of the OpeningBudget; 0 once the client has been let in
  Outbox outbox_;
  std::unique_ptr<Opening> opening_;
  std::unique_ptr<Extensions> extensions_;
  PeerAddress peer_;
  Millis last_received_ = 0;
  std::uint32_t client_max_packet_size_ = UINT32_MAX;
  std::uint32_t waiting_bytes_ = 0;  ///< as last reported to the counters
  std::uint32_t waiting_packets_ = 0;
  std::uint32_t place_ = 0;  ///< in the table, which keeps it
  std::uint16_t listener_;
  std::uint16_t receive_alias_maximum_ = 0;
  mqtt::KeepAlive keep_alive_;
  // One bit each, where a byte each would make every connection a step larger.
  mqtt::ProtocolVersion version_ : 3 = mqtt::ProtocolVersion::v311;
  State state_ : 3 = State::awaiting_connect;
  bool by_password_ : 1 = false;  ///< let in by user name and password, or by their absence
  bool waiting_ : 1 = false;      ///< a verdict on the last packet is due
  bool paused_ : 1 = false;       ///< the stream does not deliver
  bool queued_ : 1 = false;       ///< its turn in the InputQueue is to come
  bool blocked_ : 1 = false;      ///< the stream took less than it was given
  bool dirty_ : 1 = false;        ///< has output, or an end, for the end of the turn
  // The table's lists for the end of a turn that name it, as queued_ says of the InputQueue: it is
  // not destroyed before all have let go.
  bool noted_ : 1 = false;
  bool noted_first_ : 1 = false;
  /// The turn's end closes: input is over, the session is to be let go of. The log knows why.
  bool disconnecting_ : 1 = false;
  mutable bool room_wanted_ : 1 = false;  ///< the session was told that there is no room
};

}  // namespace broker
