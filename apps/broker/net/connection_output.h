#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "mqtt/io/stream.h"
#include "mqtt/protocol/topic_alias.h"
#include "net/authentication.h"
#include "net/connection_context.h"
#include "net/outbox.h"
#include "session/packet_log.h"
#include "session/packet_sink.h"
#include "session/session.h"

namespace broker {

/// The way out of a connection: packets are encoded straight into the outbox, which is written at the
/// end of the turn.
///
/// The half of a Connection that its session speaks to; belongs to its worker.
class ConnectionOutput : public PacketSink {
 public:
  ConnectionOutput(const ConnectionOutput&) = delete;
  ConnectionOutput& operator=(const ConnectionOutput&) = delete;

  // PacketSink
  SendResult send_publish(Publication& publication, const OutgoingPublish& out) final;
  void send_acknowledgement(mqtt::PacketType type, std::uint16_t packet_id,
                            mqtt::ReasonCode reason) final;
  void send(const mqtt::Suback& packet) final;
  void send(const mqtt::Unsuback& packet) final;
  bool has_room() const final;
  void log_publish(const MessageView& message, bool dup, std::uint16_t packet_id,
                   mqtt::ReasonCode refusal) final;

  /// Any packet that is not a PUBLISH.
  template <class PacketT>
  void send_packet(const PacketT& packet, mqtt::ProtocolVersion version);

  /// Asks the session for more if it had to wait for room.
  void offer_room();

  ConnectionContext& context() const { return context_; }
  mqtt::io::Stream& stream() const { return *stream_; }
  /// nullptr: none is attached.
  Session* session() const { return session_; }
  const Config& config() const { return *context_.sessions.here.config; }
  Log& log() const { return context_.sessions.here.log; }
  Counters& counters() const { return context_.sessions.here.counters; }
  Worker& worker() const { return context_.sessions.here.worker; }
  mqtt::ProtocolVersion version() const { return version_; }
  /// What the peer speaks, and the largest packet that it takes.
  void set_protocol(mqtt::ProtocolVersion version, std::uint32_t max_packet_size) {
    version_ = version;
    max_packet_size_ = max_packet_size;
  }
  /// nullptr: none was asked for.
  Authentication* authentication() const {
    return extensions_ ? extensions_->authentication.get() : nullptr;
  }
  void set_authentication(std::unique_ptr<Authentication> authentication) {
    extensions().authentication = std::move(authentication);
  }
  mqtt::ReceivedTopicAliases& received_aliases();
  bool packets_are_logged() const { return PacketLog::wanted(log()); }

 protected:
  /// What only v5 clients can ask for, and few do.
  struct Extensions {
    std::unique_ptr<Authentication> authentication;
    std::unique_ptr<mqtt::ReceivedTopicAliases> received_aliases;
    std::unique_ptr<mqtt::SentTopicAliases> sent_aliases;
    /// How the stream ended, while what it had read waits; nullopt: it has not.
    std::optional<mqtt::io::StreamEnd> stream_end;
  };

  ConnectionOutput(ConnectionContext& context, mqtt::io::StreamPtr stream)
      : context_(context), stream_(std::move(stream)) {}
  ~ConnectionOutput();

  /// Output, or an end, waits for the end of the turn: the table is to be told.
  virtual void note_output() = 0;
  /// Nothing more may be sent, for this reason: the turn's end closes the connection.
  virtual void end_with_turn(mqtt::ReasonCode reason) = 0;

  bool is_v5() const { return mqtt::is_v5(version_); }
  Extensions& extensions();
  void send_disconnect(mqtt::ReasonCode reason);
  /// Something (or an end) waits for the turn's end; a lot is written at once.
  void output_gathered(std::size_t bytes);
  void flush();
  void flush_early();
  bool backlog_over_limit() const {
    return outbox_.bytes() > config().limits.max_output_buffer_bytes;
  }

  ConnectionContext& context_;
  mqtt::io::StreamPtr stream_;
  Session* session_ = nullptr;
  std::unique_ptr<Extensions> extensions_;
  Outbox outbox_;
  std::uint32_t max_packet_size_ = UINT32_MAX;  ///< that the peer takes

 private:
  SendResult send_v5(Publication& publication, const OutgoingPublish& out, mqtt::Publish& packet);
  void append_form(const WireForms::Form& form, std::uint16_t packet_id, std::size_t payload_size);
  void append_publish(Publication& publication, const mqtt::Publish& packet, mqtt::Properties extra,
                      std::size_t header_size);
  PacketLog session_log() const { return {log(), session_->client_id()}; }
  bool may_send(std::size_t packet_size);
  Millis now_if_it_matters(const MessageView& message);
  bool backlog_full();
  void report_waiting();
  void log_sending(const MessageView& message, const OutgoingPublish& out);
  mqtt::SentTopicAliases* sent_aliases() const {
    return extensions_ ? extensions_->sent_aliases.get() : nullptr;
  }
  SendResult sent(const MessageView& message, const OutgoingPublish& out) {
    if (packets_are_logged()) [[unlikely]]
      log_sending(message, out);
    return SendResult::sent;
  }

  std::uint32_t waiting_bytes_ = 0;  ///< as last reported to the counters
  std::uint32_t waiting_packets_ = 0;

 protected:
  std::uint16_t receive_alias_maximum_ = 0;
  // One bit each, where a byte each would make every connection a step larger.
  mqtt::ProtocolVersion version_ : 3 = mqtt::ProtocolVersion::v311;
  bool is_let_in_ : 1 = false;  ///< CONNACK is sent, and no end is near but `disconnecting_`
  bool blocked_ : 1 = false;    ///< the stream took less than it was given
  bool dirty_ : 1 = false;      ///< has output, or an end, for the end of the turn
  /// The turn's end closes: input is over, the session is to be let go of. The log knows why.
  bool disconnecting_ : 1 = false;
  mutable bool room_wanted_ : 1 = false;  ///< the session was told that there is no room
};

}  // namespace broker
