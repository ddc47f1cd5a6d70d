#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <limits>
#include <string>

#include "agent/log_writer/datagram_socket.h"
#include "agent/log_writer/log_output.h"
#include "agent/log_writer/writer.h"
#include "common/log.h"
#include "common/text.h"
#include "common/version.h"

namespace {

using agent::log_writer::DatagramSocket;
using agent::log_writer::LogOutput;
using agent::log_writer::LogOutputOptions;
using common::Result;

constexpr const char* kFooter = R"(
HAProxy cannot write log files by itself. Send its log here:

  frontend ...
    log 127.0.0.1:5514 len 1024 format raw local0
    option dontlognull
    declare capture request len 300
    http-request capture req.fhdr(host) id 0 unless { req.fhdr(host) -m reg '\x00' }
    log-format "t1 %Ts.%ms %ST %Ta %B %U %b/%s %ts %[capture.req.hdr(0)]"

SIGHUP opens the file anew; SIGTERM and SIGINT write what has arrived and stop.
Lines that had to be dropped are noted in the log as "t1 lost N".)";

struct Flags {
  std::string listen;
  std::string output;
  std::string rotate_bytes = "64Mi";
  int keep = 3;
  std::string buffer_bytes = "16Mi";
  std::string log_level = "info";
  std::string log_format = "text";
};

void Declare(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", std::string(common::kVersion));
  app.footer(kFooter);
  app.add_option("--listen", flags.listen,
                 "udp:127.0.0.1:PORT, udp:[::1]:PORT or unix:/PATH; not needed where a supervisor "
                 "passes the socket (LISTEN_FDS)");
  app.add_option("--output", flags.output, "the log to append to")->required();
  app.add_option("--rotate-bytes", flags.rotate_bytes,
                 "rename the log before it is larger, if it is at least half of this; 0: never")
      ->capture_default_str();
  app.add_option("--keep", flags.keep, "rotated files to keep: FILE.1 is the newest")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--buffer-bytes", flags.buffer_bytes, "what may wait in memory for a full disk")
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", flags.log_format, "text or json: of this program's own messages")
      ->capture_default_str();
}

Result<std::uint64_t> ParseBytes(const char* flag, const std::string& text) {
  const auto bytes = common::ParseQuantity(text);
  if (!bytes || *bytes < 0 || *bytes > 1e15) {
    return common::Fail(std::errc::invalid_argument,
                        fmt::format("{} {}: must be a size such as 64Mi", flag, text));
  }
  return static_cast<std::uint64_t>(*bytes);
}

Result<LogOutputOptions> OutputOptions(const Flags& flags) {
  const auto rotate = ParseBytes("--rotate-bytes", flags.rotate_bytes);
  if (!rotate) {
    return tl::make_unexpected(rotate.error());
  }
  return ParseBytes("--buffer-bytes", flags.buffer_bytes).map([&](std::uint64_t buffer) {
    // Less than one longest line would lose it always.
    constexpr std::uint64_t kLeast = 128UL << 10U;
    return LogOutputOptions{.path = flags.output,
                            .rotate_bytes = *rotate,
                            .keep = flags.keep,
                            .buffer_bytes = std::max(buffer, kLeast)};
  });
}

Result<DatagramSocket> OpenSocket(const std::string& listen) {
  auto inherited = DatagramSocket::Inherited();
  if (!inherited) {
    return tl::make_unexpected(std::move(inherited.error()));
  }
  if (*inherited) {
    return std::move(**inherited);
  }
  if (listen.empty()) {
    return common::Fail(std::errc::invalid_argument,
                        "--listen is missing, and no socket was passed by a supervisor");
  }
  return DatagramSocket::Listen(listen);
}

Result<std::uint64_t> Write(const Flags& flags) {
  if (auto configured = common::log::Configure(flags.log_level, flags.log_format); !configured) {
    return tl::make_unexpected(std::move(configured.error()));
  }
  const auto options = OutputOptions(flags);
  if (!options) {
    return tl::make_unexpected(options.error());
  }
  // The file first: a socket that is bound but not read would swallow lines.
  auto output = LogOutput::Open(*options);
  if (!output) {
    return tl::make_unexpected(std::move(output.error()));
  }
  auto socket = OpenSocket(flags.listen);
  if (!socket) {
    return tl::make_unexpected(std::move(socket.error()));
  }
  if (const auto problem = socket->QueueProblem(); !problem.empty()) {
    common::log::Warning("lines may be lost in bursts", {{"reason", problem}});
  }
  common::log::Info("listening", {{"address", socket->Address()}, {"output", flags.output}});
  return Run(*socket, **output);
}

int Complain(const std::string& what) {
  fmt::print(stderr, "trimtab-log-writer: {}\n", what);
  return 1;
}

int Start(int argc, char** argv) {
  // Before anything else, so that a signal during the start stops us in order as well.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  CLI::App app("Appends the access log that HAProxy sends, one datagram a request, to a file.",
               "trimtab-log-writer");
  Flags flags;
  Declare(app, flags);
  CLI11_PARSE(app, argc, argv);
  const auto unwritten = Write(flags);
  if (!unwritten) {
    return Complain(unwritten.error().what);
  }
  if (*unwritten > 0) {
    common::log::Error("stopped, but not all lines could be written",
                       {{"lost_lines", std::to_string(*unwritten)}});
    return 1;
  }
  common::log::Info("stopped; every line that arrived is written");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Start(argc, argv);
  } catch (const std::exception& error) {
    return Complain(error.what());
  }
}
