#pragma once

#include <utility>

#include "message/message.h"
#include "message/wire_forms.h"

namespace broker {

/// One message on its way to its receivers, on one worker, during one call chain. It becomes a
/// Message (shared, counted) only if something keeps it: a queue, a flow, the retained tree,
/// another worker, or an output that shares a large payload.
class Publication {
 public:
  /// A message just received.
  explicit Publication(const MessageView& view) : view_(view) {}
  /// A message that is kept already.
  explicit Publication(MessagePtr message) : view_(message->view()), message_(std::move(message)) {}
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  const MessageView& view() const { return view_; }
  const MessagePtr& message() {
    if (!message_) message_ = Message::create(view_);
    return message_;
  }
  /// A reference for a receiver of the message. A single receiver gets the publication's own:
  /// counting references with locked instructions would cost more than everything else that is done
  /// for a message. `view` stays valid as long as that receiver keeps the message.
  MessagePtr keep() {
    if (!only_) return message();
    return message_ ? std::exchange(message_, {}) : Message::create(view_);
  }
  /// At most one receiver will keep the message (a share group is one).
  void only_receiver() { only_ = true; }

  /// Several receivers will follow: their encodings are kept in `forms`, the worker's scratch
  /// memory.
  void keep_forms(WireForms& forms) {
    forms.reset();
    forms_ = &forms;
  }
  /// nullptr: there is one receiver, and no need to keep encodings.
  WireForms* forms() const { return forms_; }

 private:
  MessageView view_;
  MessagePtr message_;
  WireForms* forms_ = nullptr;
  bool only_ = false;
};

}  // namespace broker
