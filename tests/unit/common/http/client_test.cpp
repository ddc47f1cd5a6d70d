#include "common/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/localhost.h"
#include "unit/common/http/canned_server.h"

namespace common::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using tests::CannedServer;

TEST(HttpClient, GetsStatusHeadersAndBody) {
  CannedServer server("HTTP/1.1 200 OK\r\nX-Replica: shop-1\r\nContent-Length: 5\r\n\r\nhello");

  const auto answer = Get(server.Address(), "/a?b=1", seconds(10), {{"Host", "shop.example"}});

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("x-replica"), "shop-1");
  EXPECT_EQ(answer->body, "hello");
  const auto request = server.Request();
  EXPECT_THAT(request, StartsWith("GET /a?b=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: shop.example\r\n"));
}

TEST(HttpClient, PostsABody) {
  CannedServer server("HTTP/1.1 204 No Content\r\n\r\n");

  const auto answer = Post(server.Address(), "/q", "text/plain", "up == 1", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 204);
  const auto request = server.Request();
  EXPECT_THAT(request, StartsWith("POST /q HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: text/plain\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\n\r\nup == 1"));
}

TEST(HttpClient, TakesAnErrorStatusAsAnAnswer) {
  CannedServer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");

  const auto answer = Get(server.Address(), "/", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 503);
}

TEST(HttpClient, ReadsABodyThatEndsWithTheConnection) {
  CannedServer server("HTTP/1.0 200 OK\r\n\r\nto the end");

  const auto answer = Get(server.Address(), "/", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "to the end");
}

TEST(HttpClient, SaysThatNobodyListens) {
  std::string address;
  {
    const CannedServer gone("");
    address = gone.Address();
  }

  const auto answer = Get(address, "/", seconds(10));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::connection_refused);
  EXPECT_EQ(answer.error().what, "http://" + address + "/: nobody listens there");
}

TEST(HttpClient, GivesUpAtTheDeadline) {
  const CannedServer server("", CannedServer::Manner::kHold);

  const auto answer = Get(server.Address(), "/slow", milliseconds(50));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::timed_out);
  EXPECT_THAT(answer.error().what, HasSubstr(server.Address() + "/slow"));
}

TEST(HttpClient, SaysThatTheConnectionBroke) {
  const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");

  const auto answer = Get(server.Address(), "/", seconds(10));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::connection_reset);
}

TEST(HttpClient, RefusesABodyBeyondTheBound) {
  const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");

  const auto answer = Get(server.Address(), "/", seconds(10));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::message_size);
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  const CannedServer server("SSH-2.0-OpenSSH_9.2\r\n\r\n");

  const auto answer = Get(server.Address(), "/", seconds(10));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::bad_message);
}

TEST(HttpClient, RefusesAnAddressWithoutAPort) {
  for (const auto* const address : {"localhost", ":80", "host:", "host:0", "host:70000", ""}) {
    const auto answer = Get(address, "/", seconds(1));
    ASSERT_FALSE(answer) << address;
    EXPECT_EQ(answer.error().code, std::errc::invalid_argument) << address;
  }
}

TEST(HttpClient, ResolvesNames) {
  if (!tests::LocalhostResolves()) {
    GTEST_SKIP() << "this machine does not know localhost";
  }
  CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto port = server.Address().substr(server.Address().rfind(':'));

  const auto answer = Get("localhost" + port, "/", seconds(10));

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_THAT(server.Request(), HasSubstr("Host: localhost" + port + "\r\n"));
}

TEST(HttpClient, EscapesQueries) {
  EXPECT_EQ(EscapeQuery("up{job=\"a b\"} + 1"), "up%7Bjob%3D%22a%20b%22%7D%20%2B%201");
  EXPECT_EQ(EscapeQuery("a-b._~9\xC3\xA9"), "a-b._~9%C3%A9");
}

}  // namespace
}  // namespace common::http
