/// Paho's C client (synchronous, MQTTClient) against the broker at MQTT_HOST and MQTT_PORT; over
/// TLS if MQTT_CERTIFICATES names the folder of an authority's certificate, and of the client's
/// with its key.

#include <MQTTClient.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr unsigned long patience_ms = 30'000;
/// Messages in flight. Paho looks every tenth of a second whether one has ended, so scenarios send
/// a window full and wait for its end.
constexpr int window = 20;

const char* folder_of_certificates() {
  return std::getenv("MQTT_CERTIFICATES");
}

std::string server() {
  const char* host = std::getenv("MQTT_HOST");
  const char* port = std::getenv("MQTT_PORT");
  REQUIRE(host != nullptr);
  REQUIRE(port != nullptr);
  return std::string(folder_of_certificates() != nullptr ? "ssl://" : "tcp://") + host + ":" + port;
}

/// Whom the client trusts, and who it is.
class TlsOptions {
 public:
  explicit TlsOptions(const std::string& folder)
      : authority_(folder + "/ca.pem"),
        certificate_(folder + "/client.pem"),
        key_(folder + "/client.key") {
    options_.trustStore = authority_.c_str();
    options_.keyStore = certificate_.c_str();
    options_.privateKey = key_.c_str();
    options_.verify = 1;  // the name, too
  }
  TlsOptions(const TlsOptions&) = delete;
  TlsOptions& operator=(const TlsOptions&) = delete;

  MQTTClient_SSLOptions* get() { return &options_; }

 private:
  std::string authority_;
  std::string certificate_;
  std::string key_;
  MQTTClient_SSLOptions options_ = MQTTClient_SSLOptions_initializer;
};

std::string unique(const std::string& what) {
  static std::atomic<int> count{0};
  return "paho-c-" + what + "-" + std::to_string(++count);
}

struct Message {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;
  std::string content_type;
};

struct Will {
  std::string topic;
  std::string payload;
};

/// One client of either version. Used from one thread; Paho's own thread puts messages into the
/// queue.
class Client {
 public:
  Client(int version, bool clean, std::string id)
      : version_(version), clean_(clean), id_(std::move(id)) {
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    REQUIRE(MQTTClient_createWithOptions(&client_, server().c_str(), id_.c_str(),
                                         MQTTCLIENT_PERSISTENCE_NONE, nullptr,
                                         &options) == MQTTCLIENT_SUCCESS);
    REQUIRE(MQTTClient_setCallbacks(client_, this, nullptr, &Client::on_message, nullptr) ==
            MQTTCLIENT_SUCCESS);
  }
  explicit Client(int version) : Client(version, true, unique("client")) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { MQTTClient_destroy(&client_); }

  /// The session present flag; Paho does not tell it for 5.0.
  bool connect(const Will* will = nullptr) {
    MQTTClient_connectOptions options =
        is_v5() ? MQTTClient_connectOptions(MQTTClient_connectOptions_initializer5)
                : MQTTClient_connectOptions(MQTTClient_connectOptions_initializer);
    options.MQTTVersion = version_;
    options.reliable = 0;  // more than one message in flight
    options.maxInflightMessages = window;
    options.connectTimeout = static_cast<int>(patience_ms / 1000);
    (is_v5() ? options.cleanstart : options.cleansession) = clean_ ? 1 : 0;
    MQTTClient_willOptions will_options = MQTTClient_willOptions_initializer;
    if (will != nullptr) {
      will_options.topicName = will->topic.c_str();
      will_options.message = will->payload.c_str();
      will_options.qos = 1;
      options.will = &will_options;
    }
    std::optional<TlsOptions> tls;
    if (const char* folder = folder_of_certificates()) options.ssl = tls.emplace(folder).get();
    if (!is_v5()) {
      REQUIRE(MQTTClient_connect(client_, &options) == MQTTCLIENT_SUCCESS);
      return options.returned.sessionPresent != 0;
    }
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty expiry{};
    expiry.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
    expiry.value.integer4 = clean_ ? 0 : 60;
    MQTTProperties_add(&properties, &expiry);
    MQTTResponse response = MQTTClient_connect5(client_, &options, &properties, nullptr);
    const int code = response.reasonCode;
    MQTTResponse_free(response);
    MQTTProperties_free(&properties);
    REQUIRE(code == MQTTREASONCODE_SUCCESS);
    return false;
  }

  void disconnect() {
    const int timeout = static_cast<int>(patience_ms);
    if (is_v5()) {
      REQUIRE(MQTTClient_disconnect5(client_, timeout, MQTTREASONCODE_SUCCESS, nullptr) ==
              MQTTCLIENT_SUCCESS);
    } else {
      REQUIRE(MQTTClient_disconnect(client_, timeout) == MQTTCLIENT_SUCCESS);
    }
  }

  /// Ends the connection in the one way in which a v5 client asks for its Will.
  void disconnect_with_will() {
    REQUIRE(MQTTClient_disconnect5(client_, static_cast<int>(patience_ms),
                                   MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE,
                                   nullptr) == MQTTCLIENT_SUCCESS);
  }

  /// The granted QoS, or the reason why not.
  int subscribe(const std::string& filter, int qos) {
    if (!is_v5())
      return MQTTClient_subscribe(client_, filter.c_str(), qos) == MQTTCLIENT_SUCCESS ? qos : 0x80;
    MQTTResponse response = MQTTClient_subscribe5(client_, filter.c_str(), qos, nullptr, nullptr);
    const int code = response.reasonCode;
    MQTTResponse_free(response);
    return code;
  }

  MQTTClient_deliveryToken publish(const Message& message) {
    MQTTClient_message out = MQTTClient_message_initializer;
    out.payload = const_cast<char*>(message.payload.data());
    out.payloadlen = static_cast<int>(message.payload.size());
    out.qos = message.qos;
    out.retained = message.retained ? 1 : 0;
    if (is_v5() && !message.content_type.empty()) {
      MQTTProperty type{};
      type.identifier = MQTTPROPERTY_CODE_CONTENT_TYPE;
      type.value.data = {static_cast<int>(message.content_type.size()),
                         const_cast<char*>(message.content_type.data())};
      MQTTProperties_add(&out.properties, &type);
    }
    MQTTClient_deliveryToken token = 0;
    if (is_v5()) {
      MQTTResponse response =
          MQTTClient_publishMessage5(client_, message.topic.c_str(), &out, &token);
      const int code = response.reasonCode;
      MQTTResponse_free(response);
      MQTTProperties_free(&out.properties);
      REQUIRE(code == MQTTCLIENT_SUCCESS);
    } else {
      REQUIRE(MQTTClient_publishMessage(client_, message.topic.c_str(), &out, &token) ==
              MQTTCLIENT_SUCCESS);
    }
    return token;
  }

  void finish(MQTTClient_deliveryToken token) {
    REQUIRE(MQTTClient_waitForCompletion(client_, token, patience_ms) == MQTTCLIENT_SUCCESS);
  }

  void publish_and_wait(const Message& message) {
    const MQTTClient_deliveryToken token = publish(message);
    if (message.qos > 0) finish(token);
  }

  /// As many messages as may be in flight, with their number as payload; returns when all have
  /// ended.
  void publish_window(const std::string& topic, int qos) {
    std::vector<MQTTClient_deliveryToken> tokens;
    for (int i = 0; i < window; ++i)
      tokens.push_back(publish({topic, std::to_string(i), qos, false, {}}));
    if (qos == 0) return;
    for (const MQTTClient_deliveryToken token : tokens) finish(token);
  }

  Message receive() {
    std::unique_lock lock(mutex_);
    REQUIRE(arrived_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                              [this] { return !messages_.empty(); }));
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

  const std::string& id() const { return id_; }

 private:
  /// On Paho's thread.
  static int on_message(void* self, char* topic, int, MQTTClient_message* in) {
    Message message{topic,
                    std::string(static_cast<const char*>(in->payload),
                                static_cast<std::size_t>(in->payloadlen)),
                    in->qos,
                    in->retained != 0,
                    {}};
    const MQTTProperty* type =
        MQTTProperties_getProperty(&in->properties, MQTTPROPERTY_CODE_CONTENT_TYPE);
    if (type != nullptr)
      message.content_type.assign(type->value.data.data,
                                  static_cast<std::size_t>(type->value.data.len));
    MQTTClient_freeMessage(&in);
    MQTTClient_free(topic);
    auto& client = *static_cast<Client*>(self);
    const std::lock_guard lock(client.mutex_);
    client.messages_.push_back(std::move(message));
    client.arrived_.notify_one();
    return 1;
  }

  bool is_v5() const { return version_ == MQTTVERSION_5; }

  int version_;
  bool clean_;
  std::string id_;
  MQTTClient client_ = nullptr;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Message> messages_;  ///< guarded by mutex_
};

/// The versions that every scenario runs with.
int each_version() {
  return GENERATE(MQTTVERSION_3_1_1, MQTTVERSION_5);
}

}  // namespace

TEST_CASE("Paho C: messages of each QoS arrive in order, many in flight", "[transport]") {
  const int version = each_version();
  const int qos = GENERATE(0, 1, 2);
  CAPTURE(version, qos);
  const std::string topic = unique("topic");
  Client reader(version);
  Client writer(version);
  reader.connect();
  writer.connect();
  REQUIRE(reader.subscribe(topic, 2) == 2);
  for (int round = 0; round < 5; ++round) {
    writer.publish_window(topic, qos);
    for (int i = 0; i < window; ++i) {
      const Message message = reader.receive();
      REQUIRE(message.payload == std::to_string(i));
      REQUIRE(message.qos == qos);
      REQUIRE(message.topic == topic);
    }
  }
  writer.disconnect();
  reader.disconnect();
}

TEST_CASE("Paho C: a retained message waits for who subscribes later") {
  const int version = each_version();
  CAPTURE(version);
  const std::string topic = unique("topic");
  Client writer(version);
  writer.connect();
  writer.publish_and_wait({topic, "kept", 1, true, {}});
  Client reader(version);
  reader.connect();
  REQUIRE(reader.subscribe(topic, 1) == 1);
  const Message kept = reader.receive();
  CHECK(kept.payload == "kept");
  CHECK(kept.retained);
  writer.publish_and_wait({topic, "live", 1, true, {}});
  const Message live = reader.receive();
  CHECK(live.payload == "live");
  CHECK_FALSE(live.retained);
}

TEST_CASE("Paho C: a Will is published when it is asked for, and not otherwise") {
  const std::string topic = unique("will");
  Client witness(MQTTVERSION_5);
  witness.connect();
  REQUIRE(witness.subscribe(topic, 2) == 2);
  for (const int version : {MQTTVERSION_3_1_1, MQTTVERSION_5}) {
    Client leaving(version);
    const Will will{topic, "not this"};
    leaving.connect(&will);
    leaving.disconnect();
  }
  Client asking(MQTTVERSION_5);
  const Will will{topic, "this"};
  asking.connect(&will);
  asking.disconnect_with_will();
  const Message message = witness.receive();
  CHECK(message.payload == "this");
  CHECK(message.qos == 1);
}

TEST_CASE("Paho C: the Will of a client that is taken over is published") {
  const int version = each_version();
  CAPTURE(version);
  const std::string topic = unique("will");
  Client witness(version);
  witness.connect();
  REQUIRE(witness.subscribe(topic, 1) == 1);
  Client first(version);
  const Will will{topic, "taken over"};
  first.connect(&will);
  Client second(version, true, first.id());
  second.connect();
  CHECK(witness.receive().payload == "taken over");
}

TEST_CASE("Paho C: a session is resumed with what it missed") {
  const int version = each_version();
  CAPTURE(version);
  const std::string topic = unique("topic");
  const std::string id = unique("sleeper");
  {
    Client sleeper(version, false, id);
    CHECK_FALSE(sleeper.connect());
    REQUIRE(sleeper.subscribe(topic, 2) == 2);
    sleeper.disconnect();
  }
  Client writer(version);
  writer.connect();
  for (int round = 0; round < 3; ++round) writer.publish_window(topic, 2);
  Client back(version, false, id);
  CHECK(back.connect() == (version == MQTTVERSION_3_1_1));
  for (int i = 0; i < 3 * window; ++i)
    REQUIRE(back.receive().payload == std::to_string(i % window));
}

TEST_CASE("Paho C: a payload of a megabyte arrives whole", "[transport]") {
  const int version = each_version();
  const int qos = GENERATE(0, 1, 2);
  CAPTURE(version, qos);
  std::string payload(1U << 20U, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 % 251);
  const std::string topic = unique("topic");
  Client reader(version);
  Client writer(version);
  reader.connect();
  writer.connect();
  REQUIRE(reader.subscribe(topic, 2) == 2);
  const MQTTClient_deliveryToken token = writer.publish({topic, payload, qos, false, {}});
  CHECK((reader.receive().payload == payload));
  if (qos > 0) writer.finish(token);
}

TEST_CASE("Paho C: a shared subscription gives each message to one member") {
  const int version = each_version();
  CAPTURE(version);
  const std::string topic = unique("topic");
  Client left(version);
  Client right(version);
  Client writer(version);
  left.connect();
  right.connect();
  writer.connect();
  REQUIRE(left.subscribe("$share/group/" + topic, 1) == 1);
  REQUIRE(right.subscribe("$share/group/" + topic, 1) == 1);
  writer.publish_window(topic, 1);
  std::vector<bool> seen(window);
  for (Client* member : {&left, &right}) {
    for (int i = 0; i < window / 2; ++i) seen.at(std::stoul(member->receive().payload)) = true;
  }
  CHECK(seen == std::vector<bool>(window, true));
}

TEST_CASE("Paho C: properties arrive") {
  const std::string topic = unique("topic");
  Client client(MQTTVERSION_5);
  client.connect();
  REQUIRE(client.subscribe(topic, 1) == 1);
  client.publish_and_wait({topic, "x", 1, false, "text/plain"});
  CHECK(client.receive().content_type == "text/plain");
}
