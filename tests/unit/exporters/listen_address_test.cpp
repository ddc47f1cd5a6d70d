#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporters/server.h"

namespace exporters {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddress, ReadsHostAndPort) {
  const auto address = ParseListenAddress("127.0.0.1:9105");

  ASSERT_TRUE(address) << address.error().what;
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 9105);
}

TEST(ListenAddress, ReadsIpv6InBrackets) {
  const auto address = ParseListenAddress("[::1]:0");

  ASSERT_TRUE(address) << address.error().what;
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 0);
}

TEST(ListenAddress, TheHostMayBeEmpty) {
  const auto address = ParseListenAddress(":9100");

  ASSERT_TRUE(address) << address.error().what;
  EXPECT_EQ(address->host, "");
}

TEST(ListenAddress, EverythingElseIsRefusedWithAnExample) {
  for (const auto* const text :
       {"", "9105", "localhost", "::1:9105", "h:-1", "h:65536", "h:", "h:1x"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().what, HasSubstr("127.0.0.1:9100"));
  }
}

TEST(Server, RefusesToListenBeyondLoopback) {
  for (const auto* const host : {"", "0.0.0.0", "192.0.2.1", "example.test"}) {
    const auto server = Server::Start({.host = host, .port = 0}, {});
    ASSERT_FALSE(server) << host;
    EXPECT_EQ(server.error().code, std::errc::permission_denied);
    EXPECT_THAT(server.error().what, HasSubstr("TLS"));
  }
}

TEST(Server, SaysThatThereIsNoIpv6) {
  const auto server = Server::Start({.host = "::1", .port = 0}, {});

  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().what, HasSubstr("use 127.0.0.1"));
}

}  // namespace
}  // namespace exporters
