#include "sub/live_stats.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <utility>

#include "sub/stats_table.h"

namespace sub {

LiveStats::LiveStats(mqtt::io::Loop& loop, cli::StandardOutput& output, std::string broker,
                     std::size_t depth, std::function<void()> on_quit)
    : output_(output),
      broker_(std::move(broker)),
      on_quit_(std::move(on_quit)),
      terminal_(STDIN_FILENO, STDOUT_FILENO),
      stats_(depth),
      second_(loop, [this] { on_second(); }),
      keys_(loop, STDIN_FILENO, EPOLLIN, [this] { read_keys(); }) {
  if (terminal_.has_keys()) keys_.start();
  watch_signal(loop, SIGWINCH);
  watch_signal(loop, SIGTSTP);
  second_.start(std::chrono::seconds(1), std::chrono::seconds(1));
  draw();
}

LiveStats::~LiveStats() {
  // What is on its way belongs to this screen, and not to the one that comes back.
  output_.write_rest(true);
}

void LiveStats::watch_signal(mqtt::io::Loop& loop, int number) {
  signals_.push_back(cli::make_loop_handle(loop, uv_signal_init, this));
  uv_signal_start(
      signals_.back().get(),
      [](uv_signal_t* handle, int signal) {
        auto& self = *static_cast<LiveStats*>(handle->data);
        if (signal == SIGTSTP) self.stop_program();
        self.draw();
      },
      number);
}

void LiveStats::add(const mqtt::Publish& message) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  stats_.add(message.topic, mqtt::as_text(message.payload), now);
}

void LiveStats::on_second() {
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = now - interval_began_;
  interval_began_ = now;
  stats_.end_interval(passed.count());
  draw();
}

void LiveStats::read_keys() {
  std::array<char, 64> keys{};
  const ssize_t count = ::read(STDIN_FILENO, keys.data(), keys.size());
  if (count <= 0) return keys_.stop();
  // What begins like this is a key of another kind, such as an arrow.
  if (keys.front() == '\x1B') return;
  for (ssize_t i = 0; i < count; ++i) {
    if (keys.at(static_cast<std::size_t>(i)) == 'q') return on_quit_();
    press(keys.at(static_cast<std::size_t>(i)));
  }
  draw();
}

void LiveStats::press(char key) {
  using Order = TopicStats::Order;
  static constexpr std::array<std::pair<char, Order>, 5> orders{{{'r', Order::rate},
                                                                 {'m', Order::messages},
                                                                 {'b', Order::bytes},
                                                                 {'l', Order::last},
                                                                 {'t', Order::topic}}};
  for (const auto& [letter, order] : orders) {
    if (key == letter) order_ = order;
  }
}

/// Ctrl-Z: the shell gets its screen back for as long as we are stopped.
void LiveStats::stop_program() {
  output_.write_rest(true);
  terminal_.leave();
  std::raise(SIGSTOP);
  terminal_.enter();
}

void LiveStats::draw() {
  // A terminal that does not keep up gets no more than it can show.
  if (output_.waiting() > 0) return;
  append_stats_table(output_.buffer(), stats_, order_, terminal_.size(), broker_);
}

}  // namespace sub
