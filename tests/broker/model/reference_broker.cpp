#include "broker/model/reference_broker.h"

#include <fmt/format.h>

#include <algorithm>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/topic.h"
#include "support/naive_topic_match.h"
#include "support/packet_text.h"

namespace model {
namespace {

using naive_topic_match::matches;

std::string described(const Expected& expected) {
  return fmt::format("'{}' of {} on {} at QoS {}{}", expected.message.payload,
                     expected.message.publisher, expected.message.topic, expected.qos,
                     expected.stored ? ", retained" : "");
}

}  // namespace

// --- Sessions

bool ReferenceBroker::connect(const std::string& client, const Terms& terms) {
  const auto known = sessions_.find(client);
  if (known != sessions_.end()) {
    if (known->second.connected) connection_lost(client);
    if (terms.clean) end(client);
  }
  const bool present = sessions_.contains(client);
  Session& session = sessions_[client];
  session.client = client;
  session.terms = terms;
  session.connected = true;
  session.expires_at_s = -1;
  for (Flow& flow : session.flows) flow.pubrel_owed = flow.state == State::awaiting_pubcomp;
  return present;
}

void ReferenceBroker::connection_lost(const std::string& client,
                                      std::optional<std::uint32_t> expiry_s) {
  Session& session = sessions_.at(client);
  session.connected = false;
  if (expiry_s) session.terms.expiry_s = *expiry_s;
  if (session.terms.expiry_s == 0) return end(client);
  if (session.terms.expiry_s != UINT32_MAX) session.expires_at_s = now_s_ + session.terms.expiry_s;
  for (Flow& flow : session.flows) flow.on_wire = flow.pubrel_owed = false;
}

void ReferenceBroker::end(const std::string& client) {
  const auto session = sessions_.find(client);
  if (session == sessions_.end()) return;
  const Session ended = std::move(session->second);
  sessions_.erase(session);
  for (const Flow& flow : ended.flows) {
    if (flow.state == State::awaiting_puback && !flow.what.group.empty()) hand_over(flow.what);
  }
  for (const Expected& expected : ended.pending) {
    const bool taken = expected.choice && expected.choice->taken;
    if (!expected.group.empty() && !taken) hand_over(expected);
  }
}

/// To whoever is a member now. MQTT 5.0 section 4.8.2; a QoS 2 message that was sent goes to nobody.
/// [MQTT-4.8.2-5]
void ReferenceBroker::hand_over(const Expected& left) {
  const std::shared_ptr<Choice> choice = left.choice ? left.choice : std::make_shared<Choice>();
  choice->taken = false;
  bool nobody_can = true;
  for (auto& [client, session] : sessions_) {
    const auto subscription = session.subscriptions.find(left.group);
    if (subscription == session.subscriptions.end()) continue;
    Expected expected = granted(left.message, subscription->second);
    expected.group = left.group;
    expected.choice = choice;
    expected.may_wait = true;
    if (!may_take(session, expected.qos)) continue;
    nobody_can = nobody_can && queue_full(session);
    // It may be chosen anew, by its subscription as it is now; then what it was to have falls away.
    session.pending.push_back(std::move(expected));
  }
  if (nobody_can || left.qos == 0) choice->may_be_lost = true;
  choices_.push_back(choice);
}

void ReferenceBroker::pass(std::uint32_t seconds) {
  now_s_ += seconds;
  std::vector<std::string> ended;
  for (const auto& [client, session] : sessions_) {
    if (!session.connected && session.expires_at_s >= 0 && session.expires_at_s <= now_s_)
      ended.push_back(client);
  }
  for (const std::string& client : ended) end(client);
  std::erase_if(retained_, [this](const auto& entry) { return expired(entry.second); });
}

std::size_t ReferenceBroker::connected_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(sessions_, [](const auto& entry) { return entry.second.connected; }));
}

std::size_t ReferenceBroker::in_flight() const {
  std::size_t count = 0;
  for (const auto& [client, session] : sessions_) {
    count += static_cast<std::size_t>(std::ranges::count_if(
        session.flows, [](const Flow& flow) { return flow.state != State::awaiting_pubcomp; }));
  }
  return count;
}

// --- Subscriptions

void ReferenceBroker::subscribe(const std::string& client, const Step& step) {
  Session& session = sessions_.at(client);
  Subscription subscription{{}, std::string(step.text), step};
  if (!session.terms.v5) {
    subscription.options.no_local = subscription.options.retain_as_published = false;
    subscription.options.retain_handling = 0;
    subscription.options.identifier = 0;
  }
  if (step.text.starts_with("$share/")) {
    const std::string_view rest = step.text.substr(7);
    subscription.group = rest.substr(0, rest.find('/'));
    subscription.filter = rest.substr(rest.find('/') + 1);
    subscription.options.no_local = false;  // would be a protocol error
  }
  const std::string text(step.text);
  const bool is_new = !session.subscriptions.contains(text);
  session.subscriptions.insert_or_assign(text, subscription);
  const int handling = subscription.options.retain_handling;
  if (subscription.group.empty() && (handling == 0 || (handling == 1 && is_new))) {
    replay(session, text, subscription);
  }
}

void ReferenceBroker::replay(Session& session, const std::string& text,
                             const Subscription& subscription) {
  // What an earlier SUBSCRIBE to the filter had yet to show is replaced. [MQTT-3.8.4-4]
  std::erase_if(session.pending,
                [&text](const Expected& e) { return e.stored && e.filter == text; });
  for (const auto& [topic, message] : retained_) {
    if (!matches(subscription.filter, topic)) continue;
    Expected expected = granted(message, subscription);
    expected.retain = true;
    expected.stored = expected.may_wait = true;
    expected.filter = text;
    expected.optional = subscription.options.no_local && message.publisher == session.client;
    session.pending.push_back(expected);
  }
}

bool ReferenceBroker::unsubscribe(const std::string& client, std::string_view filter) {
  Session& session = sessions_.at(client);
  std::erase_if(session.pending,
                [filter](const Expected& e) { return e.stored && e.filter == filter; });
  const auto known = session.subscriptions.find(filter);
  if (known == session.subscriptions.end()) return false;
  session.subscriptions.erase(known);
  return true;
}

// --- From publishers

bool ReferenceBroker::publish(Message message) {
  message.place = ++published_;
  bool matched = false;
  for (auto& [client, session] : sessions_) {
    for (const Subscription* subscription : matching(session, message.topic)) {
      matched = true;
      if (subscription->options.no_local && message.publisher == client) continue;
      offer(session, granted(message, *subscription));
    }
  }
  matched = offer_to_groups(message) || matched;
  if (message.retain) retain(message);
  return matched;
}

/// The exact level before `+` before `#`: where a queue is nearly full it matters who comes first.
std::vector<const ReferenceBroker::Subscription*> ReferenceBroker::matching(
    const Session& session, std::string_view topic) {
  std::map<std::string, const Subscription*> by_rank;
  for (const auto& [text, subscription] : session.subscriptions) {
    if (!subscription.group.empty() || !matches(subscription.filter, topic)) continue;
    std::string rank;
    for (std::string_view rest = subscription.filter; rest.data() != nullptr;) {
      const std::string_view level = mqtt::next_level(rest);
      rank += level == "#" ? '2' : level == "+" ? '1' : '0';
    }
    by_rank[rank] = &subscription;
  }
  std::vector<const Subscription*> found;
  for (const auto& [rank, subscription] : by_rank) found.push_back(subscription);
  return found;
}

bool ReferenceBroker::offer_to_groups(const Message& message) {
  struct Member {
    Session* session;
    Expected expected;
  };
  std::map<std::string, std::vector<Member>> groups;
  for (auto& [client, session] : sessions_) {
    for (const auto& [text, subscription] : session.subscriptions) {
      if (subscription.group.empty() || !matches(subscription.filter, message.topic)) continue;
      groups[text].push_back({&session, granted(message, subscription)});
    }
  }
  for (auto& [text, members] : groups) {
    std::erase_if(members,
                  [this](const Member& m) { return !may_take(*m.session, m.expected.qos); });
    std::shared_ptr<Choice> choice;
    if (members.size() > 1) choices_.push_back(choice = std::make_shared<Choice>());
    for (Member& member : members) {
      member.expected.group = text;
      member.expected.choice = choice;
      offer(*member.session, member.expected);
    }
  }
  return !groups.empty();
}

Expected ReferenceBroker::granted(const Message& message, const Subscription& subscription) {
  Expected expected;
  expected.message = message;
  expected.qos = std::min(message.qos, subscription.options.qos);
  expected.retain = message.retain && subscription.options.retain_as_published;
  expected.identifier = subscription.options.identifier;
  return expected;
}

bool ReferenceBroker::may_take(const Session& session, int qos) const {
  return session.connected || qos > 0 || setting_.queue_qos0;
}

void ReferenceBroker::offer(Session& session, Expected expected) {
  if (!may_take(session, expected.qos)) return;
  // What is retained overtakes nothing that waits, and nothing overtakes what waits at QoS 0.
  const bool keeps_line =
      expected.message.retain || std::ranges::any_of(session.pending, [](const Expected& other) {
        return other.qos == 0 && other.may_wait && !other.stored;
      });
  const bool waits = !session.connected || (keeps_line && queued(session) != 0);
  if ((waits || expected.qos > 0) && queue_full(session)) return;
  expected.may_wait = !session.connected || keeps_line;
  session.pending.push_back(std::move(expected));
}

/// max_queued_messages: beyond the window of a client that is there; with the window of one that is
/// not. While the client is there, as many again as the window holds may wait.
bool ReferenceBroker::queue_full(const Session& session) const {
  return session.connected
             ? queued(session) >= std::size_t{setting_.max_queued} + session.terms.window
             : queued(session) + session.flows.size() >= setting_.max_queued;
}

std::size_t ReferenceBroker::queued(const Session& session) const {
  std::size_t waiting = 0;
  bool stored_waiting = false;
  for (const Expected& expected : session.pending) {
    stored_waiting = stored_waiting || (expected.stored && !expired(expected.message));
    if (!expected.stored && (expected.qos > 0 || expected.may_wait)) ++waiting;
  }
  if (!session.connected) return waiting;
  const std::size_t sent = on_wire(session);
  const bool none_starts =
      sent < session.flows.size() || sent >= session.terms.window || stored_waiting;
  const std::size_t starting = none_starts ? 0 : session.terms.window - sent;
  return waiting > starting ? waiting - starting : 0;
}

void ReferenceBroker::retain(const Message& message) {
  // What a subscription was still to be shown of the topic is out of date.
  for (auto& [client, session] : sessions_) {
    std::erase_if(session.pending,
                  [&](const Expected& e) { return e.stored && e.message.topic == message.topic; });
  }
  retained_.erase(message.topic);
  if (!message.payload.empty()) retained_[message.topic] = message;
}

void ReferenceBroker::hold(const std::string& client, std::uint16_t packet_id,
                           const Message& message) {
  sessions_.at(client).held.emplace(packet_id, message);
}

void ReferenceBroker::release(const std::string& client, std::uint16_t packet_id) {
  auto held = sessions_.at(client).held.extract(packet_id);
  if (!held.empty() && !expired(held.mapped())) publish(held.mapped());
}

std::size_t ReferenceBroker::held(const std::string& client) const {
  return sessions_.at(client).held.size();
}

std::size_t ReferenceBroker::receive_window(const std::string& client) const {
  const std::size_t window = setting_.max_inflight;
  return sessions_.at(client).terms.v5 ? window : window + setting_.max_queued;
}

// --- To subscribers

bool ReferenceBroker::expired(const Message& message) const {
  return message.expires_at_s >= 0 && message.expires_at_s <= now_s_;
}

std::uint32_t ReferenceBroker::seconds_left(const Message& message) const {
  if (message.expires_at_s < 0) return 0;
  if (expired(message)) return 1;  // sent in time once, and now again: it still has an end
  return static_cast<std::uint32_t>(message.expires_at_s - now_s_);
}

bool ReferenceBroker::due(const Expected& expected) const {
  return !expected.optional && !expected.choice && !expired(expected.message);
}

std::size_t ReferenceBroker::on_wire(const Session& session) {
  return static_cast<std::size_t>(
      std::ranges::count_if(session.flows, [](const Flow& flow) { return flow.on_wire; }));
}

bool ReferenceBroker::is(const Session& session, const Expected& expected,
                         const mqtt::Publish& packet) const {
  using mqtt::PropertyId;
  const auto property = [&](PropertyId id) { return packet.properties.number(id).value_or(0); };
  const bool same = packet.topic == expected.message.topic &&
                    mqtt::as_text(packet.payload) == expected.message.payload &&
                    static_cast<int>(packet.qos) == expected.qos &&
                    packet.retain == expected.retain;
  if (!same || !session.terms.v5) return same;
  return property(PropertyId::subscription_identifier) == expected.identifier &&
         property(PropertyId::message_expiry_interval) == seconds_left(expected.message);
}

ReferenceBroker::Objection ReferenceBroker::received(const std::string& client,
                                                     const mqtt::Publish& packet) {
  Session& session = sessions_.at(client);
  const auto first_unsent = std::ranges::find_if(session.flows, [](const Flow& flow) {
    return !flow.on_wire && flow.state != State::awaiting_pubcomp;
  });
  if (packet.qos != mqtt::QoS::at_most_once && first_unsent != session.flows.end()) {
    return received_again(session, packet);
  }
  const auto fits = [&](const Expected& expected) {
    const bool gone = expired(expected.message) || (expected.choice && expected.choice->taken);
    return !gone && is(session, expected, packet);
  };
  // What only this client can have is not taken for what another may have as well.
  auto found = std::ranges::find_if(
      session.pending, [&](const Expected& e) { return !e.choice && fits(e); });
  if (found == session.pending.end()) found = std::ranges::find_if(session.pending, fits);
  if (found == session.pending.end()) return "was not to be sent, or not like that";
  if (packet.dup) return "has DUP set, and was not sent before";  // [MQTT-3.3.1-1]
  if (auto objection = overtaken(session, *found)) return objection;
  const Expected what = *found;
  if (what.choice) what.choice->taken = true;
  session.pending.erase(found);
  if (what.qos == 0) return {};

  if (std::ranges::count(session.flows, packet.packet_id, &Flow::packet_id) != 0) {
    return "has a packet identifier that is in use";  // [MQTT-2.2.1-4]
  }
  if (on_wire(session) >= session.terms.window) return "is beyond the window";  // [MQTT-3.3.4-9]
  const State state = what.qos == 1 ? State::awaiting_puback : State::awaiting_pubrec;
  session.flows.push_back({packet.packet_id, state, true, false, what});
  return {};
}

/// After a reconnect: the same messages, in the order of the first time, before any new one.
ReferenceBroker::Objection ReferenceBroker::received_again(Session& session,
                                                           const mqtt::Publish& packet) {
  const auto flow = std::ranges::find_if(session.flows, [](const Flow& f) {
    return !f.on_wire && f.state != State::awaiting_pubcomp;
  });
  if (packet.packet_id != flow->packet_id || !is(session, flow->what, packet)) {
    return "comes before what has to be sent again: " + described(flow->what);  // [MQTT-4.6.0-1]
  }
  if (!packet.dup) return "is sent again without DUP";  // [MQTT-3.3.1-1]
  if (on_wire(session) >= session.terms.window) return "is beyond the window";
  flow->on_wire = true;
  return {};
}

/// [MQTT-4.6.0-5] [MQTT-4.6.0-6]
ReferenceBroker::Objection ReferenceBroker::overtaken(const Session& session,
                                                      const Expected& received) const {
  // Of what is retained the last one counts, whatever its QoS.
  const auto both_retained = [](const Expected& a, const Expected& b) {
    return a.message.retain && b.message.retain;
  };
  const auto unordered = [](const Expected& e) { return !e.group.empty() || e.stored; };
  if (unordered(received)) return {};
  for (const Expected& other : session.pending) {
    if (other.message.place >= received.message.place || unordered(other) || !due(other))
      continue;
    const bool one_line = other.message.publisher == received.message.publisher &&
                          other.message.topic == received.message.topic &&
                          (other.qos == received.qos || both_retained(other, received));
    if (one_line) return "has overtaken " + described(other);
  }
  return {};
}

ReferenceBroker::Objection ReferenceBroker::received_pubrel(const std::string& client,
                                                            std::uint16_t packet_id) {
  for (Flow& flow : sessions_.at(client).flows) {
    if (flow.packet_id != packet_id || !flow.pubrel_owed) continue;
    flow.pubrel_owed = false;
    flow.on_wire = true;
    return {};
  }
  return "was not to be sent";
}

std::vector<ReferenceBroker::Open> ReferenceBroker::open(const std::string& client) const {
  std::vector<Open> all;
  for (const Flow& flow : sessions_.at(client).flows) {
    if (!flow.on_wire) continue;
    switch (flow.state) {
      case State::awaiting_puback:
        all.push_back({flow.packet_id, mqtt::PacketType::puback});
        break;
      case State::awaiting_pubrec:
        all.push_back({flow.packet_id, mqtt::PacketType::pubrec});
        break;
      case State::awaiting_pubcomp:
        all.push_back({flow.packet_id, mqtt::PacketType::pubcomp});
        break;
    }
  }
  return all;
}

void ReferenceBroker::acknowledge(const std::string& client, const Open& open, bool refuse) {
  Session& session = sessions_.at(client);
  const auto flow = std::ranges::find(session.flows, open.packet_id, &Flow::packet_id);
  if (open.next == mqtt::PacketType::pubrec && !refuse) {
    flow->state = State::awaiting_pubcomp;
    flow->pubrel_owed = true;
    return;
  }
  session.flows.erase(flow);
}

// --- Verdicts

ReferenceBroker::Objection ReferenceBroker::at_rest() const {
  for (const auto& [client, session] : sessions_) {
    if (!session.connected) continue;
    if (auto missing = at_rest(session)) return client + " should have received " + *missing;
  }
  return {};
}

ReferenceBroker::Objection ReferenceBroker::at_rest(const Session& session) const {
  const bool room = on_wire(session) < session.terms.window;
  for (const Flow& flow : session.flows) {
    if (flow.pubrel_owed) return fmt::format("PUBREL {}", flow.packet_id);
    if (!flow.on_wire && room) return described(flow.what) + " again";
  }
  for (const Expected& expected : session.pending) {
    const bool may_wait = (expected.qos > 0 || expected.may_wait) && !room;
    if (due(expected) && !may_wait) return described(expected);
  }
  return {};
}

ReferenceBroker::Objection ReferenceBroker::at_end() const {
  for (const auto& [client, session] : sessions_) {
    if (!session.flows.empty()) return client + " has unfinished messages";
    for (const Expected& expected : session.pending) {
      if (due(expected)) return client + " never received " + described(expected);
      const bool lost = expected.choice && !expected.choice->taken && !expected.choice->may_be_lost;
      if (lost && !expired(expected.message)) return "no member received " + described(expected);
    }
  }
  return {};
}

}  // namespace model
