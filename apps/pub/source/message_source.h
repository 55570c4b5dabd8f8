#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/protocol/property.h"

namespace pub {

/// A message that is to be published. Views are valid until the source is asked for the next one.
struct OutgoingMessage {
  std::string_view topic;
  std::string_view payload;
  mqtt::Properties properties;
};

/// Where the messages of a run come from, one after the other. Reads no further than it is asked,
/// so that whoever writes to it waits while the broker is slow, and an endless input needs no
/// memory.
class MessageSource {
 public:
  enum class Step {
    message,
    later,   ///< `on_ready` will be called when there is more
    end,     ///< there was no more than that
    failed,  ///< nor will there be more: see `error`
  };

  MessageSource() = default;
  virtual ~MessageSource() = default;
  MessageSource(const MessageSource&) = delete;
  MessageSource& operator=(const MessageSource&) = delete;

  /// Who is told, from the loop, that `next` is worth another try.
  void set_on_ready(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

  virtual Step next(OutgoingMessage& message) = 0;
  /// Nothing more is wanted: lets go of what would call `on_ready`.
  virtual void stop() {}
  /// Whether the message before was certainly the last one.
  virtual bool is_exhausted() const { return false; }
  /// How much of all has been handed out, 0 to 1, where that can be known.
  virtual std::optional<double> share() const { return std::nullopt; }

  const std::string& error() const { return error_; }

 protected:
  Step fail(std::string error) {
    error_ = std::move(error);
    return Step::failed;
  }
  void tell_ready() { on_ready_(); }

 private:
  std::function<void()> on_ready_;
  std::string error_;
};

}  // namespace pub
