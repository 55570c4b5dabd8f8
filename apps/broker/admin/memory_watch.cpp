#include "admin/memory_watch.h"

#include "runtime/heap_account.h"

namespace broker {

MemoryWatch::~MemoryWatch() {
  heap_account.set_limit(0);
}

void MemoryWatch::configure() {
  const std::uint64_t limit = context_.here.config->memory_limit_bytes;
  if (limit == 0 && heap_account.limit() == 0) return;
  heap_account.set_limit(limit);
  tell();
  if (limit == 0) {
    context_.here.worker.timers().disarm(*this);
  } else {
    context_.here.worker.timers().arm(*this, context_.here.worker.now() + interval_ms);
  }
}

void MemoryWatch::on_timer() {
  heap_account.measure();
  tell();
  context_.here.worker.timers().arm(*this, context_.here.worker.now() + interval_ms);
}

void MemoryWatch::tell() {
  if (heap_account.exhausted() == exhausted_) return;
  exhausted_ = !exhausted_;
  if (exhausted_) {
    context_.here.log.warning(
        "The memory_limit of {} bytes is reached ({} are in use): new connections, messages and "
        "subscriptions are refused.",
        heap_account.limit(), heap_account.bytes());
    return;
  }
  const Refused now = refused();
  Refused since{};
  for (std::size_t i = 0; i < since.size(); ++i) since[i] = now[i] - told_[i];
  told_ = now;
  context_.here.log.notice(
      "There is memory again ({} bytes are in use). Meanwhile {} connections, {} sessions, {} "
      "messages "
      "and {} subscriptions were refused, and {} clients disconnected.",
      heap_account.bytes(), since[0], since[1], since[2], since[3], since[4]);
}

MemoryWatch::Refused MemoryWatch::refused() const {
  return {metrics_.total(Count::memory_refused_sockets),
          metrics_.total(Count::memory_refused_sessions),
          metrics_.total(Count::memory_refused_publishes),
          metrics_.total(Count::memory_refused_subscriptions),
          metrics_.total(Count::memory_closed_connections)};
}

}  // namespace broker
