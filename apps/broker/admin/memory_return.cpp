#include "admin/memory_return.h"

#include <algorithm>
#include <chrono>

namespace broker {
namespace {

constexpr int longest_wait = 12;        ///< intervals: a minute
constexpr double quiet_load = 0.5;      ///< of a worker
constexpr Millis rest_per_cost = 1000;  ///< at most a thousandth of the time

}  // namespace

MemoryReturn::MemoryReturn(SessionContext& context, const std::vector<Worker*>& workers)
    : context_(context), workers_(workers), resident_at_start_(HeapTrim::resident()) {}

MemoryReturn::~MemoryReturn() {
  if (thread_.joinable()) thread_.join();
}

void MemoryReturn::arm() {
  context_.here.worker.timers().arm(*this, context_.here.worker.now() + interval_ms);
}

void MemoryReturn::on_timer() {
  if (!busy_ && is_due()) run();
  arm();
}

bool MemoryReturn::is_due() {
  const bool worth_a_look = context_.here.worker.now() >= ran_at_ + rest_per_cost * cost_ &&
                            HeapTrim::resident() >= resident_at_start_ + HeapTrim::worth_it;
  if (!worth_a_look) {
    waited_ = 0;
    return false;
  }
  return is_quiet() || ++waited_ >= longest_wait;
}

bool MemoryReturn::is_quiet() const {
  return std::ranges::all_of(workers_,
                             [](const Worker* worker) { return worker->load() < quiet_load; });
}

void MemoryReturn::run() {
  waited_ = 0;
  if (thread_.joinable()) thread_.join();
  busy_ = true;
  ran_at_ = context_.here.worker.now();
  thread_ = std::thread([this] {
    using std::chrono::steady_clock;
    const auto begin = steady_clock::now();
    trim_.run();
    cost_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin).count();
    busy_ = false;
  });
}

}  // namespace broker
