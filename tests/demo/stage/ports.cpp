#include "tests/demo/stage/ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace demo {
namespace {

namespace fs = std::filesystem;

std::uint16_t Port(int number) { return static_cast<std::uint16_t>(number); }

/// The inode of the socket that holds the port, from a table such as /proc/net/tcp.
std::optional<std::string> InodeIn(const char* table, std::uint16_t port, bool listening_only) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  const auto suffix = fmt::format(":{:04X}", port);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot;
    std::string local;
    std::string remote;
    std::string state;
    std::string skipped;
    std::string inode;
    words >> slot >> local >> remote >> state >> skipped >> skipped >> skipped >> skipped >>
        skipped >> inode;
    constexpr auto kListen = "0A";
    if (local.ends_with(suffix) && (!listening_only || state == kListen)) {
      return inode;
    }
  }
  return std::nullopt;
}

std::optional<std::string> FindInode(std::uint16_t port, Transport transport) {
  const bool tcp = transport == Transport::kTcp;
  auto inode = InodeIn(tcp ? "/proc/net/tcp" : "/proc/net/udp", port, tcp);
  return inode ? inode : InodeIn(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", port, tcp);
}

bool HoldsSocket(const fs::path& process, const std::string& link) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone) == link) {
      return true;
    }
  }
  return false;
}

/// Some other value for --port-base.
int OtherBase(const Ports& ports) {
  constexpr int kFarAway = 28000;
  const int base = ports.haproxy - 80;
  return base < kFarAway ? kFarAway : Ports::kDefaultBase;
}

}  // namespace

Ports Ports::From(int base) {
  return {.haproxy = Port(base + 80),
          .log = Port(base + 514),
          .prometheus = Port(base + 1090),
          .alertmanager = Port(base + 1093),
          .agent = Port(base + 1105),
          .scaler = Port(base + 1106),
          .first_replica = Port(base + 2000),
          .last_replica = Port(base + 2999),
          .first_node = Port(base + 1300),
          .last_node = Port(base + 1399)};
}

std::string Loopback(std::uint16_t port) { return fmt::format("127.0.0.1:{}", port); }

bool IsTaken(std::uint16_t port, Transport transport) {
  const int type = transport == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  const int probe = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    return false;
  }
  if (transport == Transport::kTcp) {
    // Connections that have ended but linger in TIME_WAIT do not keep a port.
    const int on = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool taken =
      ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0;
  ::close(probe);
  return taken;
}

std::string OwnerOf(std::uint16_t port, Transport transport) {
  const auto inode = FindInode(port, transport);
  if (!inode) {
    return {};
  }
  const auto link = "socket:[" + *inode + "]";
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = entry->path().filename().string();
    if (pid.find_first_not_of("0123456789") == std::string::npos &&
        HoldsSocket(entry->path(), link)) {
      std::string name;
      std::getline(std::ifstream(entry->path() / "comm"), name);
      return fmt::format("{} (process {})", name, pid);
    }
  }
  return {};
}

common::Result<void> CheckFree(const Ports& ports) {
  struct Need {
    std::uint16_t port;
    Transport transport;
    const char* who;
  };
  const Need needs[] = {{ports.haproxy, Transport::kTcp, "HAProxy"},
                        {ports.log, Transport::kUdp, "HAProxy's log"},
                        {ports.prometheus, Transport::kTcp, "Prometheus"},
                        {ports.alertmanager, Transport::kTcp, "Alertmanager"},
                        {ports.agent, Transport::kTcp, "trimtab-agent"},
                        {ports.scaler, Transport::kTcp, "trimtab-scaler"}};
  for (const auto& need : needs) {
    if (IsTaken(need.port, need.transport)) {
      const auto owner = OwnerOf(need.port, need.transport);
      return common::Fail(
          std::errc::address_in_use,
          fmt::format("port {} for {} is taken by {}: stop it, or move all our ports with "
                      "--port-base {}",
                      Loopback(need.port), need.who, owner.empty() ? "another program" : owner,
                      OtherBase(ports)));
    }
  }
  return {};
}

}  // namespace demo
