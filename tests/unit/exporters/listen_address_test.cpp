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

/// Why no server starts there.
common::Error WhyNot(const ListenAddress& address, const ServerSecurity& security = {}) {
  const auto server = Server::Start(address, {}, security);
  EXPECT_FALSE(server) << address.host;
  return server ? common::Error{} : server.error();
}

TEST(Server, RefusesToListenBeyondLoopback) {
  for (const auto* const host : {"", "0.0.0.0", "192.0.2.1", "example.test", "::", "2001:db8::1"}) {
    const auto error = WhyNot({.host = host, .port = 9105});
    EXPECT_EQ(error.code, std::errc::permission_denied);
    EXPECT_THAT(error.what, HasSubstr("needs TLS (--tls-cert and --tls-key) and a proof of who "
                                      "asks (--token-file or --tls-client-ca)"));
    EXPECT_THAT(error.what, HasSubstr("listen on 127.0.0.1:9105"));
    EXPECT_THAT(error.what, HasSubstr("--insecure-listen"));
  }
}

TEST(Server, NamesOnlyWhatIsMissing) {
  const ListenAddress everywhere{.host = "0.0.0.0", .port = 9105};

  EXPECT_THAT(WhyNot(everywhere, {.token_file = "t"}).what,
              HasSubstr("a port beyond loopback needs TLS (--tls-cert and --tls-key); give"));
  EXPECT_THAT(WhyNot(everywhere, {.certificate_file = "c", .key_file = "k"}).what,
              HasSubstr("beyond loopback needs a proof of who asks (--token-file or "
                        "--tls-client-ca); give"));
}

TEST(Server, RefusesHalfOfAPair) {
  const ListenAddress loopback{.host = "127.0.0.1", .port = 0};

  EXPECT_EQ(WhyNot(loopback, {.certificate_file = "c"}).code, std::errc::invalid_argument);
  EXPECT_EQ(WhyNot(loopback, {.key_file = "k"}).code, std::errc::invalid_argument);
  EXPECT_THAT(WhyNot(loopback, {.client_ca_file = "ca"}).what, HasSubstr("needs TLS"));
}

TEST(Server, NamesAFileThatIsMissing) {
  const ListenAddress loopback{.host = "127.0.0.1", .port = 0};

  EXPECT_THAT(WhyNot(loopback, {.token_file = "/nowhere/tokens"}).what,
              HasSubstr("token file /nowhere/tokens: No such file"));
  EXPECT_THAT(WhyNot(loopback, {.certificate_file = "/nowhere/c", .key_file = "k"}).what,
              HasSubstr("certificate file /nowhere/c: No such file"));
}

TEST(Server, SpeaksPlainHttpOverIpv4Only) {
  EXPECT_THAT(WhyNot({.host = "::1", .port = 0}).what, HasSubstr("use 127.0.0.1"));
}

}  // namespace
}  // namespace exporters
