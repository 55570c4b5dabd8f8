#include "net/opening/client_opening.h"

#include <algorithm>
#include <utility>

#include "mqtt/protocol/decode.h"
#include "net/closing_reason.h"
#include "net/opening/connect_checks.h"
#include "net/opening/session_terms.h"
#include "session/opening.h"

namespace broker {
namespace {

using mqtt::PropertyId;
using mqtt::ReasonCode;

/// A client that sends nothing is given this long to say CONNECT.
constexpr Millis connect_deadline_ms = 30'000;
/// And this long if unauthenticated connections hold more than half of what they may.
constexpr Millis short_connect_deadline_ms = 5'000;
/// How long a client waits for an answer of the broker's; then it is told that the broker is busy.
constexpr Millis answer_deadline_ms = 120'000;

/// Whether a CONNECT speaks 5.0, also one that is malformed behind its protocol level.
bool claims_v5(mqtt::ByteView body) {
  constexpr std::size_t level_at = 6;  // behind the name "MQTT" and its length
  return body.size() > level_at && body[1] == 4 && body[level_at] == 5;
}

}  // namespace

/// From CONNECT to CONNACK.
const ClientOpening::Step ClientOpening::steps[] = {
    &ClientOpening::check_packet,   // does it fit this listener?
    &ClientOpening::take_identity,  // who do its certificate or its proxy say that it is?
    &ClientOpening::choose_id,      // its client identifier
    &ClientOpening::claim_id,       // which lives on this worker; or the connection moves
    &ClientOpening::count_bytes,    // what it has sent may be kept while others think
    &ClientOpening::authenticate,   // asks; the answer may come later
    &ClientOpening::judge,          // may it come in?
    &ClientOpening::open_session,  // taken over, continued or new; the connection is attached to it
    &ClientOpening::await_session,  // until the journal has kept what that changed
    &ClientOpening::let_in,         // CONNACK
};

std::unique_ptr<Opening> ClientOpening::make(Connection& connection, OpeningState state) {
  return std::make_unique<ClientOpening>(connection, std::move(state));
}

ClientOpening::ClientOpening(Connection& connection, OpeningState state)
    : connection_(connection),
      share_(connection.context().opening_budget, state.counted_bytes),
      claimed_id_(std::move(state.claimed_id)) {
  const bool in_haste = connection.context().opening_budget.is_tight();
  connection.arm(connection.worker().now() +
                 (in_haste ? short_connect_deadline_ms : connect_deadline_ms));
}

ClientOpening::~ClientOpening() {
  abandon_claim();
}

void ClientOpening::abandon_claim() {
  if (claimed_id_.empty()) return;
  connection_.context().sessions.directory.abandon(std::exchange(claimed_id_, {}));
}

void ClientOpening::end() {
  abandon_claim();
  request_.reset();
  packet_ = {};
  bytes_ = {};
  share_.shrink_to(OpeningShare::bytes_when_open);
}

OpeningState ClientOpening::move_away() {
  packet_ = {};
  return {share_.release(), std::move(bytes_), std::exchange(claimed_id_, {})};
}

Opening::Names ClientOpening::names() const {
  return {client_id_.empty() ? packet_.client_id : std::string_view(client_id_),
          identity_.user_name.empty() ? packet_.user_name.value_or("")
                                      : std::string_view(identity_.user_name)};
}

// --- What comes from the client

/// Mostly the client has taken one listener for another: the packet that it seems to begin would
/// never be complete. [MQTT-3.1.0-1]
std::string_view ClientOpening::complaint_about(std::uint8_t first_byte) const {
  if (next_step_ != 0) return {};
  constexpr std::uint8_t tls_handshake = 0x16;
  if (first_byte == tls_handshake) return "the first packet is not CONNECT; it looks like TLS";
  if (first_byte >= 'A' && first_byte <= 'Z')
    return "the first packet is not CONNECT; it looks like HTTP";
  const bool is_connect = first_byte >> 4 == static_cast<unsigned>(mqtt::PacketType::connect);
  return is_connect ? "" : "the first packet is not CONNECT";
}

void ClientOpening::on_packet(const mqtt::Frame& frame) {
  if (next_step_ == 0) return take_connect(frame);
  switch (static_cast<mqtt::PacketType>(frame.type_number())) {
    case mqtt::PacketType::auth:
      return handle_auth(connection_, frame);
    case mqtt::PacketType::disconnect:
      return handle_disconnect(connection_, frame);
    default:  // [MQTT-3.1.2-30]
      return connection_.reject(ReasonCode::protocol_error, "packet during authentication");
  }
}

/// The packet outlives its read: authentication may take its time, or another worker may want it.
void ClientOpening::take_connect(const mqtt::Frame& frame) {
  connection_.counters().add(Count::connects_received);
  const std::uint8_t* const begin = frame.body.data() - (frame.size - frame.body.size());
  bytes_.assign(begin, begin + frame.size);
  mqtt::Frame kept = frame;
  kept.body = mqtt::ByteView(bytes_).last(frame.body.size());

  if (claims_v5(kept.body)) connection_.set_protocol(mqtt::ProtocolVersion::v5, UINT32_MAX);
  const auto packet = mqtt::decode_connect(kept);
  if (!packet) return on_malformed(packet.error());
  packet_ = *packet;
  connection_.set_protocol(
      packet_.version,
      packet_.properties.number(PropertyId::maximum_packet_size).value_or(UINT32_MAX));
  proceed();
}

/// [MQTT-3.1.4-1]
void ClientOpening::on_malformed(const mqtt::Malformed& malformed) {
  using Reply = mqtt::Malformed::Reply;
  if (exchanging_) {
    return connection_.reject(malformed.reason, malformed.detail, malformed.reply != Reply::none);
  }
  // [MQTT-3.1.2-2] [MQTT311-3.1.2-2] [MQTT311-3.1.4-1]
  const bool in_v5 = malformed.reply == Reply::connack_v5 ||
                     (malformed.reply == Reply::in_kind && mqtt::is_v5(connection_.version()));
  if (in_v5 || malformed.reply == Reply::connack_v3) {
    connection_.counters().add(Count::connects_refused);
    send_connack({false, malformed.reason, {}},
                 in_v5 ? mqtt::ProtocolVersion::v5 : mqtt::ProtocolVersion::v311);
  }
  const bool is_well_formed = malformed.reason == ReasonCode::client_identifier_not_valid ||
                              malformed.reason == ReasonCode::unsupported_protocol_version;
  if (is_well_formed) connection_.lines().refused(malformed.detail);
  connection_.close(Session::Departure::lost, closing_reason(malformed.reason),
                    is_well_formed ? std::string_view() : malformed.detail);
}

/// Nothing is read behind a CONNECT that waits for an answer; until something comes the stream goes
/// on, to tell when the client leaves.
void ClientOpening::on_unread() {
  if (count_bytes() == Outcome::over || !connection_.waits_for_answer()) return;
  if (connection_.reader().unread_size() + connection_.stream().held() != 0)
    connection_.pause_input();
}

void ClientOpening::on_deadline() {
  if (connection_.waits_for_answer() && !exchanging_) {
    refuse({ReasonCode::server_busy, to_text(LoginFailure::busy)});
  } else {
    connection_.close(Session::Departure::lost, "exceeded timeout");
  }
}

void ClientOpening::on_rejected(ReasonCode reason) {
  if (exchanging_) send_connack({false, reason, {}}, connection_.version());
}

// --- The steps

void ClientOpening::proceed() {
  stepping_ = true;
  Outcome outcome = Outcome::done;
  while (outcome == Outcome::done) outcome = (this->*steps[next_step_++])();
  if (outcome == Outcome::over) return;  // so may *this be
  stepping_ = false;
  if (outcome == Outcome::wait) {
    connection_.wait_for_answer();
    connection_.arm(connection_.worker().now() + answer_deadline_ms);
  }
}

/// The answer has come in a turn of its own.
void ClientOpening::proceed_later() {
  Connection& connection = connection_;
  connection.stop_waiting();
  proceed();
  connection.go_on();
}

ClientOpening::Outcome ClientOpening::check_packet() {
  const MaybeRefusal refusal = check_connect(packet_, config(), listener());
  return refusal ? refuse(*refusal) : Outcome::done;
}

ClientOpening::Outcome ClientOpening::take_identity() {
  auto identity = vouched_identity(connection_.stream(), listener());
  if (!identity) return refuse(identity.error());
  identity_ = std::move(*identity);
  return Outcome::done;
}

ClientOpening::Outcome ClientOpening::choose_id() {
  auto id = choose_client_id(packet_, identity_, config(), listener());
  if (!id) return refuse(id.error());
  client_id_ = std::move(*id);
  return Outcome::done;
}

ClientOpening::Outcome ClientOpening::claim_id() {
  if (claimed_id_ == client_id_) return Outcome::done;  // it came with the connection
  abandon_claim();  // rules that changed on the way here may have made it another
  const auto here = static_cast<std::uint16_t>(connection_.worker().index());
  const std::uint16_t home =
      connection_.context().sessions.directory.claim(client_id_, here).worker;
  claimed_id_ = client_id_;
  if (home == here) return Outcome::done;
  connection_.move_to(home);
  return Outcome::over;
}

/// What the connection holds before it is let in counts against the OpeningBudget.
ClientOpening::Outcome ClientOpening::count_bytes() {
  const std::size_t unread = connection_.reader().unread_size();
  const std::size_t sent = unread + connection_.stream().held() + bytes_.size();
  const bool has_tls = connection_.stream().tls() != nullptr;
  // What is unread lies in a buffer that has doubled to its size.
  const auto bytes = static_cast<std::uint32_t>(
      sent + unread +
      (has_tls ? OpeningShare::bytes_when_open_with_tls : OpeningShare::bytes_when_open));
  if (share_.change_to(bytes, sent <= OpeningBudget::small)) return Outcome::done;
  refuse_for_lack_of_room();
  return Outcome::over;
}

ClientOpening::Outcome ClientOpening::authenticate() {
  if (const auto method = packet_.properties.text(PropertyId::authentication_method))
    return begin_exchange(*method);
  using By = VouchedIdentity::By;
  if (identity_.by == By::nobody) {
    identity_.user_name = packet_.user_name.value_or("");
    by_password_ = true;
  }
  if (identity_.by == By::tls) {
    verdict_ = ReasonCode::success;
    return Outcome::done;
  }
  const std::string address = connection_.peer().address();
  Credentials asked = credentials();
  asked.peer_address = address;
  request_ = connection_.context().authenticator.authenticate(
      asked, [this](LoginVerdict verdict) { on_verdict(verdict); });
  return verdict_ ? Outcome::done : Outcome::wait;
}

void ClientOpening::on_verdict(LoginVerdict verdict) {
  verdict_ = verdict;
  if (!stepping_) proceed_later();
}

ClientOpening::Outcome ClientOpening::begin_exchange(std::string_view method) {
  AuthenticationMethod* const handler = connection_.context().methods.find(method);
  if (handler == nullptr) {  // [MQTT-4.12.0-1]
    return refuse({ReasonCode::bad_authentication_method, "unknown authentication method"});
  }
  exchanging_ = true;
  const std::string_view data =
      packet_.properties.text(PropertyId::authentication_data).value_or(std::string_view());
  connection_.set_authentication(
      std::make_unique<Authentication>(connection_, *handler, std::string(method)));
  connection_.authentication()->begin(
      credentials(), data,
      [this](AuthenticationExchange::Step step) { on_exchange_ended(std::move(step)); });
  return verdict_ ? Outcome::done : Outcome::heard;
}

void ClientOpening::on_exchange_ended(AuthenticationExchange::Step step) {
  exchanging_ = false;
  verdict_ = step.reason;
  final_data_ = std::move(step.data);
  identity_.user_name = std::move(step.user_name);
  if (!stepping_) proceed();
}

Credentials ClientOpening::credentials() const {
  const bool is_vouched_for = identity_.by != VouchedIdentity::By::nobody;
  Credentials credentials{
      connection_.worker(), client_id_, packet_.user_name, packet_.password, {}};
  if (is_vouched_for) {
    credentials.user_name = identity_.user_name;
    credentials.password.reset();
  }
  credentials.vouched_for = is_vouched_for;
  credentials.anonymous_allowed = config().allows_anonymous(listener());
  credentials.listener = connection_.listener();
  // An empty user name or password counts as none.
  if (credentials.user_name && credentials.user_name->empty()) credentials.user_name.reset();
  if (credentials.password && credentials.password->empty()) credentials.password.reset();
  return credentials;
}

ClientOpening::Outcome ClientOpening::judge() {
  if (!mqtt::is_error(verdict_->reason)) return Outcome::done;
  return refuse({verdict_->reason, to_text(verdict_->failure)});  // [MQTT-4.12.0-4]
}

/// Everything has been checked. [MQTT-3.1.4-4]
ClientOpening::Outcome ClientOpening::open_session() {
  const auto opened =
      broker::open_session(connection_.context().sessions, client_id_, packet_.clean_start);
  claimed_id_.clear();  // the claim is settled or abandoned
  if (!opened) {
    const bool full = opened.error() == ReasonCode::server_busy;
    return refuse({opened.error(), full ? "global_max_clients reached" : "memory limit reached",
                   Refusal::Told::in_v5});
  }
  session_present_ = opened->present;
  Session::Terms terms = session_terms(packet_, config(), connection_.listener());
  terms.user_name = identity_.user_name;
  connection_.attach(*opened->session, std::move(terms));
  return Outcome::done;
}

ClientOpening::Outcome ClientOpening::await_session() {
  connection_.session()->await_connack();
  return session_kept_ ? Outcome::done : Outcome::wait;
}

void ClientOpening::on_session_kept() {
  session_kept_ = true;
  if (!stepping_) proceed_later();
}

/// [MQTT-3.1.4-5] [MQTT-3.2.0-1] [MQTT-3.2.0-2]
ClientOpening::Outcome ClientOpening::let_in() {
  const Connection::Agreement agreed = agreement();
  connection_.lines().connected(packet_);
  if (connection_.packets_are_logged()) connection_.packet_log().will(packet_);
  mqtt::Connack connack;
  // MQTT 3.1 reserves the byte. [MQTT-3.2.2-2] [MQTT-3.2.2-3]
  connack.session_present = session_present_ && packet_.version != mqtt::ProtocolVersion::v31;
  const mqtt::PropertyList properties = connack_properties(agreed);
  connack.properties = properties;
  send_connack(connack, packet_.version);
  connection_.let_in(agreed);
  return Outcome::over;
}

Connection::Agreement ClientOpening::agreement() const {
  Connection::Agreement agreed;
  agreed.by_password = by_password_;
  agreed.keep_alive = mqtt::KeepAlive(packet_.keep_alive_s);  // [MQTT-3.2.2-22]
  const std::uint16_t longest = config().limits.max_keepalive_s;
  if (longest != 0 && (packet_.keep_alive_s == 0 || packet_.keep_alive_s > longest))
    agreed.keep_alive = mqtt::KeepAlive(longest);  // told in CONNACK
  if (!mqtt::is_v5(packet_.version)) return agreed;
  agreed.receive_alias_maximum = listener().max_topic_alias;
  agreed.send_alias_maximum = static_cast<std::uint16_t>(std::min<std::uint32_t>(
      packet_.properties.number(PropertyId::topic_alias_maximum).value_or(0),
      listener().max_topic_alias_broker));
  return agreed;
}

mqtt::PropertyList ClientOpening::connack_properties(const Connection::Agreement& agreed) const {
  mqtt::PropertyList properties;
  if (!mqtt::is_v5(packet_.version)) return properties;
  const Limits& limits = config().limits;
  if (agreed.keep_alive.seconds() != packet_.keep_alive_s)
    properties.add(PropertyId::server_keep_alive, agreed.keep_alive.seconds());
  if (agreed.receive_alias_maximum != 0)
    properties.add(PropertyId::topic_alias_maximum, agreed.receive_alias_maximum);
  if (packet_.client_id.empty())  // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
    properties.add(PropertyId::assigned_client_identifier, client_id_);
  if (const Authentication* const enhanced = connection_.authentication()) {
    // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
    properties.add(PropertyId::authentication_method, enhanced->method());
    if (!final_data_.empty()) properties.add(PropertyId::authentication_data, final_data_);
  }
  if (!config().delivery.retain_available) properties.add(PropertyId::retain_available, 0U);
  properties.add(PropertyId::maximum_packet_size, limits.max_packet_size_bytes);
  if (limits.max_inflight_messages != 0)
    properties.add(PropertyId::receive_maximum, limits.max_inflight_messages);
  if (listener().max_qos != mqtt::QoS::exactly_once)  // [MQTT-3.2.2-9]
    properties.add(PropertyId::maximum_qos, static_cast<std::uint32_t>(listener().max_qos));
  return properties;
}

void ClientOpening::send_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version) {
  if (connection_.packets_are_logged()) {
    const std::string address = connection_.peer().address();
    const std::string_view id = names().client_id;
    const unsigned code = mqtt::is_v5(version) ? static_cast<unsigned>(connack.reason)
                                               : mqtt::connect_return_code(connack.reason);
    PacketLog(connection_.log(), id.empty() ? address : id)
        .sending_connack(connack.session_present, code);
  }
  connection_.send_packet(connack, version);
}

// --- Refusals

/// [MQTT-3.1.4-2] [MQTT-3.2.2-6] [MQTT-3.2.2-7] Where 3.x has no return code to say it, nothing is
/// said. [MQTT311-3.2.2-6]
ClientOpening::Outcome ClientOpening::refuse(const Refusal& refusal) {
  using Told = Refusal::Told;
  const bool v5 = mqtt::is_v5(connection_.version());
  const std::string reason = closing_reason(refusal.reason);
  connection_.counters().add(Count::connects_refused);
  connection_.lines().refused(refusal.why.empty() ? reason : refusal.why);
  if (refusal.told == Told::always || (refusal.told == Told::in_v5 && v5)) {
    mqtt::PropertyList properties;
    if (v5 && listener().max_qos != mqtt::QoS::exactly_once)
      properties.add(PropertyId::maximum_qos, static_cast<std::uint32_t>(listener().max_qos));
    send_connack({false, refusal.reason, properties}, connection_.version());
  }
  // 3.x has this one code for several faults; to name the identifier would often be wrong.
  const bool code_misleads =
      refusal.reason == ReasonCode::client_identifier_not_valid && !refusal.why.empty();
  connection_.close(Session::Departure::lost, code_misleads ? refusal.why : reason);
  return Outcome::over;
}

void ClientOpening::refuse_for_lack_of_room() {
  connection_.counters().add(Count::unauthenticated_refused);
  const Refusal refusal{ReasonCode::server_busy, "max_unauthenticated_bytes reached"};
  if (next_step_ != 0) {
    refuse(refusal);
  } else {
    connection_.lines().refused(refusal.why);
    connection_.close(Session::Departure::lost, closing_reason(refusal.reason));
  }
  connection_.reader().take_unread();  // at once: hundreds may be refused before this turn is over
}

}  // namespace broker
