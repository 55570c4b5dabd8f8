#pragma once

#include <cstdint>

#include "mqtt/io/stream.h"

namespace mqtt::io {

/// Implements two guarantees of Stream. Handlers are never called during a call into the stream:
/// the call is deferred to the loop's next turn. The owner may drop the stream at any time: the
/// object lives as long as something holds it (a handle that is still closing, a deferred call, a
/// handler call in progress) and deletes itself with the last hold.
class DeferringStream : public Stream {
 public:
  void set_handler(StreamHandler* handler) final { handler_ = handler; }

 protected:
  /// Keeps a stream alive for a scope.
  class Hold {
   public:
    explicit Hold(DeferringStream& stream) : stream_(stream) { stream_.hold(); }
    ~Hold() { stream_.release(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    DeferringStream& stream_;
  };

  void hold() { ++holds_; }
  /// Deletes the object with the last hold: must be the caller's last statement.
  void release();

  /// Schedules `on_deferred` for the loop's next turn, once, however often it is called.
  void defer(Loop& loop);
  /// The stream determines what it had deferred. Not called after the owner has dropped it.
  virtual void on_deferred() = 0;
  /// The same for expensive work, see Loop::defer_costly.
  void defer_costly(Loop& loop);
  virtual void on_costly_turn() {}

  /// Closes the layer below immediately: the owner has dropped the stream.
  virtual void abandon() = 0;

  /// nullptr after the last call to the handler.
  StreamHandler* handler() const { return handler_; }
  /// Calls the handler's `on_end`, its last call.
  void tell_end(const StreamEnd& end);
  /// The handler is not called any more.
  void silence() { handler_ = nullptr; }

 private:
  void close_and_delete() final;
  static void run_deferred(void* object);
  static void run_costly(void* object);

  StreamHandler* handler_ = nullptr;
  std::uint16_t holds_ = 1;  // the owner's
  bool deferred_ : 1 = false;
  bool costly_deferred_ : 1 = false;
  bool dropped_ : 1 = false;
};

}  // namespace mqtt::io
