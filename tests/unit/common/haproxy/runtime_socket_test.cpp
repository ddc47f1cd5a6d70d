#include "common/haproxy/runtime_socket.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <string>

#include "unit/common/haproxy/fake_socket.h"

namespace common::haproxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(RuntimeSocket, ReturnsTheWholeAnswer) {
  const std::string long_answer(1'000'000, 'x');
  const FakeSocket haproxy([&](int peer) { SendAll(peer, ReadLine(peer) + ":" + long_answer); });

  const auto answer = Execute(haproxy.Path(), "show stat", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(*answer, "show stat:" + long_answer);
}

TEST(RuntimeSocket, GivesUpAtItsDeadline) {
  const FakeSocket haproxy([](int peer) {
    ReadLine(peer);
    ReadLine(peer);  // ends when the caller has given up
  });

  const auto answer = Execute(haproxy.Path(), "show stat", milliseconds(20));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::timed_out);
}

TEST(RuntimeSocket, ReadsNoAnswerWithoutEnd) {
  const FakeSocket haproxy([](int peer) {
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
