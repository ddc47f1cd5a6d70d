#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/unique_fd.h"

namespace agent::log_writer {

/// Where one datagram per request arrives.
class DatagramSocket {
 public:
  /// Binds "udp:127.0.0.1:PORT" (port 0: any), "udp:[::1]:PORT" or "unix:/PATH".
  ///
  /// Only loopback: anyone who can send to the socket can write the log. A socket file that a
  /// dead writer left is replaced; one of a living writer is not.
  [[nodiscard]] static common::Result<DatagramSocket> Listen(const std::string& address);

  /// The first socket that systemd (or another supervisor) holds for us by LISTEN_FDS, if any.
  /// Datagrams wait in it while no writer runs.
  [[nodiscard]] static common::Result<std::optional<DatagramSocket>> Inherited();

  DatagramSocket(DatagramSocket&&) = default;
  DatagramSocket& operator=(DatagramSocket&&) = delete;
  /// Removes the socket file that Listen made.
  ~DatagramSocket();

  [[nodiscard]] int Descriptor() const { return fd_.Get(); }

  /// Where it listens, in the words of Listen.
  [[nodiscard]] std::string Address() const;

  /// Why datagrams may be dropped early, in words for an operator; empty if the queue is large.
  [[nodiscard]] std::string QueueProblem() const;

  /// Hands over what is waiting, at most `kBatch` datagrams, cut at 64 KB. False: nothing was.
  bool Receive(const std::function<void(std::string_view datagram)>& take);

  /// Datagrams that the kernel dropped, because the queue was full, since the last call.
  [[nodiscard]] std::uint64_t TakeDropped();

  static constexpr std::size_t kBatch = 64;

 private:
  DatagramSocket(common::UniqueFd fd, std::filesystem::path file);

  [[nodiscard]] std::uint32_t DropsSoFar() const;

  common::UniqueFd fd_;
  std::filesystem::path file_;  ///< To be removed at the end; empty if there is none.
  std::uint32_t reported_drops_ = 0;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace agent::log_writer
