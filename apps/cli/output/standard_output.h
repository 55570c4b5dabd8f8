#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "cli/input/descriptor_watch.h"
#include "cli/input/loop_handle.h"
#include "cli/output/output_writer.h"
#include "mqtt/io/loop.h"

namespace cli {

/// Standard output on a loop: what was printed is written once per turn, before the loop sleeps, as
/// far as the reader takes it. The loop never waits for the reader, so that the connection stays
/// alive behind a pager. Belongs to the loop's thread.
class StandardOutput {
 public:
  /// Who is told. Each may be empty.
  struct Events {
    /// All that was printed is written: once in every turn that ends like this.
    std::function<void()> on_written;
    /// The reader does not keep up: print nothing more until `on_written`.
    std::function<void()> on_congested;
    /// Nothing can be written any more: once, see `state`. If the reader of a pipe goes away, this
    /// comes at once, even if nothing is printed.
    std::function<void()> on_closed;
    /// A turn is over: what is appended now is written with the rest of it.
    std::function<void()> before_write = {};
  };

  StandardOutput(mqtt::io::Loop& loop, int descriptor);
  void set_events(Events events);

  /// Append here.
  std::string& buffer() { return writer_.buffer(); }
  /// Bytes that wait to be written.
  std::size_t waiting() const { return writer_.waiting(); }
  /// The end of the program: writes what waits, with or without waiting for the reader.
  OutputWriter::State write_rest(bool wait) {
    return wait ? writer_.flush() : writer_.flush_ready();
  }

  /// Still `open` after `on_closed` if the reader went away while nothing was to be written.
  OutputWriter::State state() const { return writer_.state(); }
  const std::string& error() const { return writer_.error(); }

 private:
  void write();
  void close();

  OutputWriter writer_;
  Events events_;
  bool congested_ = false;
  bool closed_ = false;
  LoopHandle<uv_prepare_t> turn_;
  DescriptorWatch room_;  ///< runs while congested
  DescriptorWatch reader_;
};

}  // namespace cli
