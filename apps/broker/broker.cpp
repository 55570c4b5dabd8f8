#include "broker.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "admin/retained_purge.h"
#include "admin/sys_topics.h"
#include "auth/acl_authoriser.h"
#include "auth/hash_pool.h"
#include "auth/password_authenticator.h"
#include "net/connection_table.h"
#include "net/listener.h"
#include "net/listener_transport.h"
#include "net/placement.h"
#include "session/dispatcher.h"
#include "session/session_table.h"

namespace broker {
namespace {

unsigned worker_count(const Config& config) {
  if (config.workers != 0) return config.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

/// Password hashes that are computed at a time: at most half of the processors, as messages go
/// first.
unsigned hash_threads() {
  return std::clamp(std::thread::hardware_concurrency() / 2, 1U, 8U);
}
/// CONNECTs that may wait for one.
constexpr std::size_t hash_places = 4096;

}  // namespace

/// What all workers share; each member guards itself or says who guards it.
struct Broker::Shared {
  explicit Shared(unsigned workers_count, std::size_t listener_count)
      : turn_lock(workers_count), admission(listener_count) {}

  TurnLock turn_lock;
  SubscriptionTree subscriptions;  ///< guarded by turn_lock
  RetainedTree retained;
  ClientDirectory directory;
  Admission admission;
  std::unique_ptr<Authoriser> authoriser;        ///< guards itself; nullptr: the ACL files
  AuthenticationMethods methods;                 ///< read-only once the workers run
  std::unique_ptr<Authenticator> authenticator;  ///< guards itself; nullptr: the password files
  HashPool hashes{hash_threads(), hash_places};
  std::vector<Worker*> workers;                      ///< read-only
  Placer placer;                                     ///< the first worker's
  std::vector<std::unique_ptr<Listener>> listeners;  ///< on the first worker's loop
  Transports transports;                             ///< one per listener; the first worker's
  std::unique_ptr<SysTopics> sys_topics;             ///< on the first worker
  std::unique_ptr<RetainedPurge> retained_purge;     ///< on the first worker
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
        session_context{worker,
                        log,
                        counters,
                        trees,
                        shared.subscriptions,
                        shared.retained,
                        shared.directory,
                        access,
                        std::move(config)},
        sessions(session_context),
        router(shared.subscriptions, trees),
        dispatcher(session_context, router),
        pool(worker),
        connection_context{session_context, pool,
                           shared.authenticator ? *shared.authenticator : passwords, shared.methods,
                           shared.admission},
        connections(connection_context),
        end_of_reading(trees) {
    session_context.sessions = &sessions;
    session_context.dispatcher = &dispatcher;
    connection_context.table = &connections;
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
  SessionContext session_context;
  SessionTable sessions;
  Router router;
  Dispatcher dispatcher;
  OutputPool pool;
  ConnectionContext connection_context;
  ConnectionTable connections;
  EndOfReading end_of_reading;
};

Broker::Broker(Config config, Log& log, Parts parts)
    : config_(std::make_shared<const Config>(std::move(config))),
      log_(log),
      clock_(parts.clock != nullptr ? *parts.clock : system_clock_),
      metrics_(worker_count(*config_)),
      shared_(std::make_unique<Shared>(worker_count(*config_), config_->listeners.size())) {
  access_files_ = std::move(parts.access_files);
  shared_->authenticator = std::move(parts.authenticator);
  shared_->authoriser = std::move(parts.authoriser);
  shared_->methods = std::move(parts.methods);
  const unsigned count = worker_count(*config_);
  std::vector<Dispatcher*> dispatchers;
  std::vector<ConnectionTable*> tables;
  for (unsigned i = 0; i < count; ++i) {
    workers_.push_back(
        std::make_unique<WorkerRooms>(i, clock_, log_, metrics_.of_worker(i), *shared_, config_));
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

tl::expected<void, std::string> Broker::start() {
  if (!access_files_) {
    auto files = read_access_files(*config_);
    if (!files) return tl::unexpected(files.error().front());
    access_files_ = std::move(*files);
  }
  auto transports = make_transports(*config_, *access_files_);
  if (!transports) return tl::unexpected(transports.error());
  shared_->transports = std::move(*transports);
  for (auto& rooms : workers_) rooms->use(access_files_, shared_->authoriser.get());
  if (auto opened = open_listeners(); !opened) return opened;
  WorkerRooms& first = *workers_.front();
  shared_->sys_topics = std::make_unique<SysTopics>(first.session_context, metrics_);
  shared_->retained_purge = std::make_unique<RetainedPurge>(first.session_context);
  first.worker.post(make_letter([this] {
    shared_->sys_topics->start();
    shared_->retained_purge->start();
  }));
  for (auto& rooms : workers_) rooms->worker.start();
  running_ = true;
  return {};
}

tl::expected<Broker::Transports, std::string> Broker::make_transports(const Config& config,
                                                                      const AccessFiles& files) {
  Transports transports;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const ListenerConfig& listener = config.listeners[i];
    auto transport = ListenerTransport::make(config, listener, files.keys(i));
    if (!transport) return tl::unexpected("listener " + name(listener) + ": " + transport.error());
    transports.push_back(std::move(*transport));
  }
  return transports;
}

tl::expected<void, std::string> Broker::open_listeners() {
  std::string failure;
  for (std::size_t i = 0; i < config_->listeners.size(); ++i) {
    Listener::Events events;
    events.on_accept = [this, i](int fd) { accept(i, fd); };
    events.on_exhausted = [this](const std::string& reason) {
      log_.warning("Unable to accept new connection, system socket count has been exceeded: {}.",
                   reason);
    };
    auto listener = Listener::open(workers_.front()->worker.loop(), config_->listeners[i], events);
    if (!listener) {
      failure = listener.error();
      // In local-only mode one of the two addresses is enough.
      if (config_->local_only) {
        log_.warning("Unable to listen on {}.", failure);
        shared_->listeners.emplace_back();
        continue;
      }
      shared_->listeners.clear();
      return tl::unexpected(failure);
    }
    for (const std::string& address : (*listener)->addresses())
      log_.information("Listening on {}.", address);
    shared_->listeners.push_back(std::move(*listener));
  }
  const bool any = std::ranges::any_of(shared_->listeners,
                                       [](const auto& listener) { return listener != nullptr; });
  if (!any) return tl::unexpected(failure);
  return {};
}

/// On the first worker's thread.
void Broker::accept(std::size_t listener, int fd) {
  SessionContext& here = workers_.front()->session_context;
  here.counters.add(Count::sockets_accepted);
  const Config& config = *here.config;
  const ListenerConfig& rules = config.listeners[listener];
  if (!shared_->admission.enter(listener, rules.max_connections,
                                config.limits.global_max_connections)) {
    ::close(fd);
    if (config.connection_messages)
      log_.notice("Connection to {} denied: too many connections.", name(rules));
    return;
  }
  Worker& chosen = shared_->placer.choose(shared_->workers, metrics_, config.placement);
  WorkerRooms& rooms = *workers_[chosen.index()];
  const auto admit = [&rooms, fd, listener, transport = shared_->transports[listener]] {
    Connection& connection = rooms.connections.add(transport->open(rooms.worker.loop(), fd),
                                                   static_cast<std::uint16_t>(listener));
    connection.start();
  };
  if (&rooms == workers_.front().get()) {
    admit();
  } else {
    chosen.post(make_letter(admit));
  }
}

void Broker::stop() {
  if (!running_) return;
  running_ = false;
  on_every_worker([this](WorkerRooms& rooms) {
    // Who has been sent everything need not close first.
    rooms.worker.loop().set_end_patience(std::chrono::milliseconds(100));
    if (&rooms == workers_.front().get()) {
      shared_->listeners.clear();
      shared_->sys_topics.reset();
      shared_->retained_purge.reset();
    }
    rooms.sessions.for_each([](Session& session) { session.publish_will_now(); });
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
  auto files = read_access_files(config);
  if (!files) return tl::unexpected(std::move(files.error()));
  auto transports = make_transports(config, **files);
  if (!transports) return tl::unexpected(std::vector{transports.error()});
  config_ = std::make_shared<const Config>(std::move(config));
  const std::shared_ptr<const AccessFiles> before = std::exchange(access_files_, std::move(*files));
  on_every_worker([&](WorkerRooms& rooms) {
    rooms.session_context.config = config_;
    if (&rooms == workers_.front().get()) shared_->transports = std::move(*transports);
    rooms.use(access_files_, shared_->authoriser.get());
    if (!shared_->authenticator) rooms.connections.check_again(*before, *access_files_);
    rooms.sessions.for_each([](Session& session) { session.access_changed(); });
  });
  return {};
}

void Broker::await_turns() {
  on_every_worker([](WorkerRooms&) {});
}

tl::expected<std::shared_ptr<const AccessFiles>, std::vector<std::string>>
Broker::read_access_files(const Config& config) {
  std::vector<ConfigNote> notes;
  auto files = AccessFiles::load(config, notes);
  if (!files) return tl::unexpected(std::move(files.error().errors));
  for (const ConfigNote& note : notes) log_.write(note.type, "{}", note.text);
  return std::move(*files);
}

void Broker::look_at_clock() {
  // What falls due on one worker may be news for another: it is sent before the first worker's
  // second round, and opened before the other's third.
  for (int round = 0; round < 3; ++round) {
    on_every_worker([this](WorkerRooms& rooms) { rooms.worker.timers().advance(clock_.now_ms()); });
  }
}

std::uint16_t Broker::port(std::size_t index) const {
  const auto& listener = shared_->listeners.at(index);
  return listener ? listener->port() : std::uint16_t{0};
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

}  // namespace broker
