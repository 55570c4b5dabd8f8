#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/topic_template.h"
#include "mqtt/client/client.h"

namespace bench {

struct Credentials {
  std::string user_name;
  std::string password;
};

/// What follows the header of every message: a text that is the same for all, truncated or repeated
/// to a size; or a template.
struct PayloadPlan {
  std::string filler;                 ///< after the header of every message
  std::optional<TopicTemplate> text;  ///< instead of `filler`: expanded for each message
};

/// A group of equal clients, numbered from 0, with a topic to publish to, a filter to subscribe to,
/// or both.
struct ClientGroup {
  std::string name;  ///< part of the client identifiers
  std::uint32_t size = 0;
  std::optional<TopicTemplate> topic;
  std::optional<TopicTemplate> filter;

  /// The senders that a receiver expects.
  enum class Senders : std::uint8_t {
    same_index,  ///< only those of the publisher with its own number
    all,         ///< those of each publisher
    unknown,     ///< unknown senders: another process publishes
  };
  Senders senders = Senders::same_index;
  /// The group shares one subscription: each message reaches one of its members.
  bool shares = false;
  /// Each message is forwarded unchanged to `topic`, expanded with the sender's number.
  bool responds = false;
  /// Messages of a publisher arrive in the order in which they were sent.
  bool in_order = true;
  /// SUBSCRIBE is a separate step and does not follow CONNACK.
  bool subscribes_later = false;
  /// The session outlives its connections.
  bool keeps_session = false;
  /// Stops reading at the step `stall`; its messages are not awaited and do not count as lost.
  bool stalls = false;
};

/// The steps of a run, in order.
struct Step {
  enum class Kind : std::uint8_t {
    connect,     ///< the group's clients connect (and subscribe), until all have done so
    subscribe,   ///< the group subscribes
    disconnect,  ///< the group disconnects with DISCONNECT
    drop,        ///< the group's connections are closed without DISCONNECT
    fill,        ///< the publishers send `count` messages each, until all are complete
    load,        ///< the publishers send for `duration`, or `count` messages each
    stall,       ///< the groups that stall stop reading
    drain,   ///< nothing is sent; waits until everything has arrived or nothing arrives any more
    hold,    ///< nothing happens for `duration`
    clear,   ///< the publishers remove their retained messages
    forget,  ///< the group removes its sessions
  };
  Kind kind = Kind::load;
  std::size_t group = 0;
  /// The step is (part of) what the run measures; such steps are consecutive.
  bool measured = false;
  /// Not empty: the rate of the group's clients (connect) or of messages (fill, drain) becomes a
  /// figure with this name.
  std::string figure = {};
};

/// The main latency of the run.
enum class MainLatency : std::uint8_t { arrival, connect, completion };

/// Everything that the load threads need. Immutable while they run.
struct LoadPlan {
  std::uint32_t run = 0;  ///< number of the run, to recognise messages of other runs
  std::vector<ClientGroup> groups;
  std::vector<Step> steps;
  /// Cleans up on the broker however the run ends, even before its last step.
  std::vector<Step> farewell;
  unsigned threads = 1;
  MainLatency main_latency = MainLatency::arrival;
  std::string arrival_name = "end-to-end";

  /// For each connection; identifier, credentials and source address are set for each client.
  mqtt::client::ClientOptions client;
  TopicTemplate client_id;          ///< %i: the number within the group
  bool client_id_has_group = true;  ///< the name of the group comes before it
  std::vector<Credentials>
      credentials;  ///< assigned to the clients in turn; empty: those of `client`
  std::vector<std::string>
      sources;         ///< local addresses, assigned in turn; empty: the system chooses
  bool debug = false;  ///< show the packets of the first client of each group on stderr
  /// New connections per second in total; nullopt: as fast as they succeed.
  std::optional<double> connect_rate;
  /// Pending connections at any time, per thread.
  std::uint32_t connects_at_once = 64;

  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  mqtt::PropertyList publish_properties;
  mqtt::PropertyList subscribe_properties;
  PayloadPlan payload;

  /// Open loop: messages per second, all publishers together. Otherwise closed loop.
  std::optional<double> rate;
  Nanoseconds ramp = 0;      ///< open loop: time over which the rate rises to that
  std::uint32_t window = 1;  ///< closed loop: outstanding messages per publisher
  /// Deliveries per message; 0: unknown, and a message is outstanding until its publisher has the
  /// acknowledgement (QoS 0: until it is sent).
  std::uint32_t deliveries_per_message = 1;

  Nanoseconds warm_up = 0;
  Nanoseconds duration = 10 * nanoseconds_per_second;
  std::optional<std::uint64_t> count;  ///< messages per publisher, instead of `duration`
  Nanoseconds drain_time =
      2 * nanoseconds_per_second;                 ///< silence after which the run stops waiting
  Nanoseconds interval = nanoseconds_per_second;  ///< of the time line
  Nanoseconds step_limit = 60 * nanoseconds_per_second;  ///< for connects without any progress

  /// The group that publishes; at most one. nullptr: none.
  const ClientGroup* publishers() const {
    for (const ClientGroup& group : groups) {
      if (group.topic && !group.responds) return &group;
    }
    return nullptr;
  }
  bool is_open_loop() const { return rate.has_value(); }
  bool measures_connects() const {
    return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
      return step.measured && step.kind == Step::Kind::connect;
    });
  }
};

}  // namespace bench
