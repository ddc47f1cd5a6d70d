#include "common/haproxy/runtime_socket.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace common::haproxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// A socket in a scratch directory, served once by `serve` on a thread of its own.
class OneAnswer {
 public:
  explicit OneAnswer(std::function<void(int)> serve) {
    std::string pattern = (std::filesystem::temp_directory_path() / "haproxy-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    Path().string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 1);
    thread_ = std::thread([this, serve = std::move(serve)] {
      const int peer = ::accept(listener_, nullptr, nullptr);
      serve(peer);
      ::close(peer);
    });
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] std::filesystem::path Path() const { return directory_ / "sock"; }

 private:
  std::filesystem::path directory_;
  int listener_ = -1;
  std::thread thread_;
};

std::string ReadLine(int peer) {
  std::string line;
  char c = 0;
  while (::read(peer, &c, 1) == 1 && c != '\n') {
    line += c;
  }
  return line;
}

TEST(RuntimeSocket, ReturnsTheWholeAnswer) {
  const std::string long_answer(1'000'000, 'x');
  const OneAnswer haproxy([&](int peer) {
    const std::string answer = ReadLine(peer) + ":" + long_answer;
    EXPECT_EQ(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(answer.size()));
  });

  const auto answer = Execute(haproxy.Path(), "show stat", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(*answer, "show stat:" + long_answer);
}

TEST(RuntimeSocket, GivesUpAtItsDeadline) {
  const OneAnswer haproxy([](int peer) {
    ReadLine(peer);
    ReadLine(peer);  // ends when the caller has given up
  });

  const auto answer = Execute(haproxy.Path(), "show stat", milliseconds(20));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::timed_out);
}

TEST(RuntimeSocket, ReadsNoAnswerWithoutEnd) {
  const OneAnswer haproxy([](int peer) {
    const std::string chunk(1 << 20, 'x');
    while (::send(peer, chunk.data(), chunk.size(), MSG_NOSIGNAL) > 0) {
    }
  });

  const auto answer = Execute(haproxy.Path(), "show stat", seconds(30));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::message_size);
}

TEST(RuntimeSocket, SaysThatHaproxyIsNotThere) {
  const auto answer = Execute("/nonexistent/haproxy.sock", "show info", seconds(1));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::no_such_file_or_directory);
  EXPECT_THAT(answer.error().what, HasSubstr("/nonexistent/haproxy.sock"));
}

TEST(RuntimeSocket, RefusesAPathThatNoSocketCanHave) {
  const auto answer = Execute("/" + std::string(200, 'x'), "show info", seconds(1));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::filename_too_long);
}

}  // namespace
}  // namespace common::haproxy
