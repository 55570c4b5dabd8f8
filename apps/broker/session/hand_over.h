#pragma once

#include <cstddef>
#include <utility>

#include "message/delivery.h"
#include "mqtt/protocol/publish_sender.h"
#include "mqtt/protocol/ring_queue.h"
#include "session/session_context.h"

namespace broker {

/// What becomes of the deliveries of a session that has ended. Those that came through a share group
/// go to its other members, the oldest first: what was queued, and what was sent at QoS 1 and not
/// acknowledged. What was sent at QoS 2 never goes to anyone else. [MQTT-4.8.2-5] What is left is
/// dropped, and counted so.
///
/// Works in slices, one in a turn, so that a hundred thousand messages keep nobody waiting; and not
/// while other workers have far too much to deliver. Until its slice comes a delivery still counts as
/// queued or in flight, and takes the memory that it took. One per worker, for all of its sessions,
/// one after the other.
class HandOver final : public TurnEndTask {
 public:
  /// Deliveries of one session, sent and not sent.
  struct Left {
    Left() = default;
    Left(mqtt::PublishSender<Delivery> sent, mqtt::RingQueue<Delivery> unsent)
        : sender(std::move(sent)), queue(std::move(unsent)) {}

    mqtt::PublishSender<Delivery> sender;
    mqtt::RingQueue<Delivery> queue;
  };

  explicit HandOver(SessionContext& context) : context_(context) {}
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  /// The session is in no group any more. The first slice is worked through at once, unless others
  /// wait.
  void take(Left left);
  void on_turn_end() override;

  static constexpr std::size_t slice = 256;  ///< deliveries

 private:
  void work();
  bool work_on(Left& left);
  void settle(Delivery delivery, bool may_be_handed_over);

  SessionContext& context_;
  mqtt::RingQueue<Left> waiting_;
};

}  // namespace broker
