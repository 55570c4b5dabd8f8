#pragma once

/// All that a program needs to talk to a broker.

#include "mqtt/client/backoff.h"
#include "mqtt/client/client.h"
#include "mqtt/client/endpoint.h"
#include "mqtt/client/transport.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/topic.h"
