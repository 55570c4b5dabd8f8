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

/// What every message carries behind its header: a text that is the same for all, and may be cut or
/// repeated to a size; or a template.
struct PayloadPlan {
  std::string filler;                 ///< behind the header, of every message
  std::optional<TopicTemplate> text;  ///< instead of `filler`: expanded for each message
};

/// Equal clients, numbered from 0. What they are is what they have: a topic to publish to, a filter
/// to subscribe to, or both.
struct ClientGroup {
  std::string name;  ///< part of the client identifiers
  std::uint32_t size = 0;
  std::optional<TopicTemplate> topic;
  std::optional<TopicTemplate> filter;

  /// Whose messages a receiver expects.
  enum class Senders : std::uint8_t {
    same_index,  ///< only those of the publisher with its own number
    all,         ///< those of each publisher
    unknown,     ///< of whoever there is: another process publishes
  };
  Senders senders = Senders::same_index;
  /// The group has one subscription together: each message reaches one of its members.
  bool shares = false;
  /// Each message is sent on, unchanged, to `topic`, expanded with the sender's number.
  bool responds = false;
  /// What it receives of a publisher comes in the order in which it was sent.
  bool in_order = true;
  /// SUBSCRIBE is a step of its own and does not follow CONNACK.
  bool subscribes_later = false;
  /// The session outlives its connections.
  bool keeps_session = false;
  /// Stops reading at the step `stall`; its messages are nobody's loss, and nobody waits for them.
  bool stalls = false;
};

/// What happens in a run, one after the other.
struct Step {
  enum class Kind : std::uint8_t {
    connect,     ///< the group's clients connect (and subscribe), until all are there
    subscribe,   ///< the group subscribes
    disconnect,  ///< the group disconnects in order
    drop,        ///< the group's connections are cut without a DISCONNECT
    fill,        ///< the publishers send `count` messages each, until all are completed
    load,        ///< the publishers send for `duration`, or `count` messages each
    stall,       ///< the groups that stall stop reading
    drain,       ///< nothing is sent, until everything has arrived or nothing arrives any more
    hold,        ///< nothing happens for `duration`
    clear,       ///< the publishers have the broker forget what it retained for them
    forget,      ///< the group has the broker forget its sessions
  };
  Kind kind = Kind::load;
  std::size_t group = 0;
  /// The step is (part of) what the run measures; one after another at most.
  bool measured = false;
  /// Not empty: how many of the group's clients (connect) or of the messages (fill, drain) were
  /// done per second becomes a figure with this name.
  std::string figure = {};
};

/// Which of the durations is what the run is about.
enum class MainLatency : std::uint8_t { arrival, connect, completion };

/// All that the load threads need to know. Immutable while they run.
struct LoadPlan {
  std::uint32_t run = 0;  ///< number of the run: messages of others are told apart
  std::vector<ClientGroup> groups;
  std::vector<Step> steps;
  /// However the run ends, also before its steps are through: leaves the broker as it was found.
  std::vector<Step> farewell;
  unsigned threads = 1;
  MainLatency main_latency = MainLatency::arrival;
  std::string arrival_name = "end-to-end";

  /// For each connection; identifier, credentials and source address are set for each client.
  mqtt::client::ClientOptions client;
  TopicTemplate client_id;               ///< %i: the number within the group
  bool client_id_has_group = true;       ///< the name of the group comes before it
  std::vector<Credentials> credentials;  ///< dealt to the clients in turn; empty: those of `client`
  std::vector<std::string> sources;  ///< local addresses, dealt in turn; empty: the system's choice
  bool debug = false;  ///< show the packets of the first client of each group on stderr
  /// Connections that are begun per second, all together; nullopt: as fast as they succeed.
  std::optional<double> connect_rate;
  /// Connections under way at one moment, per thread.
  std::uint32_t connects_at_once = 64;

  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  mqtt::PropertyList publish_properties;
  mqtt::PropertyList subscribe_properties;
  PayloadPlan payload;

  /// Open loop: messages per second, all publishers together. Otherwise closed loop.
  std::optional<double> rate;
  Nanoseconds ramp = 0;      ///< open loop: time in which the rate rises to that
  std::uint32_t window = 1;  ///< closed loop: open messages per publisher
  /// Deliveries that each message leads to; 0: the run cannot know, and a message is open until its
  /// publisher has the acknowledgement (QoS 0: until it is sent).
  std::uint32_t deliveries_per_message = 1;

  Nanoseconds warm_up = 0;
  Nanoseconds duration = 10 * nanoseconds_per_second;
  std::optional<std::uint64_t> count;  ///< messages per publisher, instead of `duration`
  Nanoseconds drain_time = 2 * nanoseconds_per_second;   ///< silence after which nothing is awaited
  Nanoseconds interval = nanoseconds_per_second;         ///< of the time line
  Nanoseconds step_limit = 60 * nanoseconds_per_second;  ///< for connects, without any progress

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
