#include "broker/model/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "session/session_table.h"
#include "support/packet_text.h"

namespace model {
namespace {

using broker::Count;
using mqtt::PacketType;
using test::SocketClient;
using Arrival = SocketClient::Arrival;

/// The broker has done what it must not, or has not done what it must.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require(const ReferenceBroker::Objection& objection) {
  if (objection) throw Wrong(*objection);
}

template <class Item>
Item& chosen(std::vector<Item>& items, unsigned which) {
  return items[which % items.size()];
}

}  // namespace

World::World(const Setting& setting)
    : setting_(setting), broker_(setting.workers, setting.configuration()), reference_(setting) {}

std::optional<std::string> World::play(const Setting& setting, const Script& script) {
  World world(setting);
  std::string where;
  try {
    for (const Step& step : script) {
      where = to_text(step);
      world.perform(step);
    }
    where = "the end";
    world.deliver_the_rest();
  } catch (const Wrong& wrong) {
    return fmt::format("at `{}`: {}", where, wrong.what());
  }
  return {};
}

World::Client& World::client(const std::string& id) {
  Client& found = clients_[id];
  found.id = id;
  return found;
}

void World::perform(const Step& step) {
  if (hurried_ && step.kind != Kind::publish) settle();
  Client& who = client(fmt::format("c{}", step.client));
  if (step.kind == Kind::pass) {
    now_s_ += step.seconds;
    reference_.pass(step.seconds);
    broker_.advance(std::chrono::seconds(step.seconds));
  } else if (step.kind == Kind::connect) {
    connect(who, step);
  } else if (step.kind == Kind::move) {
    if (!who.socket) move(who, step.which % setting_.workers);
  } else if (who.socket) {
    who.spoke = true;
    switch (step.kind) {
      case Kind::disconnect:
        disconnect(who, step);
        break;
      case Kind::drop:
        drop(who);
        break;
      case Kind::subscribe:
        subscribe(who, step);
        break;
      case Kind::unsubscribe:
        unsubscribe(who, step);
        break;
      case Kind::publish:
        publish(who, step);
        break;
      case Kind::release:
        release(who, step);
        break;
      case Kind::release_again:
        if (who.released_last == 0) break;
        who.socket->send(test::pubrel(who.released_last));
        who.answers.push_back(packet_text::to_text(test::pubcomp(who.released_last)));
        break;
      case Kind::repeat:
        repeat(who, step);
        break;
      case Kind::acknowledge: {
        auto open = reference_.open(who.id);
        if (!open.empty()) acknowledge(who, chosen(open, step.which), step.refuse && who.v5);
        break;
      }
      default:
        break;
    }
  }
  if (!hurried_) settle();
}

// --- Steps

void World::connect(Client& who, const Step& step) {
  std::optional<SocketClient> older = std::exchange(who.socket, SocketClient(broker_.port()));
  const bool older_v5 = std::exchange(who.v5, step.v5);
  auto packet = test::connect(who.id).clean(step.clean).keepalive(0);
  ReferenceBroker::Terms terms{step.v5, step.clean, step.expiry_s, setting_.max_inflight};
  if (step.v5) {
    packet.v5();
    if (step.expiry_s != 0) packet.with(mqtt::PropertyId::session_expiry_interval, step.expiry_s);
    if (step.receive_max != 0) {
      packet.with(mqtt::PropertyId::receive_maximum, step.receive_max);
      terms.window = step.receive_max;
    }
  } else {
    terms.expiry_s = step.clean ? 0 : UINT32_MAX;
  }
  const bool present = reference_.connect(who.id, terms);
  who.socket->send(packet);
  const auto answer = who.socket->receive();
  const auto* connack = answer.as<mqtt::Connack>();
  if (connack == nullptr || connack->reason != mqtt::ReasonCode::success)
    throw Wrong(who.id + " was not accepted");
  if (connack->session_present != present) {
    throw Wrong(fmt::format("Session Present is {}", connack->session_present));  // [MQTT-3.2.2-3]
  }
  if (!present) {
    who.unreleased.clear();
    who.released_last = 0;
  }
  for (Unreleased& message : who.unreleased) message.repeated = false;
  if (older) expect_end(*older, older_v5);
}

/// [MQTT-3.1.4-3]
void World::expect_end(SocketClient& socket, bool v5) {
  auto arrived = socket.receive();
  if (v5) {
    const auto* goodbye = arrived.as<mqtt::Disconnect>();
    if (goodbye == nullptr || goodbye->reason != mqtt::ReasonCode::session_taken_over) {
      throw Wrong("the older connection was not told that it was taken over");
    }
    arrived = socket.receive();
  }
  if (arrived.what != Arrival::closed) throw Wrong("the older connection was not closed");
}

void World::disconnect(Client& who, const Step& step) {
  auto packet = test::disconnect();
  std::optional<std::uint32_t> expiry;
  if (who.v5 && step.expiry_s != 0 && reference_.durable(who.id)) {
    packet.with(mqtt::PropertyId::session_expiry_interval, step.expiry_s);
    expiry = step.expiry_s;
  }
  who.socket->send(packet);
  if (who.socket->receive().what != Arrival::closed)
    throw Wrong("DISCONNECT was not followed by the close");
  who.socket.reset();
  reference_.connection_lost(who.id, expiry);
}

void World::drop(Client& who) {
  who.socket.reset();
  reference_.connection_lost(who.id);
}

void World::subscribe(Client& who, const Step& step) {
  const bool shared = step.text.starts_with("$share/");
  const std::uint16_t packet_id = free_packet_id(who);
  test::SubscribeBuilder packet(packet_id);
  std::vector<int> reasons;
  for (unsigned i = 0; i <= step.repeated; ++i) {
    packet.filter(std::string(step.text), step.qos);
    if (who.v5) {
      if (step.no_local && !shared) packet.no_local();
      if (step.retain_as_published) packet.retain_as_published();
      packet.retain_handling(step.retain_handling);
    }
    reference_.subscribe(who.id, step);
    reasons.push_back(step.qos);
  }
  if (who.v5 && step.identifier != 0)
    packet.with(mqtt::PropertyId::subscription_identifier, step.identifier);
  who.spoke = true;
  who.socket->send(packet);
  who.answers.push_back(packet_text::to_text(test::suback(packet_id, reasons)));
}

void World::unsubscribe(Client& who, const Step& step) {
  const std::uint16_t packet_id = free_packet_id(who);
  const bool existed = reference_.unsubscribe(who.id, step.text);
  who.socket->send(test::unsubscribe(packet_id, std::string(step.text)));
  const std::vector<int> reasons =
      who.v5 ? std::vector<int>{existed ? 0 : 0x11} : std::vector<int>();
  who.answers.push_back(packet_text::to_text(test::unsuback(packet_id, reasons)));
}

void World::publish(Client& who, const Step& step) {
  Message message;
  message.number = ++messages_;
  message.topic = step.text;
  if (!step.empty) message.payload = fmt::format("m{}", message.number);
  message.qos = step.qos;
  message.retain = step.retain;
  message.publisher = who.id;
  if (step.expiry_s != 0 && who.v5) message.expires_at_s = now_s_ + step.expiry_s;
  if (message.qos > 0 && reference_.held(who.id) >= reference_.receive_window(who.id)) return;
  if (message.qos == 2) return publish_held(who, message);

  const bool matched = reference_.publish(message);
  const std::uint16_t packet_id = message.qos == 0 ? std::uint16_t{0} : free_packet_id(who);
  send_publish(who, message, packet_id, step.dup);
  if (message.qos == 1) {
    who.answers.push_back(
        packet_text::to_text(test::puback(packet_id, who.v5 && !matched ? 0x10 : 0)));
  }
  hurried_ = step.hurry;
}

void World::publish_held(Client& who, const Message& message) {
  const std::uint16_t packet_id = free_packet_id(who);
  reference_.hold(who.id, packet_id, message);
  who.unreleased.push_back({packet_id, message, false});
  send_publish(who, message, packet_id, false);
  who.answers.push_back(packet_text::to_text(test::pubrec(packet_id)));
}

void World::send_publish(Client& who, const Message& message, std::uint16_t packet_id, bool dup) {
  auto packet = test::publish(message.topic, message.payload).qos(message.qos).id(packet_id);
  packet.retain(message.retain).dup(dup);
  if (message.expires_at_s > now_s_) {
    packet.with(mqtt::PropertyId::message_expiry_interval,
                static_cast<std::uint32_t>(message.expires_at_s - now_s_));
  }
  who.socket->send(packet);
}

void World::release(Client& who, const Step& step) {
  if (who.unreleased.empty()) return;
  const std::uint16_t packet_id = chosen(who.unreleased, step.which).packet_id;
  reference_.release(who.id, packet_id);
  who.socket->send(test::pubrel(packet_id));
  who.answers.push_back(packet_text::to_text(test::pubcomp(packet_id)));
  who.released_last = packet_id;
  std::erase_if(who.unreleased,
                [packet_id](const Unreleased& message) { return message.packet_id == packet_id; });
}

/// A client that has not seen the PUBREC sends the PUBLISH again: it is answered, and not delivered
/// twice. [MQTT-4.3.3-10]
void World::repeat(Client& who, const Step& step) {
  if (who.unreleased.empty()) return;
  Unreleased& message = chosen(who.unreleased, step.which);
  if (std::exchange(message.repeated, true)) return;
  Message again = message.message;
  if (!who.v5) again.expires_at_s = -1;
  send_publish(who, again, message.packet_id, true);
  who.answers.push_back(packet_text::to_text(test::pubrec(message.packet_id)));
}

void World::acknowledge(Client& who, const ReferenceBroker::Open& open, bool refuse) {
  const int reason = refuse ? 0x80 : 0;
  switch (open.next) {
    case PacketType::puback:
      who.socket->send(test::puback(open.packet_id, reason));
      break;
    case PacketType::pubrec:
      who.socket->send(test::pubrec(open.packet_id, reason));
      break;
    default:
      who.socket->send(test::pubcomp(open.packet_id));
      break;
  }
  reference_.acknowledge(who.id, open, refuse);
  who.spoke = true;
}

/// Frozen into a value and thawed from it: nothing is lost, repeated or reordered by that, and the
/// reference broker never hears of it.
void World::move(const Client& who, unsigned worker) {
  std::mutex mutex;
  std::optional<broker::SessionState> frozen;
  broker_->visit_sessions([&](broker::SessionContext& context) {
    const std::scoped_lock guard(mutex);
    const broker::SessionId id = context.directory.find(who.id);
    if (id.worker != context.here.worker.index()) return;
    broker::Session* const session = context.sessions.find(id);
    if (session != nullptr && session->is_quiet()) frozen = context.sessions.freeze(*session);
  });
  if (!frozen) return;
  bool goes_on = false;
  broker_->visit_sessions([&](broker::SessionContext& context) {
    if (context.here.worker.index() == worker)
      goes_on = context.sessions.thaw(std::move(*frozen)) != nullptr;
  });
  if (!goes_on) throw Wrong(who.id + " did not go on at another worker");
}

std::uint16_t World::free_packet_id(Client& who) {
  do {
    who.last_packet_id = static_cast<std::uint16_t>(who.last_packet_id % 1000 + 1);
  } while (std::ranges::count(who.unreleased, who.last_packet_id, &Unreleased::packet_id) != 0);
  return who.last_packet_id;
}

// --- What the broker does

/// Waits until nothing is under way any more, and compares.
void World::settle() {
  hurried_ = false;
  settle_input();
  // A message crosses to another worker within a turn, from member to member of a share group
  // within as many as there are workers; each look at the clock is two turns of every worker.
  for (unsigned round = 0; round < (setting_.workers == 1 ? 1 : 3); ++round)
    broker_->look_at_clock();
  for (auto& [id, who] : clients_) {
    if (who.socket) hear(who);
  }
  require(reference_.at_rest());
  check_counts();
}

/// All that clients have sent is taken in, and who has gone is missed.
void World::settle_input() {
  for (auto& [id, who] : clients_) {
    if (who.socket && std::exchange(who.spoke, false)) hear(who);
  }
  const auto give_up = std::chrono::steady_clock::now() + test::Peer::patience();
  while (broker_->metrics().total(Count::sockets) != static_cast<std::int64_t>(sockets())) {
    if (std::chrono::steady_clock::now() > give_up) throw Wrong("a connection did not end");
    std::this_thread::yield();
  }
}

/// Reads all that the broker has sent so far.
void World::hear(Client& who) {
  who.socket->send(test::pingreq());
  for (;;) {
    const auto arrived = who.socket->receive();
    if (arrived.as<mqtt::Pingresp>() != nullptr) break;
    take(who, arrived);
  }
  if (!who.answers.empty())
    throw Wrong(fmt::format("{} was not answered {}", who.id, who.answers.front()));
}

void World::take(Client& who, const SocketClient::Arrived& arrived) {
  if (arrived.what == Arrival::closed) throw Wrong(who.id + " was disconnected");
  if (arrived.what != Arrival::packet) throw Wrong(who.id + " received no MQTT, or no answer");
  ReferenceBroker::Objection objection;
  if (const auto* publish = arrived.as<mqtt::Publish>()) {
    objection = reference_.received(who.id, *publish);
  } else if (const auto* pubrel = arrived.as<mqtt::Pubrel>()) {
    objection = reference_.received_pubrel(who.id, pubrel->packet_id);
  } else if (who.answers.empty() || packet_text::to_text(arrived.packet) != who.answers.front()) {
    objection = who.answers.empty() ? "answers nothing" : "should have been " + who.answers.front();
  } else {
    who.answers.pop_front();
  }
  if (objection) {
    throw Wrong(fmt::format("{} received {}, which {}", who.id,
                            packet_text::to_text(arrived.packet), *objection));
  }
}

void World::check_counts() {
  const broker::Metrics& metrics = broker_->metrics();
  const auto check = [](std::string_view what, std::int64_t counted, std::size_t is) {
    if (counted != static_cast<std::int64_t>(is))
      throw Wrong(fmt::format("{} counted as {}, not {}", what, counted, is));
  };
  check("unaccounted deliveries", metrics.unaccounted(), 0);
  check("sessions", metrics.total(Count::sessions), reference_.session_count());
  check("connected sessions", metrics.total(Count::sessions_connected),
        reference_.connected_count());
  check("messages in flight", metrics.total(Count::in_flight_messages), reference_.in_flight());
}

std::size_t World::sockets() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      clients_, [](const auto& entry) { return entry.second.socket.has_value(); }));
}

// --- The end

/// Everyone who has a session comes and takes what is there; then nothing may be left.
void World::deliver_the_rest() {
  settle();
  for (auto& [id, who] : clients_) {
    if (!reference_.session_exists(id)) continue;
    if (!who.socket) {
      Step step;
      step.v5 = true;
      step.expiry_s = UINT32_MAX;
      connect(who, step);
      settle();
    }
    deliver_to(who);
  }
  require(reference_.at_end());
  look_at_retained();
}

void World::deliver_to(Client& who) {
  while (!reference_.open(who.id).empty()) {
    for (const auto& open : reference_.open(who.id)) acknowledge(who, open, false);
    settle();
  }
}

/// What is retained is what a new subscriber to everything is sent.
void World::look_at_retained() {
  Client& onlooker = client("onlooker");
  Step step;
  step.v5 = true;
  step.clean = true;
  connect(onlooker, step);
  step.text = "#";
  step.qos = 2;
  subscribe(onlooker, step);
  settle();
  deliver_to(onlooker);
  require(reference_.at_end());
}

}  // namespace model
