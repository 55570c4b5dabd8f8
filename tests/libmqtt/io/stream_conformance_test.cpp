// What Stream promises, shown for every stack of layers that the library offers.

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "stacks.h"

namespace mqtt::io::test {
namespace {

Stack any_stack() {
  return GENERATE(from_range(all_stacks()));
}

Stack any_stack_that_detaches() {
  return GENERATE(
      filter([](const Stack& stack) { return stack.can_detach; }, from_range(all_stacks())));
}

void echo(Side& side) {
  side.keep_received = false;
  side.when_data = [&side](ByteView bytes) { side.send(std::string(as_text(bytes))); };
}

/// Fills the way to the peer until nothing more is taken; returns what was taken.
std::string fill(Loop& loop, Side& side) {
  const std::string chunk = pattern(100'000);
  std::string taken;
  // The kernel takes some time to move bytes from one end to the other, so once is not enough.
  for (int quiet_turns = 0; quiet_turns < 30;) {
    const std::size_t count = side.write(chunk);
    taken += chunk.substr(0, count);
    quiet_turns = count == 0 ? quiet_turns + 1 : 0;
    loop.run_once(false);
    REQUIRE(taken.size() < 64'000'000);
  }
  return taken;
}

}  // namespace

TEST_CASE("a stream opens once and in a turn of its own", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(stack.connect(loop));
  Side& client = connection.client;
  Side& server = connection.server;

  CHECK(client.write("too early") == 0);
  client.start();
  CHECK(client.write("still too early") == 0);
  CHECK_FALSE(client.open);
  server.start();
  run_until(loop, [&] { return client.open && server.open; });
  run_ready(loop);
  CHECK(server.received.empty());
}

// [MQTT-4.2.0-1]
TEST_CASE("bytes come back unchanged from an echo", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  const std::size_t size = GENERATE(1u, 125u, 126u, 16'384u, 65'536u, 5'000'000u);
  CAPTURE(size);
  Loop loop;
  Connection connection(loop, stack);
  echo(connection.server);

  const std::string sent = pattern(size);
  connection.client.send(sent);
  run_until(loop, [&] { return connection.client.received_size >= size; });
  CHECK((connection.client.received == sent));
}

// [MQTT-4.2.0-1]
TEST_CASE("many small buffers in one write arrive in order", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  const std::string sent = pattern(3000);
  std::vector<ByteView> buffers;
  for (std::size_t at = 0; at < sent.size(); at += 10) {
    buffers.push_back(as_bytes(std::string_view(sent).substr(at, 10)));
    buffers.push_back({});
  }
  CHECK(connection.client.stream->write(buffers) == sent.size());
  run_until(loop, [&] { return connection.server.received_size >= sent.size(); });
  CHECK((connection.server.received == sent));
}

TEST_CASE("a reader that pauses holds the writer back", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  Side& reader = connection.server;
  Side& writer = connection.client;

  reader.pause();
  const std::string taken = fill(loop, writer);
  SECTION("and gets everything in order once it resumes, and the writer hears of the room") {
    CHECK(reader.received_size == 0);
    const int calls_before = writer.writable_calls;
    reader.resume();
    run_until(loop, [&] { return reader.received_size >= taken.size(); });
    run_until(loop, [&] { return writer.writable_calls > calls_before; });
    run_ready(loop);
    CHECK((reader.received == taken));
    CHECK(writer.writable_calls == calls_before + 1);
  }
  SECTION("also when it pauses after every call") {
    reader.when_data = [&](ByteView) { reader.pause(); };
    while (reader.received_size < taken.size()) {
      const std::size_t before = reader.received_size;
      reader.resume();
      run_until(loop, [&] { return reader.received_size > before; });
    }
    CHECK((reader.received == taken));
  }
  SECTION("and can be written to meanwhile") {
    reader.send("answer");
    run_until(loop, [&] { return writer.received == "answer"; });
  }
  SECTION("and pausing or resuming twice is like once") {
    reader.pause();
    reader.resume();
    reader.resume();
    run_until(loop, [&] { return reader.received_size >= taken.size(); });
    CHECK((reader.received == taken));
  }
}

TEST_CASE("a stream that was paused before it began opens and waits with the data", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(stack.connect(loop));
  Side& client = connection.client;
  Side& server = connection.server;
  server.pause();
  server.start();
  client.start();
  run_until(loop, [&] { return client.open && server.open; });
  client.send("hello");
  run_ready(loop);
  CHECK(server.received.empty());
  server.resume();
  run_until(loop, [&] { return server.received == "hello"; });
}

TEST_CASE("an orderly end delivers what was written", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  Side& client = connection.client;
  Side& server = connection.server;
  client.when_end = [&] { client.stream.reset(); };

  SECTION("the last bytes") {
    REQUIRE(server.write("last words") == 10);
    server.finish();
    CHECK(server.write("after the end") == 0);
    run_until(loop, [&] { return server.is_over() && client.is_over(); });
    CHECK(client.received == "last words");
    CHECK(client.end->cause == StreamEnd::Cause::closed_by_peer);
    CHECK(server.end->cause == StreamEnd::Cause::finished);
  }
  SECTION("also bytes that had to wait for room") {
    client.pause();
    const std::string taken = fill(loop, server);
    server.finish();
    run_ready(loop);
    client.resume();
    run_until(loop, [&] { return server.is_over() && client.is_over(); });
    CHECK((client.received == taken));
    CHECK(client.end->cause == StreamEnd::Cause::closed_by_peer);
  }
  SECTION("also while the peer is still sending, whose bytes are discarded") {
    client.pause();
    client.send(pattern(3'000'000));
    server.when_data = [&](ByteView) {
      if (server.received_size < 100'000) return;
      server.when_data = nullptr;
      server.write("last words");
      server.finish();
    };
    run_until(loop, [&] { return server.when_data == nullptr; });
    const std::size_t before = server.received_size;
    run_ready(loop);
    client.resume();
    run_until(loop, [&] { return server.is_over() && client.is_over(); });
    CHECK(client.received == "last words");
    CHECK(client.end->cause == StreamEnd::Cause::closed_by_peer);
    CHECK(server.received_size == before);
  }
  SECTION("also when both sides finish at once") {
    client.write("from the client");
    server.write("from the server");
    client.finish();
    server.finish();
    run_until(loop, [&] { return server.is_over() && client.is_over(); });
    CHECK(client.end->cause == StreamEnd::Cause::finished);
    CHECK(server.end->cause == StreamEnd::Cause::finished);
  }
  SECTION("also of a paused stream") {
    client.send("unread");
    server.pause();
    run_ready(loop);
    server.write("last words");
    server.finish();
    run_until(loop, [&] { return server.is_over() && client.is_over(); });
    CHECK(client.received == "last words");
    CHECK(server.received.empty());
  }
}

TEST_CASE("finish gives up on a peer that does not answer", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  loop.set_farewell_patience(std::chrono::milliseconds(50));
  Connection connection(loop, stack);
  connection.client.pause();
  SECTION("with nothing to send") {}
  SECTION("with bytes that find no room") {
    fill(loop, connection.server);
  }
  connection.server.finish();
  run_until(loop, [&] { return connection.server.is_over(); });
}

TEST_CASE("finish before the stream is open ends it", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(stack.connect(loop));
  Side& client = connection.client;
  Side& server = connection.server;
  client.start();
  client.finish();
  server.start();
  server.when_end = [&] { server.stream.reset(); };
  run_until(loop, [&] { return client.is_over(); });
  CHECK_FALSE(client.open);
}

TEST_CASE("a peer that vanishes is noticed", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  Side& server = connection.server;

  SECTION("by a reader") {
    connection.client.stream.reset();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.end->cause != StreamEnd::Cause::finished);
  }
  SECTION("after the bytes that it sent before") {
    connection.client.write("farewell");
    connection.client.stream.reset();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.received == "farewell");
  }
  SECTION("by a writer that is held back") {
    connection.client.pause();
    fill(loop, server);
    connection.client.stream.reset();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.end->cause == StreamEnd::Cause::error);
    CHECK_FALSE(server.end->text.empty());
  }
  SECTION("and nothing is taken from then on") {
    connection.client.stream.reset();
    run_until(loop, [&] { return server.is_over(); });
    CHECK(server.write("hello?") == 0);
    server.finish();
    server.pause();
    server.resume();
    run_ready(loop);
  }
}

TEST_CASE("the owner may drop the stream inside any call", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(stack.connect(loop));
  Side& client = connection.client;
  Side& server = connection.server;
  const auto drop = [&] { server.stream.reset(); };

  SECTION("on_open") {
    server.when_open = drop;
  }
  SECTION("on_data") {
    server.when_data = [&](ByteView) { drop(); };
  }
  SECTION("on_data, with more to come") {
    client.when_open = [&] { client.send(pattern(2'000'000)); };
    server.when_data = [&](ByteView) { drop(); };
  }
  SECTION("on_writable") {
    client.pause();
    server.when_open = [&] {
      while (server.write(pattern(100'000)) == 100'000) {
      }
      client.resume();
    };
    server.when_writable = drop;
  }
  SECTION("on_end") {
    server.when_end = drop;
    client.when_data = [&](ByteView) { client.stream.reset(); };
    server.when_open = [&] { server.send("go away"); };
  }
  SECTION("on_end of its own finish") {
    server.when_end = drop;
    server.when_open = [&] { server.finish(); };
    client.when_end = [&] { client.stream.reset(); };
  }
  const bool sends_itself = client.when_open != nullptr;
  if (!sends_itself) client.when_open = [&] { client.send("hello"); };
  client.start();
  server.start();
  run_until(loop, [&] { return server.stream == nullptr; });
  const std::size_t received = server.received_size;
  run_ready(loop);
  CHECK(server.received_size == received);
}

TEST_CASE("a stream that was never started can be dropped", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  const auto streams = stack.connect(loop);
  CHECK(streams.first != nullptr);
}

TEST_CASE("a handler can pass the stream on to another", "[stream]") {
  const Stack stack = any_stack();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  struct Second final : StreamHandler {
    void on_data(ByteView bytes) override { received += as_text(bytes); }
    void on_writable() override {}
    void on_end(const StreamEnd&) override { over = true; }
    std::string received;
    bool over = false;
  } second;
  connection.server.when_data = [&](ByteView) { connection.server.stream->set_handler(&second); };
  connection.client.send("first");
  run_until(loop, [&] { return connection.server.received == "first"; });
  connection.client.send("second");
  run_until(loop, [&] { return second.received == "second"; });
  connection.client.stream.reset();
  run_until(loop, [&] { return second.over; });
}

TEST_CASE("a stream moves to a loop on another thread in the middle of a transfer", "[stream]") {
  const Stack stack = any_stack_that_detaches();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  const std::string sent = pattern(3'000'000);
  Side& server = connection.server;

  // The stream leaves from inside a call, with bytes of the same read still ahead in its layers.
  std::unique_ptr<DetachedStream> detached;
  server.when_data = [&](ByteView) {
    if (server.received_size < 200'000 || !server.stream) return;
    detached = server.stream->detach();
    REQUIRE(detached);
    server.stream.reset();
  };
  connection.client.send(sent);
  run_until(loop, [&] { return detached != nullptr; });
  run_ready(loop);

  std::string rest;
  std::optional<StreamEnd> end;
  std::thread other([&, moved = std::move(detached)]() mutable {
    Loop there;
    Side attached(moved->attach(there));
    moved.reset();
    attached.open = true;  // it was; `on_open` would fail now
    attached.start();
    run_until(there, [&] { return server.received_size + attached.received_size >= sent.size(); });
    attached.send("thank you");
    attached.finish();
    run_until(there, [&] { return attached.is_over(); });
    rest = attached.received;
    end = attached.end;
  });
  connection.client.when_end = [&] { connection.client.stream.reset(); };
  run_until(loop, [&] { return connection.client.is_over(); });
  other.join();
  CHECK((server.received + rest == sent));
  CHECK(connection.client.received == "thank you");
  REQUIRE(end);
  CHECK(end->cause == StreamEnd::Cause::finished);
}

TEST_CASE("what was received before a move and not yet delivered moves along", "[stream]") {
  const Stack stack = any_stack_that_detaches();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  const std::string sent = pattern(50'000);
  Side& server = connection.server;
  std::unique_ptr<DetachedStream> detached;
  server.when_data = [&](ByteView) { server.pause(); };
  connection.client.send(sent);
  run_until(loop, [&] { return server.received_size > 0; });
  detached = server.stream->detach();
  REQUIRE(detached);
  server.stream.reset();

  Loop there;
  Side attached(detached->attach(there));
  attached.open = true;
  attached.start();
  run_until(there, [&] {
    loop.run_once(false);
    return server.received_size + attached.received_size >= sent.size();
  });
  CHECK((server.received + attached.received == sent));
}

TEST_CASE("a detached stream that nobody attaches is closed", "[stream]") {
  const Stack stack = any_stack_that_detaches();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  auto detached = connection.server.stream->detach();
  REQUIRE(detached);
  connection.server.stream.reset();
  detached.reset();
  run_until(loop, [&] { return connection.client.is_over(); });
}

TEST_CASE("a stream cannot be detached while bytes wait to be sent", "[stream]") {
  const Stack stack = any_stack_that_detaches();
  INFO(stack);
  Loop loop;
  Connection connection(loop, stack);
  connection.client.pause();
  const std::string taken = fill(loop, connection.server);
  CHECK(connection.server.stream->detach() == nullptr);
  connection.client.resume();
  run_until(loop, [&] { return connection.client.received_size >= taken.size(); });
  CHECK((connection.client.received == taken));
}

}  // namespace mqtt::io::test
