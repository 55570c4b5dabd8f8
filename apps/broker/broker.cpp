#include "broker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <iterator>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "access/files/acl_authoriser.h"
#include "access/files/password_authenticator.h"
#include "access/hash_pool.h"
#include "admin/log_topics.h"
#include "admin/memory_return.h"
#include "admin/memory_watch.h"
#include "admin/retained_purge.h"
#include "admin/subscription_listing.h"
#include "admin/sys_topics.h"
#include "log/line_rate.h"
#include "net/accept_pause.h"
#include "net/connection_table.h"
#include "net/listener.h"
#include "net/listener_transport.h"
#include "net/placement.h"
#include "runtime/heap_account.h"
#include "session/dispatcher.h"
#include "session/session_table.h"

namespace broker {
namespace {

unsigned worker_count(const Config& config) {
  if (config.workers != 0) return config.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

/// Password hashes that are computed at a time: as many as there are processors, since messages go
/// first there; but argon2id takes memory for each.
unsigned hash_threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
}
/// What passwords that wait for their hash may take.
constexpr std::size_t hash_bytes = std::size_t{16} << 20U;

}  // namespace

/// What all workers share; each member guards itself or says who guards it.
struct Broker::Shared {
  Shared(unsigned workers_count, const Config& config)
      : turn_lock(workers_count),
        retained_order(workers_count),
        admission(config.listeners.size()),
        opening_budget(config.limits.max_unauthenticated_bytes) {}

  TurnLock turn_lock;
  SubscriptionTree subscriptions;  ///< guarded by turn_lock
  RetainedTree retained;
  RetainedOrder retained_order;
  ClientDirectory directory;
  Admission admission;
  OpeningBudget opening_budget;
  std::unique_ptr<Authoriser> authoriser;        ///< guards itself; nullptr: the ACL files
  AuthenticationMethods methods;                 ///< read-only once the workers run
  std::unique_ptr<Authenticator> authenticator;  ///< guards itself; nullptr: the password files
  HashPool hashes{hash_threads(), hash_bytes};
  std::vector<Worker*> workers;  ///< read-only
  Placer placer;                 ///< the first worker's
  Listeners listeners;           ///< by place, on the first worker's loop; nullptr: not open
  Transports transports;         ///< by place; the first worker's
  std::unique_ptr<SysTopics> sys_topics;          ///< on the first worker
  std::unique_ptr<RetainedPurge> retained_purge;  ///< on the first worker
  std::unique_ptr<MemoryWatch> memory_watch;      ///< on the first worker
  std::unique_ptr<MemoryReturn> memory_return;    ///< on the first worker
  std::unique_ptr<LogTopics> log_topics;          ///< on the first worker
  InheritedSockets inherited;                     ///< of the thread that opens listeners
  std::unique_ptr<AcceptPause> accept_pause;      ///< on the first worker
  /// Of lines about the lack of descriptors, and about accepting that stops; the first worker's.
  LineRate exhaustion_rate{1, 10'000};
  LineRate accept_pause_rate{1, 10'000};
};

/// Everything that belongs to one worker. Members are in the order of use: later ones know earlier
/// ones, and go first.
struct Broker::WorkerRooms {
  WorkerRooms(unsigned index, const Clock& clock, Log& log, Counters& counters, Shared& shared,
              std::shared_ptr<const Config> config)
      : worker(index, clock),
        trees(shared.turn_lock, index),
        passwords(nobody(), shared.hashes),
        rules(nobody(), log),
        context{worker, log, counters, std::move(config)},
        work(worker),
        ended_subscriptions(work, trees, shared.subscriptions),
        session_context{context, trees, shared.subscriptions, shared.retained, shared.directory,
                        access,  work,  ended_subscriptions,  dispatcher,      sessions},
        sessions(session_context),
        router(shared.subscriptions, trees, worker),
        dispatcher(session_context, router, shared.retained_order),
        pool(worker),
        input(worker),
        connection_context{session_context,
                           pool,
                           input,
                           shared.authenticator ? *shared.authenticator : passwords,
                           shared.methods,
                           shared.admission,
                           shared.opening_budget},
        connections(connection_context),
        end_of_reading(trees) {
    connection_context.table = &connections;
    dispatcher.when_others_have_room([this] { input.release(); });
    // What waits for its turn first: it makes output, and letters.
    worker.add_turn_end_task(input);
    worker.add_turn_end_task(work);
    worker.add_turn_end_task(dispatcher.fan_outs());
    worker.add_turn_end_task(sessions.hand_over());
    // Then letters: an acknowledgement leaves when the message has been handed to other workers.
    // And once more, for the Wills of connections that end with the turn.
    worker.add_turn_end_task(dispatcher);
    worker.add_turn_end_task(connections);
    worker.add_turn_end_task(dispatcher);
    worker.add_turn_end_task(end_of_reading);
  }

  static std::shared_ptr<const AccessFiles> nobody() {
    return std::make_shared<const AccessFiles>();
  }

  /// `own`: an authoriser in place of the files.
  void use(const std::shared_ptr<const AccessFiles>& files, Authoriser* own) {
    passwords.use(files);
    rules.use(files);
    Authoriser* const by_files = files->any_rules() ? &rules : nullptr;
    access.set(own != nullptr ? own : by_files);
  }

  /// Gives the shared trees back to writers before the loop sleeps.
  struct EndOfReading final : TurnEndTask {
    explicit EndOfReading(TurnAccess& access) : trees(access) {}
    void on_turn_end() override { trees.end_turn(); }
    TurnAccess& trees;
  };

  Worker worker;
  TurnAccess trees;
  PasswordAuthenticator passwords;
  AclAuthoriser rules;
  AccessControl access;
  WorkerContext context;
  SlicedWork work;
  EndedSubscriptions ended_subscriptions;
  SessionContext session_context;
  SessionTable sessions;
  Router router;
  Dispatcher dispatcher;
  OutputPool pool;
  InputQueue input;
  ConnectionContext connection_context;
  ConnectionTable connections;
  EndOfReading end_of_reading;
};

struct Broker::Reload {
  ListenerPlaces::Change change;
  std::shared_ptr<const Config> placed;
  StartResources resources;  ///< with the listeners of change.opening
};

Broker::Broker(Config config, Log& log, Parts parts)
    : config_(std::move(config)),
      placed_(std::make_shared<const Config>(config_)),
      places_(config_.listeners),
      log_(log),
      clock_(parts.clock != nullptr ? *parts.clock : system_clock_),
      metrics_(worker_count(config_)),
      shared_(std::make_unique<Shared>(worker_count(config_), config_)) {
  shared_->authenticator = std::move(parts.authenticator);
  shared_->authoriser = std::move(parts.authoriser);
  shared_->methods = std::move(parts.methods);
  shared_->inherited = std::move(parts.inherited);
  const unsigned count = worker_count(config_);
  std::vector<Dispatcher*> dispatchers;
  std::vector<ConnectionTable*> tables;
  for (unsigned i = 0; i < count; ++i) {
    workers_.push_back(
        std::make_unique<WorkerRooms>(i, clock_, log_, metrics_.of_worker(i), *shared_, placed_));
    shared_->workers.push_back(&workers_.back()->worker);
    dispatchers.push_back(&workers_.back()->dispatcher);
    tables.push_back(&workers_.back()->connections);
  }
  for (auto& rooms : workers_) {
    rooms->dispatcher.connect(dispatchers);
    rooms->connections.connect(tables);
  }
}

Broker::~Broker() {
  stop();
}

tl::expected<void, StartFailure> Broker::start() {
  if (config_.listeners.size() > ListenerPlaces::most) {
    StartFailure failure;
    failure.add(ExitCode::start_failed, not_usable("listener", {}, {}, "too many listeners"));
    return tl::unexpected(std::move(failure));
  }
  for (const std::string& socket : shared_->inherited.drop_unusable()) {
    log_.warning(
        "The service manager passed a socket {} that does not listen for connections: not used.",
        socket);
  }
  ResourceRequest request = ResourceRequest::all_of(config_);
  request.inherited = &shared_->inherited;
  auto resources = acquire_logged(config_, request);
  if (!resources) return tl::unexpected(std::move(resources.error()));
  access_files_ = std::move(resources->files);
  shared_->transports = std::move(resources->transports);
  for (auto& rooms : workers_) rooms->use(access_files_, shared_->authoriser.get());
  start_listeners(request.places, std::move(resources->listeners));
  for (const std::string& socket : shared_->inherited.left()) {
    log_.warning(
        "The service manager passed a socket {} that no listener of the configuration is for: "
        "nobody serves it.",
        socket);
  }
  WorkerRooms& first = *workers_.front();
  shared_->sys_topics = std::make_unique<SysTopics>(first.session_context, metrics_);
  shared_->retained_purge = std::make_unique<RetainedPurge>(first.session_context);
  shared_->memory_watch = std::make_unique<MemoryWatch>(first.session_context, metrics_);
  shared_->memory_return = std::make_unique<MemoryReturn>(first.session_context, shared_->workers);
  shared_->log_topics = std::make_unique<LogTopics>(first.session_context);
  shared_->accept_pause =
      std::make_unique<AcceptPause>(first.worker.loop(), shared_->opening_budget,
                                    [this](bool paused) { pause_listeners(paused); });
  first.worker.post(make_letter([this] {
    shared_->memory_watch->configure();
    shared_->sys_topics->start();
    shared_->retained_purge->start();
    shared_->memory_return->start();
  }));
  for (auto& rooms : workers_) rooms->worker.start();
  running_ = true;
  return {};
}

tl::expected<StartResources, StartFailure> Broker::acquire_logged(const Config& config,
                                                                  const ResourceRequest& request) {
  std::vector<ConfigNote> notes;
  auto resources = acquire(config, request, notes);
  for (const ConfigNote& note : notes) log_.write(note.type, "{}", note.text);
  return resources;
}

/// On the first worker's thread, or before it runs.
void Broker::start_listeners(std::span<const std::uint16_t> places, Listeners opened) {
  shared_->listeners.resize(std::max(shared_->listeners.size(), places_.listeners().size()));
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!opened[i]) continue;
    const std::uint16_t place = places[i];
    Listener::Events events;
    events.on_accept = [this, place](int fd) { accept(place, fd); };
    events.on_exhausted = [this](const std::string& reason) { report_exhaustion(reason); };
    opened[i]->share_port(false);
    for (const std::string& address : opened[i]->addresses())
      log_.information("Listening on {}.", address);
    opened[i]->start(workers_.front()->worker.loop(), events);
    shared_->listeners[place] = std::move(opened[i]);
  }
}

/// On the first worker's thread.
void Broker::close_listeners(std::span<const std::uint16_t> places) {
  for (const std::uint16_t place : places) {
    const std::unique_ptr<Listener> leaving = std::move(shared_->listeners[place]);
    if (!leaving) continue;
    for (const std::string& address : leaving->addresses())
      log_.information("No longer listening on {}.", address);
  }
}

/// On the first worker's thread, as often as connections are turned away: told now and then.
void Broker::report_exhaustion(const std::string& reason) {
  if (!shared_->exhaustion_rate.allows(workers_.front()->worker.now())) return;
  const std::uint64_t untold = shared_->exhaustion_rate.take_left_out();
  log_.warning(
      "Unable to accept new connections, system socket count has been exceeded: {}.{}", reason,
      untold == 0 ? std::string()
                  : fmt::format(" It was so {} more times since the last such line.", untold));
}

/// On the first worker's thread.
void Broker::pause_listeners(bool paused) {
  for (const auto& listener : shared_->listeners) {
    if (listener) paused ? listener->pause() : listener->resume();
  }
}

/// On the first worker's thread.
void Broker::report_accept_pause() {
  if (!shared_->accept_pause_rate.allows(workers_.front()->worker.now())) return;
  log_.warning(
      "Connections that have not logged in yet hold {} bytes (max_unauthenticated_bytes {}): new "
      "ones wait until some of it is free.",
      shared_->opening_budget.used(), shared_->opening_budget.limit());
}

/// On the first worker's thread.
void Broker::accept(std::size_t listener, int fd) {
  WorkerContext& here = workers_.front()->context;
  here.counters.add(Count::sockets_accepted);
  const Config& config = *here.config;
  const ListenerConfig& rules = config.listeners[listener];
  if (heap_account.exhausted()) {  // see MemoryWatch, which tells of it
    here.counters.add(Count::memory_refused_sockets);
    ::close(fd);
    return;
  }
  if (!shared_->admission.enter(listener, rules.max_connections,
                                config.limits.global_max_connections)) {
    ::close(fd);
    if (config.connection_messages)
      log_.notice("Connection to {} denied: too many connections.", name(rules));
    return;
  }
  const std::shared_ptr<const ListenerTransport> transport = shared_->transports[listener];
  const std::uint32_t opening_bytes = transport->opening_bytes();
  shared_->opening_budget.add(opening_bytes);
  Worker& chosen = shared_->placer.choose(shared_->workers, metrics_, config.placement);
  WorkerRooms& rooms = *workers_[chosen.index()];
  const auto admit = [&rooms, fd, listener, opening_bytes, transport] {
    Connection& connection =
        rooms.connections.add(transport->open(rooms.worker.loop(), fd),
                              static_cast<std::uint16_t>(listener), opening_bytes);
    connection.start();
  };
  if (&rooms == workers_.front().get()) {
    admit();
  } else {
    chosen.post(make_letter(admit));
  }
  if (shared_->accept_pause->stops_now()) report_accept_pause();
}

void Broker::stop() {
  if (!running_) return;
  running_ = false;
  // From here on no letter of the LogTopics comes behind the one that ends it.
  log_.set_topic_sink(nullptr);
  on_every_worker([this](WorkerRooms& rooms) {
    // Who has been sent everything need not close first.
    rooms.worker.loop().set_end_patience(std::chrono::milliseconds(100));
    if (&rooms == workers_.front().get()) {
      shared_->listeners.clear();
      shared_->accept_pause.reset();
      shared_->log_topics.reset();
      shared_->memory_watch.reset();
      shared_->memory_return.reset();
      shared_->sys_topics.reset();
      shared_->retained_purge.reset();
    }
    rooms.sessions.for_each([](Session& session) { session.absence().publish_will_now(); });
  });
  // A worker sends what a turn gathered at its end. Once each has begun another turn, what the
  // Wills became is in the mailboxes of their receivers, before what is posted from now on.
  await_turns();
  using namespace std::chrono;
  const auto give_up = steady_clock::now() + seconds(3);
  // Each round, as a connection may have been on its way from one worker to another in the round
  // before.
  for (bool empty = false; !empty && steady_clock::now() < give_up;) {
    std::atomic<std::size_t> left{0};
    on_every_worker([&left](WorkerRooms& rooms) {
      rooms.connections.shut_down();
      left += rooms.connections.size();
    });
    empty = left == 0;
    if (!empty) std::this_thread::sleep_for(milliseconds(5));
  }
  shared_->hashes.stop();
  for (auto& rooms : workers_) rooms->worker.stop();
  for (auto& rooms : workers_) rooms->worker.join();
}

tl::expected<void, std::vector<std::string>> Broker::reconfigure(Config config) {
  auto reload = prepare(config);
  if (!reload) return tl::unexpected(std::move(reload.error()));
  const Config before = std::exchange(config_, std::move(config));
  apply(std::move(*reload), before);
  return {};
}

tl::expected<Broker::Reload, Broker::Errors> Broker::prepare(const Config& config) {
  auto change = places_.change_to(config.listeners, places_in_use());
  if (!change) return tl::unexpected(Errors{"too many listeners"});
  Config placed = config;
  placed.listeners = change->next.listeners();
  std::vector<const Listener*> leaving;
  for (const std::uint16_t place : change->closing) {
    if (const auto& listener = shared_->listeners[place]) leaving.push_back(listener.get());
  }
  ResourceRequest request;
  request.places = change->opening;
  request.leaving = leaving;
  request.inherited = &shared_->inherited;
  request.files_before = access_files_.get();
  auto resources = acquire_logged(placed, request);
  if (!resources) {
    Errors errors;
    for (const ConfigError& error : resources.error().errors) errors.push_back(to_text(error));
    return tl::unexpected(std::move(errors));
  }
  return Reload{std::move(*change), std::make_shared<const Config>(std::move(placed)),
                std::move(*resources)};
}

/// First every worker takes the configuration over, so that each knows all listeners that there
/// have been and will be; then the new ones accept. From the first step on no worker lets anyone in
/// by a listener that goes: connections on their way from another worker are met by
/// `check_listener`.
void Broker::apply(Reload reload, const Config& before) {
  places_ = reload.change.next;
  placed_ = reload.placed;
  const std::shared_ptr<const AccessFiles> files_before =
      std::exchange(access_files_, reload.resources.files);
  shared_->admission.make_room(placed_->listeners.size());
  on_every_worker([&](WorkerRooms& rooms) {
    rooms.context.config = placed_;
    if (&rooms == workers_.front().get()) {
      close_listeners(reload.change.closing);
      shared_->transports = std::move(reload.resources.transports);
      if (before.sys_interval_s != placed_->sys_interval_s) shared_->sys_topics->change_interval();
      if (before.delivery.retain_expiry_interval_s != placed_->delivery.retain_expiry_interval_s) {
        shared_->retained_purge->start();
      }
      shared_->memory_watch->configure();
      shared_->opening_budget.set_limit(placed_->limits.max_unauthenticated_bytes);
    }
    rooms.use(access_files_, shared_->authoriser.get());
    rooms.connections.check_listeners();
    if (!shared_->authenticator) rooms.connections.check_again(*files_before, *access_files_);
    rooms.sessions.for_each([&heirs = reload.change.heirs](Session& session) {
      session.on_reload(heirs[session.core().listener]);
    });
  });
  on_first_worker(
      [&] { start_listeners(reload.change.opening, std::move(reload.resources.listeners)); });
}

/// Asks the counts first: nobody can come by a listener that is gone and has no connection, so a
/// session that names it is found.
std::vector<bool> Broker::places_in_use() {
  const std::size_t places = placed_->listeners.size();
  std::vector<bool> in_use(places);
  for (std::size_t place = 0; place < places; ++place)
    in_use[place] = shared_->admission.count(place) != 0;
  const bool any_gone = std::ranges::any_of(placed_->listeners, &ListenerConfig::gone);
  if (!any_gone) return in_use;
  std::mutex mutex;
  on_every_worker([&](WorkerRooms& rooms) {
    std::vector<bool> named(places);
    rooms.sessions.for_each([&](const Session& session) { named[session.core().listener] = true; });
    const std::scoped_lock guard(mutex);
    for (std::size_t place = 0; place < places; ++place)
      in_use[place] = in_use[place] || named[place];
  });
  return in_use;
}

SubscriptionListing Broker::subscription_listing() const {
  std::vector<SessionContext*> contexts;
  for (const auto& rooms : workers_) contexts.push_back(&rooms->session_context);
  return SubscriptionListing(std::move(contexts));
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
  const auto& listener = shared_->listeners.at(places_.place(index));
  return listener ? listener->port() : std::uint16_t{0};
}

void Broker::visit_sessions(const std::function<void(SessionContext&)>& task) {
  on_every_worker([&task](WorkerRooms& rooms) { task(rooms.session_context); });
}

void Broker::on_every_worker(const std::function<void(WorkerRooms&)>& task) {
  std::vector<std::promise<void>> done(workers_.size());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    WorkerRooms& rooms = *workers_[i];
    rooms.worker.post(make_letter([&rooms, &task, &finished = done[i]] {
      task(rooms);
      finished.set_value();
    }));
  }
  for (auto& finished : done) finished.get_future().wait();
}

void Broker::on_first_worker(const std::function<void()>& task) {
  std::promise<void> done;
  workers_.front()->worker.post(make_letter([&task, &done] {
    task();
    done.set_value();
  }));
  done.get_future().wait();
}

}  // namespace broker
