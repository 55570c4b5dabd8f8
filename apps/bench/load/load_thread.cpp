#include "bench/load/load_thread.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds connect_tick{1};
constexpr milliseconds retry_delay{100};
constexpr milliseconds housekeeping_interval{250};
constexpr Nanoseconds write_off_patience = nanoseconds_per_second;
constexpr std::size_t most_failure_texts = 5;

}  // namespace

SharedLedgers shared_ledgers(const LoadPlan& plan) {
  const std::uint32_t senders = plan.publishers() == nullptr ? 0 : plan.publishers()->size;
  const auto users = plan.threads > 1 ? Ledger::Users::several_threads : Ledger::Users::one_thread;
  SharedLedgers ledgers;
  for (const ClientGroup& group : plan.groups) {
    const bool has_one = group.shares && !group.responds;
    ledgers.push_back(has_one ? std::make_shared<Ledger>(0, senders, users) : nullptr);
  }
  return ledgers;
}

LoadThread::LoadThread(const LoadPlan& plan, unsigned number, const SharedLedgers& ledgers,
                       const std::vector<std::unique_ptr<LoadThread>>& threads)
    : plan_(plan),
      number_(number),
      threads_(threads),
      mailbox_(loop_),
      payload_(plan.payload),
      due_(loop_, [this] { on_due(); }),
      connect_timer_(loop_, [this] { start_connects(); }),
      housekeeping_(loop_, [this] { on_housekeeping(); }),
      after_events_(cli::make_loop_handle<uv_check_t>(loop_, uv_check_init, this)),
      before_waiting_(cli::make_loop_handle<uv_prepare_t>(loop_, uv_prepare_init, this)) {
  uv_check_start(after_events_.get(),
                 [](uv_check_t* handle) { static_cast<LoadThread*>(handle->data)->on_turn(); });
  uv_prepare_start(before_waiting_.get(),
                   [](uv_prepare_t* handle) { static_cast<LoadThread*>(handle->data)->on_turn(); });
  make_clients(ledgers);
}

LoadThread::~LoadThread() {
  stop();
}

void LoadThread::make_clients(const SharedLedgers& ledgers) {
  const ClientGroup* const publishers = plan_.publishers();
  sender_by_number_.resize(publishers == nullptr ? 0 : publishers->size);
  credits_.resize(sender_by_number_.size());
  for (std::size_t i = 0; i < plan_.groups.size(); ++i) {
    const ClientGroup& group = plan_.groups[i];
    for (std::uint32_t index = number_; index < group.size; index += plan_.threads) {
      std::shared_ptr<Ledger> ledger = ledgers[i] ? ledgers[i] : own_ledger(group, index);
      clients_.push_back(std::make_unique<LoadClient>(*this, group, index, std::move(ledger)));
      Sender* const sender = clients_.back()->sender();
      if (sender == nullptr) continue;
      senders_.push_back(sender);
      sender_by_number_[index] = sender;
    }
  }
}

/// Of one receiver; nullptr where nobody knows who sends to it.
std::shared_ptr<Ledger> LoadThread::own_ledger(const ClientGroup& group,
                                               std::uint32_t index) const {
  switch (group.senders) {
    case ClientGroup::Senders::same_index:
      return std::make_shared<Ledger>(index, 1);
    case ClientGroup::Senders::all:
      return std::make_shared<Ledger>(0, static_cast<std::uint32_t>(credits_.size()));
    case ClientGroup::Senders::unknown:
      break;
  }
  return nullptr;
}

void LoadThread::start() {
  thread_ = std::thread([this] { run(); });
}

void LoadThread::stop() {
  if (!thread_.joinable()) return;
  post([this] { loop_.stop(); });
  thread_.join();
}

void LoadThread::run() {
  thread_id_ = ::gettid();
  housekeeping_.start(housekeeping_interval, housekeeping_interval);
  loop_.run();
  housekeeping_.stop();
}

/// libuv could tell how long it has waited, but polls twice as often when it is to know that.
Nanoseconds LoadThread::busy_time() const {
  std::ifstream file(fmt::format("/proc/self/task/{}/schedstat", thread_id_.load()));
  Nanoseconds ran = 0;
  Nanoseconds waited = 0;  // for a processor
  file >> ran >> waited;
  return ran + waited;
}

// --- a turn of the loop ----------------------------------------------------------------------

void LoadThread::on_turn() {
  // Whatever woke the thread: what has become due meanwhile leaves with the rest.
  if (sending_ && next_due_ <= now()) on_due();
  return_credits();
  pumping_.swap(to_pump_);
  for (Sender* const sender : pumping_) {
    sender->is_marked_ready = false;
    sender->pump();
  }
  pumping_.clear();
  report_progress();
}

void LoadThread::pump_later(Sender& sender) {
  if (std::exchange(sender.is_marked_ready, true)) return;
  to_pump_.push_back(&sender);
}

void LoadThread::credit(std::uint32_t sender, std::uint64_t count) {
  if (sender >= sender_by_number_.size()) return;
  if (Sender* const here = sender_by_number_[sender]) {
    here->on_delivered(count);
    return pump_later(*here);
  }
  if (credits_[sender] == 0) credited_.push_back(sender);
  credits_[sender] += count;
}

/// One message per thread and turn for what was delivered here and sent there.
void LoadThread::return_credits() {
  if (credited_.empty()) return;
  std::vector<std::vector<std::pair<std::uint32_t, std::uint64_t>>> by_thread(plan_.threads);
  for (const std::uint32_t sender : credited_) {
    by_thread[sender % plan_.threads].emplace_back(sender, std::exchange(credits_[sender], 0));
  }
  credited_.clear();
  for (unsigned i = 0; i < plan_.threads; ++i) {
    if (by_thread[i].empty()) continue;
    LoadThread& thread = *threads_[i];
    thread.post([&thread, credits = std::move(by_thread[i])] {
      for (const auto& [sender, count] : credits) thread.credit(sender, count);
    });
  }
}

void LoadThread::report_progress() {
  LoadProgress now = state_;
  now.delivered = tally_.all_delivered;
  progress_.store(now);
}

void LoadThread::on_housekeeping() {
  for (Sender* const sender : senders_) sender->write_off(write_off_patience);
}

void LoadThread::note_failure(std::string text) {
  if (failure_texts_.size() == most_failure_texts) return;
  if (std::find(failure_texts_.begin(), failure_texts_.end(), text) != failure_texts_.end()) return;
  failure_texts_.push_back(std::move(text));
}

// --- steps -----------------------------------------------------------------------------------

void LoadThread::connect(std::size_t group) {
  for_each_client(group, [this](LoadClient& client) { to_connect_.push_back(&client); });
  connects_since_ = now();
  connects_begun_ = 0;
  start_connects();
}

/// As many as the rate and the limit of attempts under way allow.
void LoadThread::start_connects() {
  const Nanoseconds present = now();
  const double rate = plan_.connect_rate.value_or(0) / plan_.threads;
  while (!to_connect_.empty() && connecting_ < plan_.connects_at_once) {
    if (plan_.connect_rate && static_cast<double>(connects_begun_) >=
                                  to_seconds(present - connects_since_).count() * rate) {
      break;
    }
    LoadClient& client = *to_connect_.front();
    to_connect_.pop_front();
    ++connecting_;
    ++connects_begun_;
    client.connect();
  }
  if (to_connect_.empty()) return connect_timer_.stop();
  if (!connect_timer_.is_active()) connect_timer_.start(connect_tick, connect_tick);
}

void LoadThread::on_connect_over() {
  --connecting_;
}

void LoadThread::connect_again(LoadClient& client) {
  to_connect_.push_back(&client);
  if (!connect_timer_.is_active()) connect_timer_.start(retry_delay, connect_tick);
}

void LoadThread::subscribe(std::size_t group) {
  for_each_client(group, [](LoadClient& client) { client.subscribe(); });
}

void LoadThread::disconnect(std::size_t group) {
  for_each_client(group, [](LoadClient& client) { client.disconnect(); });
}

void LoadThread::drop(std::size_t group) {
  for_each_client(group, [](LoadClient& client) { client.drop(); });
}

void LoadThread::stall() {
  for (const auto& client : clients_) {
    if (client->group().stalls) client->pause();
  }
}

void LoadThread::forget(std::size_t group) {
  std::erase_if(to_connect_,
                [&](const LoadClient* client) { return &client->group() == &plan_.groups[group]; });
  for_each_client(group, [this](LoadClient& client) {
    if (!client.may_have_session()) return;
    client.forget();
    ++state_.to_undo;
    to_connect_.push_back(&client);
  });
  connects_since_ = now();
  connects_begun_ = 0;
  start_connects();
}

void LoadThread::begin_measuring() {
  measuring_ = has_measured_ = true;
  for (const auto& client : clients_) {
    if (Receiver* const receiver = client->receiver()) receiver->open_ledger().begin_again();
  }
}

// --- sending ---------------------------------------------------------------------------------

void LoadThread::begin_sending(std::optional<std::uint64_t> limit, std::uint32_t receivers,
                               const std::optional<Pacer>& timetable) {
  for (Sender* const sender : senders_) sender->begin(limit, receivers);
  if (!timetable || senders_.empty()) return;
  timetable_ = timetable;
  next_turn_ = 0;
  next_sender_ = 0;
  sending_ = true;
  on_due();
}

void LoadThread::end_sending(Nanoseconds end) {
  if (!std::exchange(sending_, false)) {
    for (Sender* const sender : senders_) sender->end();
    return;
  }
  due_.stop();
  deal_due(end - 1);
  for (Sender* const sender : senders_) sender->end_after_due();
}

void LoadThread::stop_sending() {
  sending_ = false;
  due_.stop();
  for (Sender* const sender : senders_) {
    tally_.unsent += sender->unsent();
    sender->end();
  }
}

void LoadThread::clear_retained() {
  for (Sender* const sender : senders_) sender->begin_clearing();
}

void LoadThread::on_due() {
  if (!sending_) return;
  next_due_ = deal_due(now());
  if (next_due_ == Pacer::never) return;
  const Nanoseconds present = now();
  due_.start(std::chrono::nanoseconds(next_due_ > present ? next_due_ - present : 0));
}

/// Deals out what is due until then, in the order of the timetable; when the next one is due.
Nanoseconds LoadThread::deal_due(Nanoseconds until) {
  for (;;) {
    Sender& sender = *senders_[next_sender_];
    const Nanoseconds due = timetable_->due(sender.number(), next_turn_);
    if (due > until) return due;
    sender.owe();
    pump_later(sender);
    if (++next_sender_ < senders_.size()) continue;
    next_sender_ = 0;
    ++next_turn_;
  }
}

}  // namespace bench
