#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/load/load_plan.h"
#include "mqtt/client/client.h"

namespace bench {

class LoadThread;

/// The publishing half of a client: numbers its messages, sends those that are due or that fit into
/// the window, and tracks their completion. Belongs to a load thread.
class Sender {
 public:
  /// `names`: the values of the topic's placeholders; `names.index` is the sender's number.
  Sender(LoadThread& thread, const ClientGroup& group, const TopicValues& names);

  /// The connection to send on; nullptr: none now.
  void set_client(mqtt::client::Client* client) { client_ = client; }

  /// Sends from now on; at most `limit` messages. `receivers`: how many deliveries of each message
  /// the closed loop waits for; 0: it waits for the acknowledgement.
  void begin(std::optional<std::uint64_t> limit, std::uint32_t receivers);
  void end();
  /// Open loop: nothing more becomes due; ends when the due messages are sent.
  void end_after_due();
  /// How many of them are still to be sent.
  std::uint64_t unsent() const { return sending_ && ends_when_sent_ ? limit_ - sent_ : 0; }
  /// Sends an empty retained message to each topic of a retained message that was sent.
  void begin_clearing();
  /// Sends what may be sent now.
  void pump();

  /// Open loop: one more message is due.
  void owe() { ++turns_due_; }
  /// Receivers await `count` fewer messages (each receiver counts separately).
  void on_delivered(std::uint64_t count) { deliveries_ += count; }
  /// Closed loop, called regularly: after a while without any delivery, abandons outstanding
  /// messages; otherwise losses would block the window forever.
  void write_off(Nanoseconds patience);

  std::uint32_t number() const { return number_; }
  bool is_marked_ready = false;  ///< in the thread's list of senders to pump

  /// Messages of the measured part that must arrive: sent, and acknowledged without an error above
  /// QoS 0.
  std::uint64_t measured() const { return measured_; }

 private:
  void finish_if_through();
  bool may_send() const;
  bool send_one();
  bool clear_one();
  Nanoseconds time_of_next() const;
  void on_sent(Nanoseconds time);
  void on_completed(const mqtt::client::PublishResult& result, Nanoseconds measured_time);
  void prepare_surroundings();
  void expand_topic(std::uint64_t message);
  bool is_answered() const;

  LoadThread& thread_;
  const LoadPlan& plan_;
  const ClientGroup& group_;
  mqtt::client::Client* client_ = nullptr;
  TopicValues names_;
  std::uint32_t number_;
  std::string topic_;
  std::uint64_t surroundings_ = 0;
  bool is_fixed_;  ///< topic and filler are the same for all messages

  bool sending_ = false;         ///< one of the thread's unfinished senders
  bool ends_when_sent_ = false;  ///< even if not all are complete
  bool clearing_ = false;        ///< `limit_` and `cleared_` count topics
  std::uint64_t cleared_ = 0;
  Nanoseconds present_ = 0;  ///< when this `pump` began: its messages are sent together
  std::uint32_t receivers_ = 0;
  std::uint64_t limit_ = 0;       ///< of `sent_`
  std::uint64_t sent_ = 0;        ///< in total; the next message's sequence
  std::uint64_t unfinished_ = 0;  ///< sent, not yet completed
  std::uint64_t deliveries_ = 0;
  std::uint64_t written_off_ = 0;  ///< messages
  std::uint64_t turns_ = 0;        ///< open loop: of the timetable, used
  std::uint64_t turns_due_ = 0;
  std::uint64_t measured_ = 0;
  std::uint64_t deliveries_seen_ = 0;  ///< by `write_off`
  Nanoseconds seen_at_ = 0;
};

}  // namespace bench
