#include "mqtt/io/deferring_stream.h"

#include <utility>

#include "mqtt/io/loop.h"

namespace mqtt::io {

void DeferringStream::release() {
  if (--holds_ == 0) delete this;
}

void DeferringStream::defer(Loop& loop) {
  if (deferred_) return;
  deferred_ = true;
  hold();
  loop.defer(&DeferringStream::run_deferred, this);
}

void DeferringStream::run_deferred(void* object) {
  auto* stream = static_cast<DeferringStream*>(object);
  stream->deferred_ = false;
  if (!stream->dropped_) stream->on_deferred();
  stream->release();
}

void DeferringStream::defer_costly(Loop& loop) {
  if (costly_deferred_) return;
  costly_deferred_ = true;
  hold();
  loop.defer_costly(&DeferringStream::run_costly, this);
}

void DeferringStream::run_costly(void* object) {
  auto* stream = static_cast<DeferringStream*>(object);
  stream->costly_deferred_ = false;
  if (!stream->dropped_) stream->on_costly_turn();
  stream->release();
}

void DeferringStream::tell_end(const StreamEnd& end) {
  StreamHandler* const told = std::exchange(handler_, nullptr);
  if (told != nullptr) told->on_end(end);
}

void DeferringStream::close_and_delete() {
  dropped_ = true;
  silence();
  abandon();
  release();
}

}  // namespace mqtt::io
