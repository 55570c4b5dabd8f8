#include "passwd/password_input.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace passwd {
namespace {

constexpr std::size_t max_password_size = 65535;
constexpr std::array ending_signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

tl::unexpected<InputFailure> failure(std::string text, ExitCode code = ExitCode::failure) {
  return tl::unexpected(InputFailure{std::move(text), code, 0});
}

volatile sig_atomic_t received_signal = 0;

/// While it lives, the signals that would end the program only end `await_input`. They are let in
/// nowhere else, so that none can come between looking for one and waiting.
class SignalGuard {
 public:
  SignalGuard() {
    received_signal = 0;
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : ending_signals) sigaddset(&ending, number);
    sigprocmask(SIG_BLOCK, &ending, &mask_before_);
    struct sigaction action {};
    action.sa_handler = [](int number) { received_signal = number; };
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      sigaction(ending_signals[i], &action, &before_[i]);
    }
  }
  ~SignalGuard() {
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      sigaction(ending_signals[i], &before_[i], nullptr);
    }
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  /// Waits until standard input has something, or its end. False: a signal came instead.
  bool await_input() const {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (received_signal == 0) {
      const int ready = ppoll(&input, 1, nullptr, &mask_before_);
      if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // `read` says what is wrong
    }
    return false;
  }

 private:
  sigset_t mask_before_{};
  std::array<struct sigaction, ending_signals.size()> before_{};
};

/// While it lives, what is typed at the terminal of standard input is not shown.
class EchoGuard {
 public:
  EchoGuard() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~EchoGuard() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  EchoGuard(const EchoGuard&) = delete;
  EchoGuard& operator=(const EchoGuard&) = delete;

 private:
  termios before_{};
  bool is_terminal_;
};

void say(int descriptor, std::string_view text) {
  // A prompt that cannot be shown does not keep anyone from answering.
  [[maybe_unused]] const ssize_t written = ::write(descriptor, text.data(), text.size());
}

Password checked(std::string password) {
  if (password.size() > max_password_size) {
    return failure(fmt::format("the password is longer than {} bytes", max_password_size));
  }
  if (password.find('\0') != std::string::npos) return failure("the password holds a zero byte");
  return password;
}

/// One line, byte by byte: what comes behind it is for whoever reads next.
Password read_line(const SignalGuard& signals) {
  std::string line;
  for (char byte = 0; line.size() <= max_password_size;) {
    if (!signals.await_input()) {
      return tl::unexpected(InputFailure{"interrupted", ExitCode::failure, received_signal});
    }
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return failure("the password cannot be read: " + std::generic_category().message(errno));
    if (count == 0 || byte == '\n') break;
    line += byte;
  }
  if (line.ends_with('\r')) line.pop_back();
  return checked(std::move(line));
}

Password ask_once(const SignalGuard& signals, int prompt_descriptor, std::string_view prompt) {
  say(prompt_descriptor, prompt);
  Password password = read_line(signals);
  say(prompt_descriptor, "\n");
  if (password && password->empty()) return failure("the password is empty");
  return password;
}

}  // namespace

Password ask_password(int prompt_descriptor, bool twice) {
  const SignalGuard signals;
  const EchoGuard echo;
  Password password = ask_once(signals, prompt_descriptor, "Password: ");
  if (!password || !twice) return password;
  const Password again = ask_once(signals, prompt_descriptor, "Reenter password: ");
  if (!again) return again;
  if (*again != *password) return failure("the passwords differ", ExitCode::passwords_differ);
  return password;
}

Password read_password(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return failure(fmt::format("the password cannot be read from descriptor {}: {}", descriptor,
                                 std::generic_category().message(errno)));
    }
    if (count == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > max_password_size + 2) break;
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return failure("the password is empty");
  return checked(std::move(text));
}

}  // namespace passwd
