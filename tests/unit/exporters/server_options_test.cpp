#include "exporters/server_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace exporters {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TheOptions : public ::testing::Test {
 protected:
  TheOptions() {
    options_.listen = "127.0.0.1:9105";
    AddServerOptions(app_, "/metrics", options_);
  }

  ServerOptions options_;
  CLI::App app_;
};

TEST_F(TheOptions, DefaultToThePlainAddressOfTheProgram) {
  app_.parse("");

  EXPECT_EQ(options_.listen, "127.0.0.1:9105");
  EXPECT_EQ(options_.security.certificate_file, "");
  EXPECT_FALSE(options_.security.insecure_beyond_loopback);
}

TEST_F(TheOptions, TakeFilesAndTheFlag) {
  app_.parse(
      "--listen :1 --tls-cert c --tls-key k --tls-client-ca a --token-file t --insecure-listen");

  EXPECT_EQ(options_.listen, ":1");
  EXPECT_EQ(options_.security.certificate_file, "c");
  EXPECT_EQ(options_.security.key_file, "k");
  EXPECT_EQ(options_.security.client_ca_file, "a");
  EXPECT_EQ(options_.security.token_file, "t");
  EXPECT_TRUE(options_.security.insecure_beyond_loopback);
}

TEST_F(TheOptions, AreCheckedWithoutListening) {
  const auto address = CheckServerOptions(options_);
  ASSERT_TRUE(address) << address.error().what;
  EXPECT_EQ(address->port, 9105);

  for (const auto* const line : {"--listen nowhere", "--listen 0.0.0.0:1", "--tls-cert c",
                                 "--tls-cert /nowhere/c --tls-key k", "--token-file /nowhere/t"}) {
    ServerOptions options{.listen = "127.0.0.1:9105"};
    CLI::App app;
    AddServerOptions(app, "/metrics", options);
    app.parse(line);
    EXPECT_FALSE(CheckServerOptions(options)) << line;
  }
}

TEST_F(TheOptions, SayWhatAPortBeyondLoopbackNeeds) {
  EXPECT_THAT(app_.help(), AllOf(HasSubstr("127.0.0.1:9105"), HasSubstr("beyond loopback")));
}

}  // namespace
}  // namespace exporters
