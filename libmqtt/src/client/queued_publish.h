#pragma once

#include <string>

#include "mqtt/client/client.h"

namespace mqtt::client {

/// A message of QoS 1 or 2 that waits for a connection or for the server's window; owns its parts.
struct QueuedPublish {
  QueuedPublish(const Publish& message, Client::PublishDone when_done)
      : topic(message.topic),
        payload(as_text(message.payload)),
        properties(message.properties),
        qos(message.qos),
        retain(message.retain),
        done(std::move(when_done)) {}

  Publish view() const {
    Publish message;
    message.topic = topic;
    message.payload = as_bytes(payload);
    message.properties = properties;
    message.qos = qos;
    message.retain = retain;
    return message;
  }

  std::size_t size() const {
    return topic.size() + payload.size() + properties.view().bytes().size();
  }

  std::string topic;
  std::string payload;
  PropertyList properties;
  QoS qos;
  bool retain;
  Client::PublishDone done;
};

}  // namespace mqtt::client
