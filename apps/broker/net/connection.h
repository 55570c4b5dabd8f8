#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "access/files/access_files.h"
#include "mqtt/io/stream.h"
#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/keepalive.h"
#include "net/connection_output.h"
#include "net/peer_address.h"
#include "runtime/timer_wheel.h"

namespace broker {

/// One socket with an MQTT peer behind it. Three parts: the stream, whose bytes it cuts into packets;
/// the gate, which says what each packet does now (that of its Opening first, then that of its kind);
/// and the output.
///
/// Lives from accept to close on one worker. Owned by the worker's ConnectionTable. An idle
/// connection owns no buffers.
class Connection final : private mqtt::io::StreamHandler,
                         public ConnectionOutput,
                         private TimerEntry {
  friend class ConnectionTable;

 public:
  Connection(ConnectionContext& context, mqtt::io::StreamPtr stream, std::uint16_t listener);
  ~Connection();

  void start(OpeningState state);
  /// Its turn in the InputQueue has come: goes on with what it has read.
  void take_turn();
  /// The end of a turn in which the connection was noted: writes what was gathered, and ends if
  /// that was asked for.
  void end_turn();
  /// The rules about who may connect have changed: sends the client away if it would not be let in.
  void check_again(const AccessFiles& before, const AccessFiles& after);
  /// If a reload has taken its listener away: sends the client away. It may come back by another.
  void check_listener();
  /// Gives the stream away to the worker that the client identifier lives on.
  void hand_over(std::uint16_t worker);

  // PacketSink, the half that is not output.
  void continue_input() override;
  void reject_input(mqtt::ReasonCode reason, std::string_view detail) override;
  void disconnect(mqtt::ReasonCode reason) override;
  void session_kept() override;
  void session_taken_over() override;

  // --- For its opening and its gate.

  const PeerAddress& peer() const { return peer_; }
  std::uint16_t listener() const { return listener_; }
  const ListenerConfig& listener_config() const { return config().listeners[listener_]; }
  ConnectionLog lines();
  PacketLog packet_log() { return {log(), names().client_id}; }
  /// What was read and is not worked off yet is in there.
  mqtt::FrameReader& reader() { return reader_; }
  /// Wakes the opening at that time, instead of any earlier one.
  void arm(Millis deadline) { worker().timers().arm(*this, deadline); }
  /// At the end of the turn; see Opening::move_away.
  void move_to(std::uint16_t worker);
  void attach(Session& session, Session::Terms terms);
  /// What an opening has settled about the connection itself.
  struct Agreement {
    mqtt::KeepAlive keep_alive;
    std::uint16_t receive_alias_maximum = 0;
    std::uint16_t send_alias_maximum = 0;
    /// The client was let in by user name and password, or by their absence: a reload may change it.
    bool by_password = false;
  };
  /// The opening is over: packets go to the session from now on.
  void let_in(const Agreement& agreement);

  /// An answer is awaited: until `stop_waiting` and `go_on`, packets wait.
  void wait_for_answer();
  void stop_waiting() { waiting_ = false; }
  bool waits_for_answer() const { return waiting_; }
  /// Goes on with the input, unless an answer is awaited.
  void go_on();
  void pause_input();

  void reject(const mqtt::Malformed& malformed);
  /// The client broke a rule: tells it (v5 only), and closes.
  void reject(mqtt::ReasonCode reason, std::string_view detail, bool tell = true);
  /// Sends what is gathered, then closes. For the log: `reason` as in `closing_reason`, `detail` if
  /// the client broke a rule.
  void close(Session::Departure departure, std::string_view reason, std::string_view detail = {});

 private:
  enum class State : std::uint8_t {
    opening,
    let_in,
    moving,
    closing,  ///< the last bytes are on their way; input is discarded
  };

  // StreamHandler
  void on_open() override;
  void on_data(mqtt::ByteView bytes) override;
  void on_writable() override;
  void on_end(const mqtt::io::StreamEnd& end) override;
  // TimerEntry
  void on_timer() override;
  // ConnectionOutput
  void note_output() override;
  void end_with_turn(mqtt::ReasonCode reason) override;

  void process();
  void process_later(bool held_back);
  bool takes_input() const;
  void after_input();
  void resume_input();
  void watch_keep_alive();

  void settle_output();
  void begin_closing();
  void let_go_of_session(Session::Departure departure);
  void end_with_stream(const mqtt::io::StreamEnd& end);
  void drop();

  Opening::Names names() const;
  void log_disconnected(std::string_view reason, std::string_view detail = {});

  // Lends its padding to the member behind it.
  [[no_unique_address]] mqtt::FrameReader reader_;
  std::uint32_t index_ = 0;           ///< in the table, which keeps it
  std::unique_ptr<Opening> opening_;  ///< until the connection is let in
  PeerAddress peer_;
  Millis last_received_ = 0;
  std::uint16_t listener_;
  mqtt::KeepAlive keep_alive_;
  State state_ : 2 = State::opening;
  bool by_password_ : 1 = false;
  bool waiting_ : 1 = false;  ///< an answer is awaited
  bool paused_ : 1 = false;   ///< the stream does not deliver
  bool queued_ : 1 = false;   ///< its turn in the InputQueue is to come
  // The table's lists for the end of a turn that name it, as queued_ says of the InputQueue: it is
  // not destroyed before all have let go.
  bool noted_ : 1 = false;
  bool noted_first_ : 1 = false;
};

}  // namespace broker
