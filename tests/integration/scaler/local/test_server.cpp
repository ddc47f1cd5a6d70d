// A web server that behaves, or misbehaves, as it is told: the replicas of the tests beside it.
//   local_test_server PORT NAME [start delay in ms]
// GET /        answers NAME after 20 ms      GET /healthz  answers at once
// GET /slow    answers after 1.5 s
// GET /crash   aborts                        GET /leak     takes memory until it is killed
// GET /hang    never answers anybody again   SIGTERM       finishes what it has begun, exits 0

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

using std::chrono::milliseconds;

std::atomic<int> in_flight = 0;
std::atomic<bool> hangs = false;

void Leak() {
  for (;;) {
    void* const chunk = std::malloc(1 << 20);
    std::memset(chunk, 1, 1 << 20);
  }
}

std::string Answer(const std::string& request, const std::string& name) {
  const auto path = request.substr(4, request.find(' ', 4) - 4);
  if (path == "/crash") {
    std::abort();
  }
  if (path == "/leak") {
    Leak();
  }
  if (path == "/hang") {
    hangs = true;
    std::signal(SIGTERM, SIG_IGN);
  }
  while (hangs) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  if (path == "/slow") {
    std::this_thread::sleep_for(milliseconds(1500));
  }
  if (path != "/healthz") {
    std::this_thread::sleep_for(milliseconds(20));
  }
  const bool close = request.find("Connection: close") != std::string::npos;
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) +
         (close ? "\r\nConnection: close" : "") + "\r\n\r\n" + name;
}

void Serve(int peer, const std::string& name) {
  std::string request;
  std::array<char, 4096> chunk{};
  for (ssize_t count = 0; (count = ::recv(peer, chunk.data(), chunk.size(), 0)) > 0;) {
    request.append(chunk.data(), static_cast<std::size_t>(count));
    if (request.find("\r\n\r\n") == std::string::npos) {
      continue;
    }
    ++in_flight;
    const auto answer = Answer(request, name);
    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    --in_flight;
    if (answer.find("Connection: close") != std::string::npos) {
      break;
    }
    request.clear();
  }
  ::close(peer);
}

/// Waits for SIGTERM, which every thread has blocked.
void EndGracefully(int listener) {
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  int number = 0;
  ::sigwait(&term, &number);
  while (hangs) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  ::close(listener);
  while (in_flight > 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  ::_exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return 2;
  }
  if (argc > 3) {
    std::this_thread::sleep_for(milliseconds(std::atoi(argv[3])));
  }
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, nullptr);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener, 128) != 0) {
    return 1;
  }
  std::thread(EndGracefully, listener).detach();
  for (;;) {
    const int peer = ::accept(listener, nullptr, nullptr);
    if (peer >= 0) {
      std::thread(Serve, peer, std::string(argv[2])).detach();
    } else {
      ::pause();  // the listener was closed: the other thread ends us
    }
  }
}
