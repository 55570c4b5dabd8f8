#include "broker.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>

#include "admin/housekeeping.h"
#include "admin/subscription_listing.h"
#include "runtime/inquiry.h"
#include "worker_rooms.h"

namespace broker {
namespace {

unsigned worker_count(const Config& config) {
  if (config.workers != 0) return config.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

/// All that a configuration needs and that could fail, before anything is changed.
struct Broker::Prepared {
  std::shared_ptr<const Config> for_workers;
  std::shared_ptr<const AccessFiles> files;
  ListenerSet::Change listeners;
};

Broker::Broker(Config config, Log& log, Parts parts)
    : config_(std::move(config)),
      workers_config_(std::make_shared<const Config>(config_)),
      log_(log),
      clock_(parts.clock != nullptr ? *parts.clock : system_clock_),
      metrics_(worker_count(config_)),
      shared_(std::make_unique<SharedRooms>(worker_count(config_), config_)),
      inherited_(std::move(parts.inherited)) {
  shared_->authenticator = std::move(parts.authenticator);
  shared_->authoriser = std::move(parts.authoriser);
  shared_->methods = std::move(parts.methods);
  std::vector<Dispatcher*> dispatchers;
  std::vector<ConnectionTable*> tables;
  for (unsigned i = 0; i < metrics_.worker_count(); ++i) {
    WorkerRooms& rooms = *workers_.emplace_back(std::make_unique<WorkerRooms>(
        i, clock_, log_, metrics_.of_worker(i), *shared_, workers_config_));
    group_.add(rooms.worker);
    dispatchers.push_back(&rooms.dispatcher);
    tables.push_back(&rooms.connections);
  }
  for (auto& rooms : workers_) {
    rooms->dispatcher.connect(dispatchers);
    rooms->connections.connect(tables);
  }
  listeners_ = std::make_unique<ListenerSet>(ListenerSet::Rooms{
      first().context, group_, tables, metrics_, shared_->admission, shared_->opening_budget});
}

Broker::~Broker() {
  stop();
}

WorkerRooms& Broker::first() {
  return *workers_.front();
}

tl::expected<void, StartFailure> Broker::start() {
  for (const std::string& socket : inherited_.drop_unusable()) {
    log_.warning(
        "The service manager passed a socket {} that does not listen for connections: not used.",
        socket);
  }
  auto prepared = prepare(config_, {});
  if (!prepared) return tl::unexpected(std::move(prepared.error()));
  adopt(*prepared);
  for (auto& rooms : workers_) {
    rooms->context.config = workers_config_;
    rooms->use(access_files_, shared_->authoriser.get());
  }
  listeners_->close_leaving(prepared->listeners);
  listeners_->open_new(prepared->listeners);
  for (const std::string& socket : inherited_.left()) {
    log_.warning(
        "The service manager passed a socket {} that no listener of the configuration is for: "
        "nobody serves it.",
        socket);
  }
  housekeeping_ = std::make_unique<Housekeeping>(first().session_context, metrics_, group_);
  first().worker.post(make_letter([this] { housekeeping_->start(); }));
  group_.start();
  running_ = true;
  return {};
}

void Broker::stop() {
  if (!running_) return;
  running_ = false;
  // From here on no letter of the LogTopics comes behind the one that ends it.
  log_.set_topic_sink(nullptr);
  on_every_worker([this](WorkerRooms& rooms) {
    // Who has been sent everything need not close first.
    rooms.worker.loop().set_end_patience(std::chrono::milliseconds(100));
    if (&rooms == &first()) {
      listeners_.reset();
      housekeeping_.reset();
    }
    rooms.sessions.for_each([](Session& session) { session.absence().publish_will_now(); });
  });
  // A worker sends what a turn gathered at its end. Once each has begun another turn, what the
  // Wills became is in the mailboxes of their receivers, before what is posted from now on.
  await_turns();
  end_connections(std::chrono::steady_clock::now() + std::chrono::seconds(3));
  shared_->hashes.stop();
  group_.stop();
}

/// Each round, as a connection may have been on its way from one worker to another in the round
/// before.
void Broker::end_connections(std::chrono::steady_clock::time_point give_up) {
  while (std::chrono::steady_clock::now() < give_up) {
    Inquiry<std::size_t> left(group_, [this](unsigned worker, std::size_t& connections) {
      workers_[worker]->connections.shut_down();
      connections = workers_[worker]->connections.size();
      return true;
    });
    const auto answers = left.wait_until(give_up);
    const bool none_left = std::ranges::all_of(
        answers.parts, [](std::size_t connections) { return connections == 0; });
    if (answers.complete && none_left) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

tl::expected<void, std::vector<std::string>> Broker::reconfigure(Config config) {
  auto prepared = prepare(config, indexes_in_use());
  if (!prepared) {
    std::vector<std::string> errors;
    for (const ConfigError& error : prepared.error().errors) errors.push_back(to_text(error));
    return tl::unexpected(std::move(errors));
  }
  const Config before = std::exchange(config_, std::move(config));
  apply(*prepared, before);
  return {};
}

tl::expected<Broker::Prepared, StartFailure> Broker::prepare(const Config& config,
                                                             const std::vector<bool>& in_use) {
  auto plan = listeners_->plan(config.listeners, in_use);
  if (!plan) {
    StartFailure failure;
    failure.add(ExitCode::start_failed, not_usable("listener", {}, {}, "too many listeners"));
    return tl::unexpected(std::move(failure));
  }
  Config for_workers = config;
  for_workers.listeners = plan->next.listeners();
  const std::vector<const Listener*> leaving = listeners_->leaving(*plan);
  ResourceRequest request;
  request.indexes = plan->opening;
  request.leaving = leaving;
  request.inherited = &inherited_;
  request.files_before = access_files_.get();
  std::vector<ConfigNote> notes;
  auto resources = acquire(for_workers, request, notes);
  for (const ConfigNote& note : notes) log_.write(note.type, "{}", note.text);
  if (!resources) return tl::unexpected(std::move(resources.error()));
  return Prepared{
      std::make_shared<const Config>(std::move(for_workers)),
      std::move(resources->files),
      {std::move(*plan), std::move(resources->transports), std::move(resources->listeners)}};
}

/// What this thread keeps of it, and what has to be there before any worker hears of it.
void Broker::adopt(const Prepared& prepared) {
  workers_config_ = prepared.for_workers;
  access_files_ = prepared.files;
  shared_->admission.make_room(workers_config_->listeners.size());
}

/// First every worker takes the configuration over, so that each knows all listeners that there
/// have been and will be; then the new ones accept. From the first step on no worker lets anyone in
/// by a listener that goes: connections on their way from another worker are met by
/// `check_listener`.
void Broker::apply(Prepared& prepared, const Config& before) {
  const std::shared_ptr<const AccessFiles> files_before = access_files_;
  adopt(prepared);
  on_every_worker([&](WorkerRooms& rooms) {
    rooms.context.config = workers_config_;
    if (&rooms == &first()) {
      listeners_->close_leaving(prepared.listeners);
      housekeeping_->reconfigure(before);
      shared_->opening_budget.set_limit(workers_config_->limits.max_unauthenticated_bytes);
    }
    rooms.use(access_files_, shared_->authoriser.get());
    rooms.connections.check_listeners();
    if (!shared_->authenticator) rooms.connections.check_again(*files_before, *access_files_);
    rooms.sessions.for_each([&heirs = prepared.listeners.plan.heirs](Session& session) {
      session.on_reload(heirs[session.core().listener]);
    });
  });
  on_every_worker([&](WorkerRooms& rooms) {
    if (&rooms == &first()) listeners_->open_new(prepared.listeners);
  });
}

/// Asks the counts first: nobody can come by a listener that is gone and has no connection, so a
/// session that names it is found.
std::vector<bool> Broker::indexes_in_use() {
  const std::size_t indexes = workers_config_->listeners.size();
  std::vector<bool> in_use(indexes);
  for (std::size_t index = 0; index < indexes; ++index)
    in_use[index] = shared_->admission.count(index) != 0;
  if (!listeners_->any_gone()) return in_use;
  Inquiry<std::vector<bool>> named(group_, [&](unsigned worker, std::vector<bool>& part) {
    part.resize(indexes);
    workers_[worker]->sessions.for_each(
        [&part](const Session& session) { part[session.core().listener] = true; });
    return true;
  });
  for (const std::vector<bool>& part : named.wait().parts) {
    for (std::size_t index = 0; index < indexes; ++index)
      in_use[index] = in_use[index] || part[index];
  }
  return in_use;
}

SubscriptionListing Broker::subscription_listing() const {
  std::vector<SessionContext*> contexts;
  for (const auto& rooms : workers_) contexts.push_back(&rooms->session_context);
  return SubscriptionListing(group_, std::move(contexts));
}

void Broker::await_turns() {
  on_every_worker([](WorkerRooms&) {});
}

void Broker::look_at_clock() {
  // What falls due on one worker may be news for another: it is sent before the first worker's
  // second round, and opened before the other's third.
  for (int round = 0; round < 3; ++round) {
    on_every_worker([this](WorkerRooms& rooms) { rooms.worker.timers().advance(clock_.now_ms()); });
  }
}

std::uint16_t Broker::port(std::size_t index) const {
  return listeners_->port(index);
}

void Broker::visit_sessions(const std::function<void(SessionContext&)>& task) {
  on_every_worker([&task](WorkerRooms& rooms) { task(rooms.session_context); });
}

void Broker::on_every_worker(const std::function<void(WorkerRooms&)>& task) {
  broker::on_every_worker(group_, [&](unsigned worker) { task(*workers_[worker]); });
}

}  // namespace broker
