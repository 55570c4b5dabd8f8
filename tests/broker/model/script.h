#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What random clients do to a broker, step by step. A step that makes no sense where it stands
/// (a publish of a client that is not connected) does nothing, so every part of a script is a
/// script: that is what lets a failing one be shrunk.
namespace model {

/// How the broker is set up, which decides what a script may contain: with short queues everything
/// happens one after the other, so that it is known what is dropped.
struct Setting {
  unsigned workers = 1;
  std::uint16_t max_inflight = 20;
  std::uint32_t max_queued = 1000;
  bool queue_qos0 = false;
  bool sharing = false;  ///< most subscriptions are shared: of what members hand over to each other

  bool short_queues() const { return max_queued < 100; }
  std::string configuration() const;
};

enum class Kind : std::uint8_t {
  connect,     ///< also while connected: takes over
  disconnect,  ///< with DISCONNECT
  drop,        ///< without
  subscribe,
  unsubscribe,
  publish,
  release,        ///< PUBREL for one of the QoS 2 messages that the client has not released
  release_again,  ///< PUBREL for the one released last
  repeat,         ///< PUBLISH with DUP for an unreleased QoS 2 message
  acknowledge,    ///< PUBACK, PUBREC or PUBCOMP, whatever the chosen message waits for
  move,           ///< its session, while no connection is there, to the worker `which`
  pass,           ///< time
};

struct Step {
  Kind kind = Kind::pass;
  unsigned client = 0;
  // connect
  bool v5 = false;
  bool clean = false;
  std::uint32_t expiry_s = 0;     ///< connect: of the session; publish: of the message, 0: none;
                                  ///< disconnect: 0: as it was
  std::uint16_t receive_max = 0;  ///< 0: not said
  // subscribe, unsubscribe, publish
  std::string_view text;  ///< filter or topic
  int qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  int retain_handling = 0;
  std::uint32_t identifier = 0;
  unsigned repeated = 0;  ///< subscribe: times that the packet names the filter once more
  bool retain = false;
  bool empty = false;   ///< publish: no payload
  bool dup = false;     ///< publish
  bool hurry = false;   ///< publish: the next step does not wait until this one has had its effect
  unsigned which = 0;   ///< release, repeat, acknowledge, move: counted modulo what there is
  bool refuse = false;  ///< acknowledge: with an error (v5)
  std::uint32_t seconds = 0;
};

using Script = std::vector<Step>;

std::string to_text(const Step& step);
std::string to_text(const Setting& setting, const Script& script);

Setting random_setting(std::uint64_t seed, unsigned workers);
/// The same for the same arguments, on every machine.
Script random_script(std::uint64_t seed, const Setting& setting, std::size_t steps);

}  // namespace model
