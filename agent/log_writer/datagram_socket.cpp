#include "agent/log_writer/datagram_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "common/text.h"

namespace agent::log_writer {
namespace {

using common::Fail;
using common::FailErrno;
using common::Result;
using common::UniqueFd;

constexpr std::size_t kMaxDatagramBytes = 64UL << 10U;
/// The kernel doubles it; some 80,000 lines, what HAProxy logs in a second or so while nobody
/// reads.
constexpr int kReceiveBufferBytes = 32 << 20;
constexpr int kSmallReceiveBufferBytes = 2 << 20;
constexpr std::uint64_t kSmallUnixQueue = 128;
constexpr int kFirstInheritedFd = 3;  // SD_LISTEN_FDS_START

union AnyAddress {
  sockaddr generic;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

struct UdpAddress {
  AnyAddress address{};
  socklen_t size = 0;
  bool loopback = false;
};

/// "127.0.0.1:5514" or "[::1]:5514".
std::optional<UdpAddress> ParseUdp(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = common::ParseUnsigned(text.substr(colon + 1));
  if (!port || *port > 65'535) {
    return std::nullopt;
  }
  auto host = text.substr(0, colon);
  UdpAddress udp;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    udp.address.v6.sin6_family = AF_INET6;
    udp.address.v6.sin6_port = htons(static_cast<std::uint16_t>(*port));
    udp.size = sizeof(udp.address.v6);
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &udp.address.v6.sin6_addr) != 1) {
      return std::nullopt;
    }
    udp.loopback = IN6_IS_ADDR_LOOPBACK(&udp.address.v6.sin6_addr) != 0;
    return udp;
  }
  udp.address.v4.sin_family = AF_INET;
  udp.address.v4.sin_port = htons(static_cast<std::uint16_t>(*port));
  udp.size = sizeof(udp.address.v4);
  if (::inet_pton(AF_INET, std::string(host).c_str(), &udp.address.v4.sin_addr) != 1) {
    return std::nullopt;
  }
  udp.loopback = (ntohl(udp.address.v4.sin_addr.s_addr) >> 24U) == 127;
  return udp;
}

Result<UniqueFd> MakeSocket(int family) {
  UniqueFd fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) {
    return FailErrno("cannot make a datagram socket");
  }
  return fd;
}

void AskForLargeQueue(int fd) {
  const int wanted = kReceiveBufferBytes;
  // The first needs CAP_NET_ADMIN, and ignores the limit of net.core.rmem_max.
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted));
  }
}

Result<UniqueFd> ListenUdp(const std::string& address, const UdpAddress& udp) {
  auto fd = MakeSocket(udp.address.generic.sa_family);
  if (!fd) {
    return fd;
  }
  if (::bind(fd->Get(), &udp.address.generic, udp.size) != 0) {
    if (errno == EADDRINUSE) {
      return Fail(std::errc::address_in_use,
                  address +
                      ": another program has this port; stop it, or choose another port "
                      "here and in HAProxy's `log` line");
    }
    return FailErrno(address);
  }
  return fd;
}

/// Frees the name of a socket that nobody reads any more.
Result<void> RemoveDeadSocket(const std::string& path, const AnyAddress& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return {};  // Nothing there; whatever else is wrong, bind says it.
  }
  if (!S_ISSOCK(status.st_mode)) {
    return Fail(std::errc::file_exists,
                path + ": is there already and is no socket; remove it, or choose another path");
  }
  const auto probe = MakeSocket(AF_UNIX);
  if (!probe) {
    return tl::make_unexpected(probe.error());
  }
  if (::connect(probe->Get(), &address.generic, sizeof(address.local)) == 0) {
    return Fail(std::errc::address_in_use,
                path + ": another program reads from this socket; stop it, or choose another path");
  }
  if (errno != ECONNREFUSED) {
    return FailErrno(path);
  }
  if (::unlink(path.c_str()) != 0) {
    return FailErrno(path);
  }
  return {};
}

Result<UniqueFd> ListenUnix(const std::string& path) {
  AnyAddress address{};
  address.local.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.local.sun_path)) {
    return Fail(std::errc::filename_too_long,
                fmt::format("unix:{}: the path of a socket has 1 to {} bytes", path,
                            sizeof(address.local.sun_path) - 1));
  }
  std::ranges::copy(path, address.local.sun_path);
  if (auto removed = RemoveDeadSocket(path, address); !removed) {
    return tl::make_unexpected(std::move(removed.error()));
  }
  auto fd = MakeSocket(AF_UNIX);
  if (fd && ::bind(fd->Get(), &address.generic, sizeof(address.local)) != 0) {
    return FailErrno(path);
  }
  return fd;
}

int IntegerOption(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

}  // namespace

DatagramSocket::DatagramSocket(UniqueFd fd, std::filesystem::path file)
    : fd_(std::move(fd)),
      file_(std::move(file)),
      // Not cleared: pages are touched, and so taken, only as far as datagrams are long.
      buffer_(new char[kBatch * kMaxDatagramBytes]) {
  AskForLargeQueue(fd_.Get());
  reported_drops_ = DropsSoFar();
}

DatagramSocket::~DatagramSocket() {
  if (fd_ && !file_.empty()) {
    ::unlink(file_.c_str());
  }
}

Result<DatagramSocket> DatagramSocket::Listen(const std::string& address) {
  constexpr std::string_view kUdp = "udp:";
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    const auto path = address.substr(kUnix.size());
    auto fd = ListenUnix(path);
    if (!fd) {
      return tl::make_unexpected(std::move(fd.error()));
    }
    return DatagramSocket(std::move(*fd), path);
  }
  const auto udp = address.starts_with(kUdp)
                       ? ParseUdp(std::string_view(address).substr(kUdp.size()))
                       : std::nullopt;
  if (!udp) {
    return Fail(std::errc::invalid_argument,
                "\"" + address + "\": must be udp:127.0.0.1:PORT, udp:[::1]:PORT or unix:/PATH");
  }
  if (!udp->loopback) {
    return Fail(std::errc::invalid_argument,
                address +
                    ": whoever reaches this socket can write the log; only loopback "
                    "addresses (127.0.0.1, [::1]) are allowed");
  }
  auto fd = ListenUdp(address, *udp);
  if (!fd) {
    return tl::make_unexpected(std::move(fd.error()));
  }
  return DatagramSocket(std::move(*fd), {});
}

Result<std::optional<DatagramSocket>> DatagramSocket::Inherited() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nothing of ours changes the environment.
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  // NOLINTEND(concurrency-mt-unsafe)
  if (pid == nullptr || count == nullptr ||
      common::ParseUnsigned(pid) != static_cast<std::uint64_t>(::getpid())) {
    return std::optional<DatagramSocket>();
  }
  if (common::ParseUnsigned(count) != 1U) {
    return Fail(std::errc::invalid_argument,
                fmt::format("LISTEN_FDS is {}: exactly one socket is expected", count));
  }
  UniqueFd fd(kFirstInheritedFd);
  if (IntegerOption(fd.Get(), SO_TYPE) != SOCK_DGRAM) {
    return Fail(std::errc::wrong_protocol_type,
                "the inherited socket is no datagram socket (ListenDatagram= in systemd)");
  }
  ::fcntl(fd.Get(), F_SETFD, FD_CLOEXEC);
  const int flags = ::fcntl(fd.Get(), F_GETFL);
  ::fcntl(fd.Get(), F_SETFL, flags | O_NONBLOCK);
  return std::optional<DatagramSocket>(DatagramSocket(std::move(fd), {}));
}

std::string DatagramSocket::Address() const {
  AnyAddress address{};
  socklen_t size = sizeof(address);
  if (::getsockname(fd_.Get(), &address.generic, &size) != 0) {
    return "unknown";
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (address.generic.sa_family) {
    case AF_INET:
      ::inet_ntop(AF_INET, &address.v4.sin_addr, text.data(), text.size());
      return fmt::format("udp:{}:{}", text.data(), ntohs(address.v4.sin_port));
    case AF_INET6:
      ::inet_ntop(AF_INET6, &address.v6.sin6_addr, text.data(), text.size());
      return fmt::format("udp:[{}]:{}", text.data(), ntohs(address.v6.sin6_port));
    default:
      return fmt::format("unix:{}", address.local.sun_path);
  }
}

std::string DatagramSocket::QueueProblem() const {
  if (IntegerOption(fd_.Get(), SO_DOMAIN) == AF_UNIX) {
    std::uint64_t queue = 0;
    std::ifstream("/proc/sys/net/unix/max_dgram_qlen") >> queue;
    return queue >= kSmallUnixQueue
               ? ""
               : fmt::format(
                     "only {} lines can wait, and the sender drops what comes then; raise "
                     "net.unix.max_dgram_qlen, or use udp:127.0.0.1:PORT",
                     queue);
  }
  const int bytes = IntegerOption(fd_.Get(), SO_RCVBUF);
  return bytes >= kSmallReceiveBufferBytes
             ? ""
             : fmt::format(
                   "the kernel grants a queue of {} bytes only, and drops what comes then; "
                   "raise net.core.rmem_max or grant CAP_NET_ADMIN",
                   bytes);
}

bool DatagramSocket::Receive(const std::function<void(std::string_view datagram)>& take) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  for (std::size_t index = 0; index < kBatch; ++index) {
    parts[index] = {.iov_base = buffer_.get() + index * kMaxDatagramBytes,
                    .iov_len = kMaxDatagramBytes};
    messages[index].msg_hdr.msg_iov = &parts[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
  const int count = ::recvmmsg(fd_.Get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int index = 0; index < count; ++index) {
    const auto at = static_cast<std::size_t>(index);
    take({buffer_.get() + at * kMaxDatagramBytes, messages[at].msg_len});
  }
  return count > 0;
}

std::uint32_t DatagramSocket::DropsSoFar() const {
  // The same counter as SO_RXQ_OVFL's, but it does not wait for a datagram that gets through.
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  return ::getsockopt(fd_.Get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0
             ? memory[SK_MEMINFO_DROPS]
             : 0;
}

std::uint64_t DatagramSocket::TakeDropped() {
  const auto drops = DropsSoFar();
  // The kernel's counter has 32 bits and wraps.
  return static_cast<std::uint32_t>(drops - std::exchange(reported_drops_, drops));
}

}  // namespace agent::log_writer
