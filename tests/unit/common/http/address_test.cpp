#include "common/http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "common/http/client_options.h"

namespace common::http {
namespace {

/// "tls host port", or "no address".
std::string Parse(const std::string& text, bool tls_by_default = false) {
  const auto address = ParseAddress(text, tls_by_default);
  return address ? (address->tls ? "tls " : "plain ") + address->host + " " + address->port
                 : "no address";
}

TEST(HttpAddress, HasAHostAndAPort) {
  EXPECT_EQ(Parse("127.0.0.1:9100"), "plain 127.0.0.1 9100");
  EXPECT_EQ(Parse("[::1]:9100"), "plain ::1 9100");
  EXPECT_EQ(Parse("http://host:80"), "plain host 80");
  EXPECT_EQ(Parse("https://host:9100/"), "tls host 9100");
}

TEST(HttpAddress, HasADefaultPortWithAScheme) {
  EXPECT_EQ(Parse("https://host"), "tls host 443");
  EXPECT_EQ(Parse("http://[::1]"), "plain ::1 80");
}

TEST(HttpAddress, WithoutASchemeMeansWhatTheCallerDoes) {
  EXPECT_EQ(Parse("host:1", true), "tls host 1");
  EXPECT_EQ(Parse("http://host:1", true), "plain host 1");
}

TEST(HttpAddress, IsNothingElse) {
  for (const auto* const text :
       {"", "host", "https://", "https://:1", "host:0", "host:1/x", "https://host/path",
        "ftp://host:1", "user@host:1", "[::1]", "a b:1", "https://host:1:2x", "host\r\n:1"}) {
    EXPECT_EQ(Parse(text), "no address") << text;
  }
}

TEST(HttpAddress, GoesIntoTheHostHeader) {
  EXPECT_EQ(Authority({.host = "::1", .port = "80"}), "[::1]:80");
  EXPECT_EQ(Authority({.host = "host", .port = "80"}), "host:80");
}

TEST(HttpAddress, KnowsLoopback) {
  for (const auto* const host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(IsLoopback({.host = host, .port = "1"})) << host;
  }
  for (const auto* const host : {"128.0.0.1", "::2", "127.example", "localhost.example", ""}) {
    EXPECT_FALSE(IsLoopback({.host = host, .port = "1"})) << host;
  }
}

TEST(HttpClientOptions, HaveThePrefixOfTheirServer) {
  ClientOptions options;
  CLI::App app;
  AddClientOptions(app, "agent-", "the agents", options);

  app.parse(
      "--agent-tls-ca a --agent-tls-cert c --agent-tls-key k --agent-tls-server-name n "
      "--agent-tls-insecure --agent-token-file t");

  EXPECT_EQ(options.tls.ca, "a");
  EXPECT_EQ(options.tls.certificate, "c");
  EXPECT_EQ(options.tls.key, "k");
  EXPECT_EQ(options.tls.server_name, "n");
  EXPECT_TRUE(options.tls.insecure);
  EXPECT_EQ(options.token_file, "t");
}

}  // namespace
}  // namespace common::http
