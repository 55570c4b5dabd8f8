#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/authenticator.h"
#include "access/enhanced_authentication.h"
#include "mqtt/protocol/packet.h"
#include "net/connection.h"
#include "net/opening.h"
#include "net/opening/client_identity.h"
#include "net/opening/refusal.h"
#include "net/opening_budget.h"

namespace broker {

/// How a client is let in: the steps from its CONNECT to its CONNACK, one after the other.
/// `client_opening.cpp` lists them. A step may wait for an answer; then nothing of the client's is
/// processed until it has come.
class ClientOpening final : public Opening {
 public:
  static std::unique_ptr<Opening> make(Connection& connection, OpeningState state);
  ClientOpening(Connection& connection, OpeningState state);
  ~ClientOpening() override;

  // Opening
  std::string_view complaint_about(std::uint8_t first_byte) const override;
  void on_packet(const mqtt::Frame& frame) override;
  void on_malformed(const mqtt::Malformed& malformed) override;
  void on_unread() override;
  void on_session_kept() override;
  void on_deadline() override;
  void on_rejected(mqtt::ReasonCode reason) override;
  void end() override;
  Names names() const override;
  OpeningState move_away() override;

 private:
  enum class Outcome : std::uint8_t {
    done,   ///< the next step follows
    wait,   ///< an answer is awaited, `proceed` follows
    heard,  ///< AUTH of the client is awaited, `proceed` follows
    over,   ///< let in, refused or moved: nothing follows
  };
  using Step = Outcome (ClientOpening::*)();
  static const Step steps[];

  Outcome check_packet();
  Outcome take_identity();
  Outcome choose_id();
  Outcome claim_id();
  Outcome count_bytes();
  Outcome authenticate();
  Outcome judge();
  Outcome open_session();
  Outcome await_session();
  Outcome let_in();

  void proceed();
  void proceed_later();
  void take_connect(const mqtt::Frame& frame);
  Outcome begin_exchange(std::string_view method);
  void on_exchange_ended(AuthenticationExchange::Step step);
  void on_verdict(LoginVerdict verdict);
  Credentials credentials() const;
  Connection::Agreement agreement() const;
  mqtt::PropertyList connack_properties(const Connection::Agreement& agreed) const;
  Outcome refuse(const Refusal& refusal);
  void refuse_for_lack_of_room();
  void send_connack(const mqtt::Connack& connack, mqtt::ProtocolVersion version);
  void abandon_claim();
  const Config& config() const { return connection_.config(); }
  const ListenerConfig& listener() const { return connection_.listener_config(); }

  Connection& connection_;
  OpeningShare share_;
  std::vector<std::uint8_t> bytes_;  ///< the CONNECT; `packet_` points into it
  mqtt::Connect packet_;
  VouchedIdentity identity_;
  std::string client_id_;
  std::string claimed_id_;  ///< for which the directory is owed a settle or an abandon; empty: none
  std::unique_ptr<Authenticator::Request> request_;
  std::optional<LoginVerdict> verdict_;
  std::string final_data_;  ///< of the enhanced authentication, to go with CONNACK
  std::size_t next_step_ = 0;
  bool stepping_ = false;     ///< within `proceed`
  bool exchanging_ = false;   ///< enhanced authentication: an AUTH is expected
  bool by_password_ = false;  ///< nobody but the authenticator is asked
  bool session_kept_ = false;
  bool session_present_ = false;  ///< [MQTT-3.2.2-2] [MQTT-3.2.2-3]
};

}  // namespace broker
