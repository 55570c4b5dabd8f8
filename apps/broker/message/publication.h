#pragma once

#include <utility>

#include "message/message.h"
#include "message/wire_forms.h"

namespace broker {

/// One message on its way to its receivers, on one worker, during one call chain. Becomes a Message
/// (shared, counted) only when someone must keep it: a queue, a flow, the retained tree, another
/// worker, or an output that shares a large payload.
class Publication {
 public:
  /// A message fresh from the wire.
  explicit Publication(const MessageView& view) : view_(view) {}
  /// One that is kept already.
  explicit Publication(MessagePtr message) : view_(message->view()), message_(std::move(message)) {}
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  const MessageView& view() const { return view_; }
  const MessagePtr& message() {
    if (!message_) message_ = Message::create(view_);
    return message_;
  }
  /// A reference for the receiver that now has the message. The only one gets the publication's
  /// own: to count references up and down with locked instructions would cost more than all else
  /// that is done for a message. `view` stays good for as long as that receiver keeps it.
  MessagePtr keep() {
    if (!only_) return message();
    return message_ ? std::exchange(message_, {}) : Message::create(view_);
  }
  /// One receiver will keep the message at most (a share group is one).
  void only_receiver() { only_ = true; }

  /// Several receivers are to come: their encodings are kept in `forms`, the worker's scratch.
  void keep_forms(WireForms& forms) {
    forms.reset();
    forms_ = &forms;
  }
  /// nullptr: not worth keeping encodings, there is one receiver.
  WireForms* forms() const { return forms_; }

 private:
  MessageView view_;
  MessagePtr message_;
  WireForms* forms_ = nullptr;
  bool only_ = false;
};

}  // namespace broker
