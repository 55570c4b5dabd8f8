#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "message.h"
#include "routing/match.h"
#include "routing/router.h"
#include "runtime/worker.h"
#include "session/publication.h"
#include "session/session_context.h"
#include "session/wire_forms.h"

namespace broker {

class DeliveryLetter;

/// Where a message meets its receivers: those of this worker at once, those of other workers by one
/// letter per worker and loop turn. One per worker.
class Dispatcher final : public TurnEndTask {
 public:
  Dispatcher(SessionContext& context, Router& router);
  ~Dispatcher();
  /// All workers' dispatchers, by worker index, before any worker starts.
  void connect(std::vector<Dispatcher*> dispatchers);

  /// Delivers the message to everyone whose subscription matches, then keeps it if it is retained.
  /// False if there was no matching subscription. Nested calls (a Will that becomes due meanwhile)
  /// do not happen: nothing that deliver does ends a session at once.
  bool publish(Publication& publication);

  /// Offers the message to the members of the group from `first` on, `tries` of them, until one
  /// takes it; goes on by letter where a member lives on another worker.
  void offer(Publication& publication, const ShareGroupPtr& group, std::uint32_t first,
             std::uint32_t tries);

  /// The receivers of a message that are on this worker.
  void deliver_here(Publication& publication, std::span<const Receiver> receivers);

  /// Posts what the turn has gathered so far. Before any acknowledgement is written: its message
  /// has then been handed to every receiver's worker. [MQTT-4.3.2-4]
  void post_letters();
  void on_turn_end() override { post_letters(); }

 private:
  DeliveryLetter& letter_to(std::uint16_t worker);

  SessionContext& context_;
  Router& router_;
  WireForms forms_;
  std::uint64_t fan_outs_ = 0;  ///< numbers the calls of deliver_here
  std::vector<Dispatcher*> dispatchers_;
  std::vector<std::unique_ptr<DeliveryLetter>> letters_;  ///< by worker; nullptr: nothing gathered
};

}  // namespace broker
