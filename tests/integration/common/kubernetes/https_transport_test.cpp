// The transport against a real server over TLS: our own, which is not made for it.
#include "common/kubernetes/https_transport.h"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "common/io_loop.h"
#include "integration/exporters/tls_world.h"

namespace common::kubernetes {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;
using exporters::StreamSink;
using testing::HasSubstr;

/// What one request came to.
struct Answered {
  int status = 0;
  std::string body;
  std::optional<Result<void>> end;
  bool kept = false;  ///< Over a connection that was open before.
};

class HttpsTransportTest : public exporters::TlsWorld {
 protected:
  exporters::Routes Pages() {
    return {.handlers = {{"/prefix/echo",
                          [](const HttpRequest& request) {
                            return HttpResponse{.body = request.method + " " + request.body + " " +
                                                        request.headers.at("x-mine")};
                          },
                          {"GET", "PATCH"}},
                         {"/prefix/large",
                          [](const HttpRequest&) {
                            return HttpResponse{.body = std::string(3'000'000, 'x')};
                          }},
                         {"/prefix/hang",
                          [this](const HttpRequest&) {
                            while (hangs_) {
                              std::this_thread::sleep_for(std::chrono::milliseconds(1));
                            }
                            return HttpResponse{};
                          }}},
            .streams = {{"/prefix/stream", [this](const HttpRequest&, StreamSink& sink) {
                           ++streams_;
                           while (!sink.Stopping() && sink.Write("tick\n")) {
                           }
                           --streams_;
                         }}}};
  }

  /// A transport that believes our authority.
  std::unique_ptr<HttpsTransport> Open(std::uint16_t port) {
    access_.server = {.tls = true, .host = "127.0.0.1", .port = std::to_string(port)};
    access_.path_prefix = "/prefix";
    access_.tls.ca = authority_.CaFile();
    auto transport = HttpsTransport::Open(io_.Context(), access_);
    EXPECT_TRUE(transport) << transport.error().what;
    return transport ? std::move(*transport) : nullptr;
  }

  /// The loop ends with the request.
  Answered Ask(Transport& transport, WireRequest request) {
    Answered answered;
    WireEvents events;
    events.on_head = [&](int status, const http::Headers&) { answered.status = status; };
    events.on_bytes = [&](std::string_view bytes) { answered.body.append(bytes); };
    events.on_end = [&](Result<void> end) {
      answered.end = std::move(end);
      io_.Stop();
    };
    events.on_sent = [&](bool kept) { answered.kept = kept; };
    const auto call = transport.Start(std::move(request), std::move(events));
    const auto limit = io_.After(std::chrono::seconds(60), [this] { io_.Stop(); });
    io_.Context().restart();
    io_.Run();
    return answered;
  }

  /// Until so many connections stand ready, or it takes too long.
  void AwaitReady(const HttpsTransport& transport, std::size_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (transport.Ready() != count && std::chrono::steady_clock::now() < limit) {
      io_.Context().restart();
      io_.Context().run_for(std::chrono::milliseconds(10));
    }
    ASSERT_EQ(transport.Ready(), count);
  }

  IoLoop io_;
  Access access_;
  std::atomic<int> streams_{0};
  std::atomic<bool> hangs_{true};
};

TEST_F(HttpsTransportTest, CarriesMethodHeadersAndBodyBelowThePrefix) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  const auto answered = Ask(*transport, {"PATCH", "/echo", {{"X-Mine", "yes"}}, "a body"});
  ASSERT_TRUE(answered.end && *answered.end) << answered.end->error().what;
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.body, "PATCH a body yes");
}

TEST_F(HttpsTransportTest, OneRequestAfterTheOther) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  for (int i = 0; i < 20; ++i) {
    const auto answered = Ask(*transport, {"GET", "/large", {}, ""});
    ASSERT_TRUE(answered.end && *answered.end) << answered.end->error().what;
    EXPECT_EQ(answered.body.size(), 3'000'000U);
  }
}

TEST_F(HttpsTransportTest, AServerThatWasRestartedIsReachedAgain) {
  auto server = Serve(Pages(), Tls());
  const auto port = server->Port();
  const auto transport = Open(port);
  ASSERT_EQ(Ask(*transport, {"GET", "/large", {}, ""}).status, 200);
  server.reset();
  auto again = exporters::Server::Start({.host = "127.0.0.1", .port = port}, Pages(), Tls());
  if (!again) {
    GTEST_SKIP() << "somebody took the port meanwhile: " << again.error().what;
  }
  const auto answered = Ask(*transport, {"GET", "/large", {}, ""});
  EXPECT_TRUE(answered.end && *answered.end) << answered.end->error().what;
}

TEST_F(HttpsTransportTest, AStreamComesAsItIsWrittenAndCanBeGivenUp) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  std::string seen;
  std::unique_ptr<WireCall> call;
  WireEvents events;
  events.on_bytes = [&](std::string_view bytes) {
    seen.append(bytes);
    call.reset();  // In the middle of its own event.
    io_.Stop();
  };
  events.on_end = [](const Result<void>&) { FAIL() << "who gives up hears nothing"; };
  call = transport->Start({"GET", "/stream", {}, ""}, std::move(events));
  const auto limit = io_.After(std::chrono::seconds(60), [this] { io_.Stop(); });
  io_.Run();
  EXPECT_THAT(seen, HasSubstr("tick\n"));
  // The connection was closed: the server's writer ends, or this test does not.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (streams_ > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(streams_, 0);
}

TEST_F(HttpsTransportTest, TheFirstRequestFindsAConnectionThatIsReady) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  EXPECT_FALSE(Ask(*Open(server->Port()), {"GET", "/large", {}, ""}).kept);
  transport->KeepReady(2);
  AwaitReady(*transport, 2);
  const auto answered = Ask(*transport, {"GET", "/large", {}, ""});
  ASSERT_TRUE(answered.end && *answered.end) << answered.end->error().what;
  EXPECT_TRUE(answered.kept);
}

TEST_F(HttpsTransportTest, WhatTheServerClosesIsReplacedBeforeItIsNeeded) {
  auto server = Serve(Pages(), Tls());
  const auto port = server->Port();
  const auto transport = Open(port);
  transport->KeepReady(2);
  AwaitReady(*transport, 2);
  server.reset();
  AwaitReady(*transport, 0);
  auto again = exporters::Server::Start({.host = "127.0.0.1", .port = port}, Pages(), Tls());
  if (!again) {
    GTEST_SKIP() << "somebody took the port meanwhile: " << again.error().what;
  }
  AwaitReady(*transport, 2);
  EXPECT_TRUE(Ask(*transport, {"GET", "/large", {}, ""}).kept);
}

TEST_F(HttpsTransportTest, WhatIsNotUrgentLeavesHalfOfWhatIsReady) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  transport->KeepReady(2);
  AwaitReady(*transport, 2);
  std::vector<std::unique_ptr<WireCall>> calls;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(transport->Start({"GET", "/hang", {}, ""}, {}));
  }
  EXPECT_EQ(transport->Ready(), 1U);
  calls.push_back(transport->Start({"PATCH", "/echo", {{"X-Mine", "yes"}}, "", true}, {}));
  EXPECT_EQ(transport->Ready(), 0U);
  hangs_ = false;
}

TEST_F(HttpsTransportTest, SilenceOnOneConnectionIsBelievedOfThoseThatAreAsOld) {
  const auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  transport->KeepReady(2);
  AwaitReady(*transport, 2);
  transport->KeepReady(0);  // None is opened meanwhile.
  auto call = transport->Start({"GET", "/hang", {}, ""}, {});
  io_.Context().restart();
  io_.Context().run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(transport->Ready(), 1U);
  call.reset();
  EXPECT_EQ(transport->Ready(), 0U) << "the next request is to meet a server that answers";
  transport->KeepReady(2);
  AwaitReady(*transport, 2);
  hangs_ = false;
}

TEST_F(HttpsTransportTest, BelievesNoOtherAuthority) {
  const auto server = Serve(Pages(), Tls());
  const tests::ScratchDirectory elsewhere;
  const tests::Authority stranger(elsewhere.Path());
  auto transport = Open(server->Port());
  access_.tls.ca = stranger.CaFile();
  transport = *HttpsTransport::Open(io_.Context(), access_);
  const auto answered = Ask(*transport, {"GET", "/large", {}, ""});
  ASSERT_TRUE(answered.end && !*answered.end);
  EXPECT_THAT(answered.end->error().what, HasSubstr("agrees on no TLS"));
}

TEST_F(HttpsTransportTest, SaysWhenNobodyListens) {
  auto server = Serve(Pages(), Tls());
  const auto transport = Open(server->Port());
  server.reset();
  const auto answered = Ask(*transport, {"GET", "/large", {}, ""});
  ASSERT_TRUE(answered.end && !*answered.end);
  EXPECT_THAT(answered.end->error().what, HasSubstr("cannot be reached"));
}

}  // namespace
}  // namespace common::kubernetes
