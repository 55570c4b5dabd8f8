/// From CONNECT to CONNACK: checks, the worker that the client identifier lives on, authentication,
/// the session.

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mqtt/io/proxy_stream.h"
#include "mqtt/io/tls_stream.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/utf8.h"
#include "net/closing_reason.h"
#include "net/connection.h"
#include "net/connection_table.h"
#include "session/opening.h"

namespace broker {
namespace {

using mqtt::ReasonCode;

/// How long a client waits for its login to be judged; then it is told that the broker is busy.
constexpr Millis login_deadline_ms = 120'000;

/// 36 characters in groups of 8-4-4-4-12 hexadecimal digits, unpredictable: who knows another
/// client's identifier could take its session over.
std::string random_id(std::string_view prefix) {
  std::array<unsigned char, 16> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string id(prefix);
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += digits[random[i] >> 4];
    id += digits[random[i] & 0x0F];
  }
  return id;
}

std::uint16_t window(std::uint16_t configured) {
  return configured == 0 ? std::uint16_t{65535} : configured;
}

/// 3.x clients are not told a window. They may have as many QoS 2 messages open as the window and
/// the queue allow together; beyond that they are disconnected, never acknowledged and forgotten.
std::uint16_t receive_window(const Limits& limits, bool v5) {
  if (v5 || limits.max_inflight_messages == 0) return window(limits.max_inflight_messages);
  if (limits.max_queued_messages == 0) return 65535;
  return static_cast<std::uint16_t>(
      std::min<std::uint32_t>(65535, limits.max_inflight_messages + limits.max_queued_messages));
}

/// What the Will's PUBLISH will carry: the Will properties, in their order [MQTT-3.1.3-10], without
/// the delay and the expiry.
mqtt::PropertyList will_properties(mqtt::Properties properties) {
  mqtt::PropertyList kept;
  for (const mqtt::Property& property : properties) {
    if (property.id == mqtt::PropertyId::will_delay_interval ||
        property.id == mqtt::PropertyId::message_expiry_interval) {
      continue;
    }
    kept.add(property);
  }
  return kept;
}

/// The user name that a client has proved by its certificate or its key.
std::optional<std::string> tls_user_name(const mqtt::io::TlsStream& tls, const TlsConfig& rules) {
  std::optional<std::string> name;
  if (rules.psk_hint) {
    if (rules.identity_is_user_name) name = tls.psk_identity();
  } else if (const auto certificate = tls.peer_certificate()) {
    name = rules.identity_is_user_name ? certificate->common_name : certificate->subject;
  }
  return name;
}

/// The user name that a proxy vouches for. What it said is looked at under the rules of now, which
/// a reload may have changed since it was let in.
std::optional<std::string> proxy_user_name(const mqtt::io::ProxyStream& proxy) {
  const mqtt::io::ProxyHeader* const header = proxy.header();
  if (header == nullptr || !header->tls || !header->tls->certificate_verified) return std::nullopt;
  return header->tls->common_name;
}

/// Whether a CONNECT speaks 5.0, also one that is malformed behind its protocol level.
bool claims_v5(mqtt::ByteView body) {
  constexpr std::size_t level_at = 6;  // behind the name "MQTT" and its length
  return body.size() > level_at && body[1] == 4 && body[level_at] == 5;
}

}  // namespace

void Connection::handle_connect(const mqtt::Frame& frame) {
  counters().add(Count::connects_received);
  if (!opening_) opening_ = std::make_unique<Opening>();
  // The packet outlives its read: authentication may take its time, or another worker may want it.
  const std::uint8_t* begin = frame.body.data() - (frame.size - frame.body.size());
  opening_->bytes.assign(begin, begin + frame.size);
  mqtt::Frame kept = frame;
  kept.body = mqtt::ByteView(opening_->bytes).last(frame.body.size());

  if (claims_v5(kept.body)) version_ = mqtt::ProtocolVersion::v5;
  const auto packet = mqtt::decode_connect(kept);
  if (!packet) return reply_to_malformed_connect(packet.error());
  version_ = packet->version;
  client_max_packet_size_ =
      packet->properties.number(mqtt::PropertyId::maximum_packet_size).value_or(UINT32_MAX);
  opening_->connect = *packet;
  if (const Refusal refusal = check_connect(*packet); refusal.reason != ReasonCode::success)
    return refuse(refusal);
  if (const Refusal refusal = take_identity(); refusal.reason != ReasonCode::success)
    return refuse(refusal);
  if (const Refusal refusal = choose_client_id(); refusal.reason != ReasonCode::success)
    return refuse(refusal);
  if (claim_client_id()) authenticate();
}

Connection::Refusal Connection::check_connect(const mqtt::Connect& packet) const {
  if (const Refusal refusal = check_version(packet); refusal.reason != ReasonCode::success)
    return refusal;
  if (packet.will) {
    if (const Refusal refusal = check_will(*packet.will); refusal.reason != ReasonCode::success)
      return refusal;
  }
  if (const Refusal refusal = check_client_id(packet); refusal.reason != ReasonCode::success)
    return refusal;
  return check_keep_alive(packet);
}

Connection::Refusal Connection::check_version(const mqtt::Connect& packet) const {
  const AcceptedVersions& accepted = listener_config().accepted_versions;
  const bool taken = packet.version == mqtt::ProtocolVersion::v5     ? accepted.v5
                     : packet.version == mqtt::ProtocolVersion::v311 ? accepted.v311
                                                                     : accepted.v31;
  if (taken) return {};
  return {ReasonCode::unsupported_protocol_version, false, false,
          "protocol version not accepted by the listener"};
}

Connection::Refusal Connection::check_will(const mqtt::Will& will) const {
  if (will.topic.starts_with("$CONTROL/"))
    return {ReasonCode::topic_name_invalid, true, /*silent=*/true, "a Will to $CONTROL"};
  if (will.qos > listener_config().max_qos)
    return {ReasonCode::qos_not_supported, true, false,
            "QoS of the Will above the listener's maximum"};  // [MQTT-3.2.2-12]
  if (will.retain && !config().delivery.retain_available) {   // [MQTT-3.2.2-13]
    return {ReasonCode::retain_not_supported, true, false,
            "a retained Will, and retain is not available"};
  }
  std::string scratch;
  if (!TopicMap(listener_config().mount_point).to_local(will.topic, scratch))
    return {ReasonCode::topic_name_invalid, true, false,
            "topic of the Will too long below the mount point"};
  const std::uint32_t limit = config().limits.message_size_limit_bytes;
  if (limit != 0 && will.payload.size() > limit)
    return {ReasonCode::packet_too_large, false, false, "Will above message_size_limit"};
  return {};
}

/// Any identifier that is text will do. [MQTT-3.1.3-5] [MQTT-3.1.3-8] [MQTT311-3.1.3-9]
Connection::Refusal Connection::check_client_id(const mqtt::Connect& packet) const {
  if (!packet.client_id.empty() || listener_config().use_username_as_clientid) return {};
  // 3.1 has no empty identifiers; 3.1.1 only for sessions that end with their connection.
  const bool allowed = packet.version == mqtt::ProtocolVersion::v5 ||
                       (packet.version == mqtt::ProtocolVersion::v311 && packet.clean_start);
  if (!allowed) {
    return {ReasonCode::client_identifier_not_valid, false, false,
            "an empty client identifier needs a clean session"};
  }
  if (!config().allows_zero_length_clientid(listener_config())) {
    return {is_v5() ? ReasonCode::unspecified_error : ReasonCode::client_identifier_not_valid,
            false, false, "empty client identifiers are not allowed"};
  }
  return {};
}

Connection::Refusal Connection::check_keep_alive(const mqtt::Connect& packet) const {
  const std::uint16_t maximum = config().limits.max_keepalive_s;
  if (maximum == 0 || is_v5()) return {};  // v5 clients are told another value
  if (packet.keep_alive_s == 0 || packet.keep_alive_s > maximum)
    return {ReasonCode::client_identifier_not_valid, false, false,
            "keep alive above max_keepalive"};
  return {};
}

/// Where the listener takes user names from TLS, its own or that of a proxy: who the client is,
/// whatever its CONNECT says.
Connection::Refusal Connection::take_identity() {
  using Voucher = Opening::Voucher;
  const TlsConfig& rules = listener_config().tls;
  if (!(rules.identity_is_user_name || rules.subject_is_user_name)) return {};
  std::optional<std::string> name;
  if (const mqtt::io::TlsStream* tls = stream_->tls()) {
    opening_->voucher = Voucher::tls;
    name = tls_user_name(*tls, rules);
  } else if (const mqtt::io::ProxyStream* proxy = stream_->proxy();
             proxy != nullptr && rules.require_certificate &&
             listener_config().proxy_protocol == ProxyProtocol::v2) {
    opening_->voucher = Voucher::proxy;
    name = proxy_user_name(*proxy);
  } else {
    return {};
  }
  const bool is_usable = name && !name->empty() && mqtt::is_valid_utf8(*name);
  if (!is_usable) {
    return {ReasonCode::bad_user_name_or_password, false, false,
            "no user name in the certificate or key"};
  }
  opening_->user_name = *name;
  return {};
}

/// The client's own, a generated one, or its user name where the listener says so.
Connection::Refusal Connection::choose_client_id() {
  Opening& opening = *opening_;
  opening.client_id = opening.connect.client_id;
  if (listener_config().use_username_as_clientid) {
    const bool vouched_for = opening.voucher != Opening::Voucher::nobody;
    opening.client_id = vouched_for ? opening.user_name : opening.connect.user_name.value_or("");
    if (opening.client_id.empty()) {
      return {ReasonCode::not_authorized, false, false,
              "no user name, which would be the client identifier"};
    }
  } else if (opening.client_id.empty()) {  // [MQTT-3.1.3-6]
    opening.generated_id = true;
    opening.client_id = random_id(config().auto_id_prefix(listener_config()));
  }
  if (!opening.client_id.starts_with(config().clientid_prefix)) {
    return {ReasonCode::not_authorized, false, false,
            "client identifier without one of clientid_prefixes"};
  }
  return {};
}

/// Makes the client identifier this worker's business. False if the connection goes to the worker
/// where it lives.
bool Connection::claim_client_id() {
  Opening& opening = *opening_;
  if (opening.claimed_id == opening.client_id) return true;  // it came with the connection
  ClientDirectory& directory = context_.sessions.directory;
  // Rules that changed on the way here may have made it another.
  if (!opening.claimed_id.empty()) directory.abandon(std::exchange(opening.claimed_id, {}));
  const auto here = static_cast<std::uint16_t>(worker().index());
  const std::uint16_t home = directory.claim(opening.client_id, here).worker;
  if (home == here) {
    opening.claimed_id = opening.client_id;
    return true;
  }
  state_ = State::handing_over;
  pause_input();
  context_.table->move(*this, home);
  return false;
}

void Connection::hand_over(std::uint16_t worker_index) {
  if (stream_ == nullptr || state_ != State::handing_over) return;
  std::vector<std::uint8_t> read = std::move(opening_->bytes);
  const std::vector<std::uint8_t> unread = reader_.take_unread();
  read.insert(read.end(), unread.begin(), unread.end());
  std::unique_ptr<mqtt::io::DetachedStream> detached = stream_->detach();
  if (!detached) {  // it broke meanwhile
    context_.sessions.directory.abandon(opening_->client_id);
    state_ = State::closing;
    return drop();
  }
  ConnectionTable& there = context_.table->at(worker_index);
  there.worker().post(
      make_letter([&there, detached = std::move(detached), read = std::move(read),
                   listener = listener_, opening_bytes = std::exchange(opening_bytes_, 0U),
                   claimed_id = opening_->client_id]() mutable {
        there
            .add(detached->attach(there.worker().loop()), listener, opening_bytes, std::move(read),
                 std::move(claimed_id))
            .start();
      }));
  worker().timers().disarm(*this);
  stream_.reset();
  context_.table->bury(*this);
}

// --- Authentication

Credentials Connection::credentials() const {
  Credentials credentials{context_.sessions.here.worker, {}, {}, {}, {}};
  credentials.anonymous_allowed = config().allows_anonymous(listener_config());
  credentials.listener = listener_;
  if (opening_) {
    credentials.client_id = opening_->client_id;
    credentials.user_name = opening_->connect.user_name;
    credentials.password = opening_->connect.password;
    if (opening_->voucher != Opening::Voucher::nobody) {
      credentials.user_name = opening_->user_name;
      credentials.password.reset();
      credentials.vouched_for = true;
    }
  } else if (session_ != nullptr) {
    credentials.client_id = session_->client_id();
    if (!session_->core().user_name().empty()) credentials.user_name = session_->core().user_name();
  }
  // An empty user name or password counts as none.
  if (credentials.user_name && credentials.user_name->empty()) credentials.user_name.reset();
  if (credentials.password && credentials.password->empty()) credentials.password.reset();
  return credentials;
}

void Connection::authenticate() {
  if (const auto method =
          opening_->connect.properties.text(mqtt::PropertyId::authentication_method)) {
    return begin_exchange(*method);
  }
  state_ = State::authenticating;
  if (!count_opening_bytes()) return;
  if (opening_->voucher == Opening::Voucher::tls) return on_authenticated(ReasonCode::success);
  if (opening_->voucher == Opening::Voucher::nobody) {
    opening_->user_name = opening_->connect.user_name.value_or("");
    by_password_ = true;
  }
  const std::string address = peer_.address();
  Credentials asked = credentials();
  asked.peer_address = address;
  auto request = context_.authenticator.authenticate(
      asked, [this](LoginVerdict verdict) { on_authenticated(verdict); });
  if (!request) return;  // answered, and the connection has gone on
  opening_->request = std::move(request);
  worker().timers().arm(*this, worker().now() + login_deadline_ms);
}

void Connection::begin_exchange(std::string_view method) {
  AuthenticationMethod* handler = context_.methods.find(method);
  if (handler == nullptr)
    return refuse({ReasonCode::bad_authentication_method, false, false,
                   "unknown authentication method"});  // [MQTT-4.12.0-1]
  auto begun = std::make_unique<Authentication>();
  begun->method = method;
  begun->exchange = handler->begin(credentials());
  begun->running = true;
  extensions().authentication = std::move(begun);
  state_ = State::exchanging;
  step_exchange(opening_->connect.properties.text(mqtt::PropertyId::authentication_data)
                    .value_or(std::string_view()));
}

void Connection::step_exchange(std::string_view data) {
  waiting_ = true;
  authentication()->exchange->step(
      data, [this](AuthenticationExchange::Step step) { on_exchange_step(std::move(step)); });
  if (!waiting_ || state_ == State::closing) return;
  authentication()->answers_later = true;
  pause_input();
}

void Connection::on_exchange_step(AuthenticationExchange::Step step) {
  const bool asynchronous = std::exchange(authentication()->answers_later, false);
  waiting_ = false;
  if (step.reason == ReasonCode::continue_authentication) {
    send_auth(step.reason, step.data);  // [MQTT-4.12.0-2]
  } else {
    authentication()->running = false;  // it lives on until the next run: it is the one that calls
    if (state_ == State::active) {
      finish_reauthentication(step);
    } else if (mqtt::is_error(step.reason)) {
      refuse({step.reason});  // [MQTT-4.12.0-4]
    } else {
      authentication()->final_data = std::move(step.data);
      opening_->user_name = std::move(step.user_name);
      open_session();
    }
  }
  if (asynchronous && takes_input()) continue_input();
}

void Connection::finish_reauthentication(const AuthenticationExchange::Step& step) {
  if (mqtt::is_error(step.reason)) {
    connection_log().refused("re-authentication failed", context_.refused_clients, worker().now());
    return reject(step.reason, {});  // [MQTT-4.12.1-2]
  }
  send_auth(ReasonCode::success, step.data);
}

void Connection::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::PropertyList properties;
  properties.add(mqtt::PropertyId::authentication_method,
                 authentication()->method);  // [MQTT-4.12.0-5]
  if (!data.empty()) properties.add(mqtt::PropertyId::authentication_data, data);
  if (packets_are_logged())
    PacketLog(log(), known_id()).sending_auth(reason, authentication()->method);
  send_packet(mqtt::Auth{reason, properties}, version_);
}

void Connection::on_authenticated(LoginVerdict verdict) {
  const bool asynchronous = opening_->request != nullptr;
  if (mqtt::is_error(verdict.reason)) {
    refuse({verdict.reason, false, false, to_text(verdict.failure)});
  } else {
    open_session();
  }
  if (!takes_input()) return;
  // What came behind CONNECT may have paused the stream, see `count_opening_bytes`.
  asynchronous ? continue_input() : resume_input();
}

// --- The session

/// Everything has been checked. [MQTT-3.1.4-4]
void Connection::open_session() {
  const auto opened =
      broker::open_session(context_.sessions, opening_->client_id, opening_->connect.clean_start);
  opening_->claimed_id.clear();  // the claim is settled or abandoned
  if (!opened) {
    const bool full = opened.error() == ReasonCode::server_busy;
    return refuse({opened.error(), /*silent_before_v5=*/true, false,
                   full ? "global_max_clients reached" : "memory limit reached"});
  }

  const std::unique_ptr<Opening> opening = std::move(opening_);
  const mqtt::Connect& packet = opening->connect;
  session_ = opened->session;
  keep_alive_ = mqtt::KeepAlive(packet.keep_alive_s);  // [MQTT-3.2.2-22]
  const std::uint16_t max_keep_alive = config().limits.max_keepalive_s;
  if (max_keep_alive != 0 && (packet.keep_alive_s == 0 || packet.keep_alive_s > max_keep_alive)) {
    keep_alive_ = mqtt::KeepAlive(max_keep_alive);  // told in CONNACK
  }
  receive_alias_maximum_ = is_v5() ? listener_config().max_topic_alias : std::uint16_t{0};
  reader_.set_max_packet_size(config().limits.max_packet_size_bytes);
  Session::Terms agreed = terms(packet);
  agreed.user_name = opening->user_name;

  log_connected(packet, agreed.user_name);
  send_connack(packet, opened->present);  // [MQTT-3.1.4-5] [MQTT-3.2.0-1] [MQTT-3.2.0-2]
  state_ = State::active;
  settle_opening_bytes(0);
  if (keep_alive_.enabled()) {
    worker().timers().arm(*this,
                          keep_alive_.peer_deadline(mqtt::KeepAlive::Time(last_received_)).count());
  } else {
    worker().timers().disarm(*this);
  }
  session_->attach(std::move(agreed));
  session_->resume();
}

Session::Terms Connection::terms(const mqtt::Connect& packet) {
  using mqtt::PropertyId;
  const Limits& limits = config().limits;
  Session::Terms terms;
  terms.sink = this;
  terms.version = version_;
  terms.bridge = packet.bridge;
  terms.listener = listener_;
  terms.topics = TopicMap(listener_config().mount_point);
  terms.max_qos = listener_config().max_qos;
  terms.retain_available = config().delivery.retain_available;
  terms.send_window = window(limits.max_inflight_messages);
  terms.receive_window = receive_window(limits, is_v5());
  // 3.x: a session lasts for ever, or as long as its connection.
  terms.expiry_interval_s = packet.clean_start ? 0 : UINT32_MAX;
  if (is_v5()) {
    terms.expiry_interval_s =
        packet.properties.number(PropertyId::session_expiry_interval).value_or(0);
    if (const auto maximum =
            packet.properties.number(PropertyId::receive_maximum)) {  // [MQTT-3.3.4-9]
      terms.send_window = static_cast<std::uint16_t>(*maximum);
    }
    const auto aliases = std::min<std::uint32_t>(
        packet.properties.number(PropertyId::topic_alias_maximum).value_or(0),
        listener_config().max_topic_alias_broker);
    if (aliases != 0) {  // [MQTT-3.1.2-26] [MQTT-3.1.2-27]
      extensions().sent_aliases =
          std::make_unique<mqtt::SentTopicAliases>(static_cast<std::uint16_t>(aliases));
    }
  }
  if (packet.will) terms.will = make_will(*packet.will);
  return terms;
}

std::unique_ptr<Will> Connection::make_will(const mqtt::Will& will) const {
  const mqtt::PropertyList properties = will_properties(will.properties);
  std::string scratch;
  const auto topic =
      TopicMap(listener_config().mount_point).to_local(will.topic, scratch);  // see check_will
  auto kept = std::make_unique<Will>();
  kept->message = Message::create(
      MessageView{topic.value(), will.payload, will.qos, will.retain, properties, never, {}});
  kept->delay_s = will.properties.number(mqtt::PropertyId::will_delay_interval).value_or(0);
  kept->expiry_s = will.properties.number(mqtt::PropertyId::message_expiry_interval).value_or(0);
  return kept;
}

void Connection::send_connack(const mqtt::Connect& packet, bool session_present) {
  using mqtt::PropertyId;
  mqtt::Connack connack;
  // MQTT 3.1 reserves the byte. [MQTT-3.2.2-2] [MQTT-3.2.2-3]
  connack.session_present = session_present && packet.version != mqtt::ProtocolVersion::v31;
  mqtt::PropertyList properties;
  if (is_v5()) {
    const Limits& limits = config().limits;
    const ListenerConfig& listener = listener_config();
    if (keep_alive_.seconds() != packet.keep_alive_s)
      properties.add(PropertyId::server_keep_alive, keep_alive_.seconds());
    if (receive_alias_maximum_ != 0)
      properties.add(PropertyId::topic_alias_maximum, receive_alias_maximum_);
    if (packet.client_id.empty()) {  // [MQTT-3.1.3-7] [MQTT-3.2.2-16]
      properties.add(PropertyId::assigned_client_identifier, session_->client_id());
    }
    if (authentication() != nullptr) {  // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
      properties.add(PropertyId::authentication_method, authentication()->method);
      if (!authentication()->final_data.empty()) {
        properties.add(PropertyId::authentication_data, authentication()->final_data);
      }
    }
    if (!config().delivery.retain_available) properties.add(PropertyId::retain_available, 0U);
    properties.add(PropertyId::maximum_packet_size, limits.max_packet_size_bytes);
    if (limits.max_inflight_messages != 0)
      properties.add(PropertyId::receive_maximum, limits.max_inflight_messages);
    if (listener.max_qos != mqtt::QoS::exactly_once) {  // [MQTT-3.2.2-9]
      properties.add(PropertyId::maximum_qos, static_cast<std::uint32_t>(listener.max_qos));
    }
  }
  connack.properties = properties;
  send_connack(connack, version_);
}

void Connection::send_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version) {
  if (packets_are_logged()) log_connack(connack, version);
  send_packet(connack, version);
}

// --- Refusals

/// [MQTT-3.1.4-2] [MQTT-3.2.2-6] [MQTT-3.2.2-7] Where 3.x has no return code to say it, nothing is
/// said. [MQTT311-3.2.2-6]
void Connection::refuse(const Refusal& refusal) {
  counters().add(Count::connects_refused);
  log_refused(refusal);
  const bool silent = refusal.silent || (refusal.silent_before_v5 && !is_v5());
  if (!silent) {
    mqtt::Connack connack;
    connack.reason = refusal.reason;
    mqtt::PropertyList properties;
    if (is_v5() && listener_config().max_qos != mqtt::QoS::exactly_once) {
      properties.add(mqtt::PropertyId::maximum_qos,
                     static_cast<std::uint32_t>(listener_config().max_qos));
    }
    connack.properties = properties;
    send_connack(connack, version_);
  }
  // 3.x has this one code for several faults; to name the identifier would often be wrong.
  const bool code_misleads =
      refusal.reason == ReasonCode::client_identifier_not_valid && !refusal.why.empty();
  close(Session::Departure::lost,
        code_misleads ? std::string(refusal.why) : closing_reason(refusal.reason));
}

/// [MQTT-3.1.4-1]
void Connection::reply_to_malformed_connect(const mqtt::Malformed& malformed) {
  using Reply = mqtt::Malformed::Reply;
  // [MQTT-3.1.2-2] [MQTT311-3.1.2-2] [MQTT311-3.1.4-1]
  const bool in_v5 =
      malformed.reply == Reply::connack_v5 || (malformed.reply == Reply::in_kind && is_v5());
  if (in_v5 || malformed.reply == Reply::connack_v3) {
    const auto form = in_v5 ? mqtt::ProtocolVersion::v5 : mqtt::ProtocolVersion::v311;
    counters().add(Count::connects_refused);
    send_connack(mqtt::Connack{false, malformed.reason, {}}, form);
  }
  const bool is_well_formed = malformed.reason == ReasonCode::client_identifier_not_valid ||
                              malformed.reason == ReasonCode::unsupported_protocol_version;
  if (!is_well_formed)
    return close(Session::Departure::lost, closing_reason(malformed.reason), malformed.detail);
  log_refused({malformed.reason, false, false, malformed.detail});
  close(Session::Departure::lost, closing_reason(malformed.reason));
}

}  // namespace broker
