#include "libmqtt/client/turning.h"

#include "mqtt/io/timer.h"

namespace test {

void turn_until(mqtt::io::Loop& loop, const std::string& what, const std::function<bool()>& done,
                Line line) {
  bool too_late = false;
  mqtt::io::Timer watchdog(loop, [&too_late] { too_late = true; });
  watchdog.start(Peer::patience());
  while (!done()) {
    if (too_late) fail(line, "waited in vain for " + what);
    loop.run_once();
  }
}

void settle(mqtt::io::Loop& loop) {
  for (int i = 0; i < 20; ++i) loop.run_once(false);
}

}  // namespace test
