#pragma once

#include <cstdint>

#include "mqtt/io/stream.h"

namespace mqtt::io {

/// What every stream needs to keep two promises of Stream. No handler call comes from inside a call
/// into the stream: it is put off to the loop's next turn. The owner may drop the stream at any
/// moment: the object lives on while somebody holds it (a handle that is still closing, a call that
/// was put off, a handler call under way) and deletes itself with the last hold.
class DeferringStream : public Stream {
 public:
  void set_handler(StreamHandler* handler) final { handler_ = handler; }

 protected:
  /// Keeps a stream from being deleted for the length of a scope.
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
  /// Deletes the object with the last hold: the last statement of whoever calls it.
  void release();

  /// Has `on_deferred` called in the loop's next turn, once however often it is asked for.
  void defer(Loop& loop);
  /// The stream finds out itself what it had put off. Not called once the owner has dropped it.
  virtual void on_deferred() = 0;
  /// The same for work that takes a while, see Loop::defer_costly.
  void defer_costly(Loop& loop);
  virtual void on_costly_turn() {}

  /// Closes what lies below, at once: the owner has dropped the stream.
  virtual void abandon() = 0;

  /// Who is told; nullptr when nobody is any more.
  StreamHandler* handler() const { return handler_; }
  /// Tells the handler that the stream is over, as the last thing that it hears.
  void tell_end(const StreamEnd& end);
  /// Nobody is told anything from here on.
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
