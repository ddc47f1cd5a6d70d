// The scaler's streams to agents, over TLS and with a token.
#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "common/io_loop.h"
#include "integration/exporters/tls_world.h"
#include "scaler/signals/http_transport.h"
#include "support/localhost.h"

namespace exporters {
namespace {

using ::testing::HasSubstr;

Routes Signals() {
  return {.streams = {{"/signals", [](const HttpRequest&, StreamSink& sink) {
                         while (!sink.Stopping() && sink.Write("frame\n")) {
                           std::this_thread::sleep_for(std::chrono::milliseconds(1));
                         }
                       }}}};
}

class SignalsOverTls : public TlsWorld {
 protected:
  /// What a transport with `options` hears from `address`: the first bytes, or why there are none.
  std::string Dial(const std::string& address, const common::http::ClientOptions& options) {
    auto credentials = common::http::Credentials::Open(options);
    EXPECT_TRUE(credentials) << credentials.error().what;
    scaler::signals::HttpTransport transport(loop_.Context(), *credentials);
    return Hear(transport, address);
  }

  std::string Hear(scaler::signals::HttpTransport& transport, const std::string& address) {
    std::string heard;
    const auto stream = transport.Open(
        address,
        [&](std::string_view bytes) {
          heard = bytes;
          loop_.Stop();
        },
        [&](const common::Error& error) {
          heard = error.what;
          loop_.Stop();
        });
    const auto timeout = loop_.After(kPatience, [&] { loop_.Stop(); });
    loop_.Run();
    return heard;
  }

  common::IoLoop loop_;
};

TEST_F(SignalsOverTls, AFrameArrives) {
  const auto agent = Serve(Signals(), TlsAndToken());

  EXPECT_THAT(Dial(Url(*agent), TrustingWithToken()), HasSubstr("frame\n"));
}

TEST_F(SignalsOverTls, AFrameArrivesInTheClearFromLoopback) {
  const auto agent = Serve(Signals(), {});
  scaler::signals::HttpTransport transport(loop_.Context());

  EXPECT_THAT(Hear(transport, "127.0.0.1:" + std::to_string(agent->Port())), HasSubstr("frame\n"));
}

TEST_F(SignalsOverTls, AnAgentThatIsNotTrustedIsNamed) {
  const auto agent = Serve(Signals(), TlsAndToken());

  EXPECT_THAT(Dial(Url(*agent), {}), HasSubstr("agent " + Url(*agent) +
                                               " agrees on no TLS: its certificate cannot be "
                                               "trusted"));
}

TEST_F(SignalsOverTls, AnAgentWithAnotherNameIsNotTrusted) {
  if (!tests::LocalhostResolves()) {
    GTEST_SKIP() << "this machine does not know localhost";
  }
  server_files_ = authority_.Issue({.name = "elsewhere", .alternative_names = "DNS:elsewhere"});
  const auto agent = Serve(Signals(), TlsAndToken());

  EXPECT_THAT(Dial(Url(*agent, "localhost"), TrustingWithToken()),
              HasSubstr("its certificate is not for the name localhost"));
}

TEST_F(SignalsOverTls, WithoutTheTokenThereIsNoStream) {
  const auto agent = Serve(Signals(), TlsAndToken());

  EXPECT_THAT(Dial(Url(*agent), Trusting()), HasSubstr("answers 401"));
}

TEST_F(SignalsOverTls, ATokenIsNotSentInTheClear) {
  EXPECT_THAT(Dial("http://192.0.2.1:9105", TrustingWithToken()),
              HasSubstr("agent http://192.0.2.1:9105: the token for 192.0.2.1:9105 is not sent"));
}

TEST_F(SignalsOverTls, AnAddressThatIsNoneIsNamed) {
  EXPECT_THAT(Dial("nonsense", Trusting()), HasSubstr("\"nonsense\" is no address"));
}

TEST_F(SignalsOverTls, APlainAgentIsNotTakenForOneWithTls) {
  const auto agent = Serve(Signals(), {});

  EXPECT_THAT(Dial(Url(*agent), Trusting()), HasSubstr("agrees on no TLS"));
}

TEST_F(SignalsOverTls, TheEndOfTheAgentIsHeard) {
  auto agent = Serve(Signals(), TlsAndToken());
  auto credentials = common::http::Credentials::Open(TrustingWithToken());
  ASSERT_TRUE(credentials);
  scaler::signals::HttpTransport transport(loop_.Context(), *credentials);
  std::string end;
  std::thread stopper;
  const auto stream = transport.Open(
      Url(*agent),
      [&](std::string_view) {
        // On a thread of its own, as the agent waits for this loop to read the rest.
        if (!stopper.joinable()) {
          stopper = std::thread([&] { agent.reset(); });
        }
      },
      [&](const common::Error& error) {
        end = error.what;
        loop_.Stop();
      });
  const auto timeout = loop_.After(kPatience, [&] { loop_.Stop(); });
  loop_.Run();
  if (stopper.joinable()) {
    stopper.join();
  }

  EXPECT_THAT(end, HasSubstr("ended the stream"));
}

}  // namespace
}  // namespace exporters
