#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/reason_code.h"

namespace broker {

class Connection;

/// What an opening begins with, and what it takes along to another worker.
struct OpeningState {
  std::uint32_t counted_bytes = 0;  ///< in the OpeningBudget
  std::vector<std::uint8_t> read;   ///< by another worker: a CONNECT and what followed
  std::string claimed_id;           ///< in the ClientDirectory, for this worker; empty: none
};

/// The way of a connection from its first byte until it is let in: what comes from the peer goes to
/// its opening, and after that to its session. It says who the peer is, attaches the session
/// (Connection::attach) and lets the connection in (Connection::let_in).
///
/// Made by ConnectionContext::make_opening, owned by the connection, on its worker. It is destroyed
/// within `let_in`, or with the connection: whatever lets in, refuses or moves the connection is the
/// last thing that an opening does in a call.
class Opening {
 public:
  virtual ~Opening() = default;

  /// The stream can carry data.
  virtual void on_open() {}
  /// What is wrong with the first byte that has come; empty: nothing.
  virtual std::string_view complaint_about(std::uint8_t first_byte) const = 0;
  virtual void on_packet(const mqtt::Frame& frame) = 0;
  virtual void on_malformed(const mqtt::Malformed& malformed) = 0;
  /// Bytes have been read that no packet is made of yet. It refuses the connection if they are too
  /// many.
  virtual void on_unread() {}
  /// What the attached session began with is kept (see Session::await_connack).
  virtual void on_session_kept() = 0;
  /// The last `Connection::arm` has run out.
  virtual void on_deadline() = 0;
  /// The connection is closed for this reason: the last chance to tell the peer.
  virtual void on_rejected(mqtt::ReasonCode reason) { static_cast<void>(reason); }
  /// The connection is over, before it was let in: gives back what it holds. No call follows.
  virtual void end() = 0;

  /// As far as they are known.
  struct Names {
    std::string_view client_id;
    std::string_view user;
  };
  virtual Names names() const = 0;

  /// Ends here and goes on at another worker, where what it returns is put before the unread bytes.
  virtual OpeningState move_away() = 0;
};

using MakeOpening = std::unique_ptr<Opening> (*)(Connection& connection, OpeningState state);

}  // namespace broker
