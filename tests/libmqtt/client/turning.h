#pragma once

#include <chrono>
#include <functional>

#include "mqtt/io/loop.h"
#include "support/mqtt_script.h"

namespace test {

/// Turns the loop until `done` answers true; what does not come about within the harness's patience
/// fails the test, as the lack of `what`.
void turn_until(mqtt::io::Loop& loop, const std::string& what, const std::function<bool()>& done,
                Line line = Line::here());

/// Turns the loop a few times without waiting: whatever is ready happens.
void settle(mqtt::io::Loop& loop);

}  // namespace test
