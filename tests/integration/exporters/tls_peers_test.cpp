// What peers do to a TLS port that mean ill, are slow, or have never read the standard.
#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/tls/context.h"
#include "exporters/tls_listener.h"
#include "integration/exporters/peer.h"
#include "integration/exporters/tls_peer.h"
#include "integration/exporters/tls_world.h"

namespace exporters {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using tests::Peer;
using tests::TlsPeer;

class TlsPeers : public TlsWorld {
 protected:
  // OpenSSL's writes know no MSG_NOSIGNAL.
  TlsPeers() { std::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<Listener> Listen(Routes routes, const TlsLimits& limits = {}) const {
    auto context = common::tls::OpenServerContext(
        {.certificate = server_files_.certificate, .key = server_files_.key});
    auto listener = ListenTls({.host = "127.0.0.1", .port = 0}, Router(std::move(routes)),
                              std::move(*context), limits);
    EXPECT_TRUE(listener) << listener.error().what;
    return listener ? std::move(*listener) : nullptr;
  }

  static std::string Ask(const Listener& listener, std::string_view request) {
    TlsPeer peer(listener.Port());
    peer.Say(request);
    return peer.HearAll();
  }

  static std::string Hello(const Listener& listener) {
    return Ask(listener, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
};

/// Says "tick" once a millisecond until its reader goes or the server stops.
void Chatter(const HttpRequest& /*request*/, StreamSink& sink) {
  while (!sink.Stopping() && sink.Write("tick\n")) {
    std::this_thread::sleep_for(milliseconds(1));
  }
}

milliseconds TimeToStop(std::unique_ptr<Listener> listener) {
  const auto began = std::chrono::steady_clock::now();
  listener.reset();
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
}

/// Waits until `holds`, or for too long.
template <typename Condition>
bool Eventually(const Condition& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

TEST_F(TlsPeers, HalfOpenHandshakesHoldNobodyUp) {
  const auto listener = Listen(exporters::Hello());
  std::vector<std::unique_ptr<Peer>> silent;
  for (int count = 0; count < 50; ++count) {
    silent.push_back(std::make_unique<Peer>(listener->Port()));
    if (count % 2 == 0) {
      silent.back()->Say(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
    }
  }

  EXPECT_THAT(Hello(*listener), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(TlsPeers, AHandshakeThatDoesNotEndIsCutOff) {
  const auto listener = Listen(exporters::Hello(), {.handshake = milliseconds(50)});
  Peer silent(listener->Port());
  Peer stuck(listener->Port());
  stuck.Say(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));

  EXPECT_EQ(silent.HearAll(), "");
  EXPECT_EQ(stuck.HearAll(), "");
}

TEST_F(TlsPeers, OfTooManyConnectionsThoseThatWaitLongestAreClosed) {
  const auto listener = Listen(exporters::Hello(), {.connections = 8});
  std::vector<std::unique_ptr<Peer>> silent;
  for (int count = 0; count < 40; ++count) {
    silent.push_back(std::make_unique<Peer>(listener->Port()));
  }

  EXPECT_THAT(Hello(*listener), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(silent.front()->HearAll(), "");
}

TEST_F(TlsPeers, ARequestInHandIsNotClosedForANewConnection) {
  std::atomic<int> begun = 0;
  std::atomic<bool> go_on = false;
  const auto listener = Listen({.handlers = {{"/slow",
                                              [&](const HttpRequest&) {
                                                ++begun;
                                                while (!go_on) {
                                                  std::this_thread::sleep_for(milliseconds(1));
                                                }
                                                return HttpResponse{.body = "done\n"};
                                              }}}},
                               {.connections = 2});
  TlsPeer one(listener->Port());
  TlsPeer two(listener->Port());
  one.Say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  two.Say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return begun == 2; }));

  EXPECT_FALSE(TlsPeer(listener->Port()).Connected());
  go_on = true;

  EXPECT_THAT(one.HearUntil("done\n"), EndsWith("done\n"));
  EXPECT_THAT(two.HearUntil("done\n"), EndsWith("done\n"));
}

TEST_F(TlsPeers, ARequestThatDoesNotEndIsCutOff) {
  const auto listener = Listen(exporters::Hello(), {.request = milliseconds(50)});
  TlsPeer head(listener->Port());
  head.Say("GET /hello HTTP/1.1\r\nHost:");
  TlsPeer body(listener->Port());
  body.Say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");

  EXPECT_EQ(head.HearAll(), "");
  EXPECT_EQ(body.HearAll(), "");
}

TEST_F(TlsPeers, AnIdleConnectionIsClosed) {
  const auto listener = Listen(exporters::Hello(), {.idle = milliseconds(50)});
  TlsPeer peer(listener->Port());
  peer.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(peer.HearAll(), EndsWith("hello\n"));
}

TEST_F(TlsPeers, AConnectionIsKeptAliveAndItsRequestsAreAnsweredInOrder) {
  const auto listener = Listen(exporters::Hello());
  TlsPeer peer(listener->Port());

  for (int round = 0; round < 3; ++round) {
    peer.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peer.HearUntil("hello\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  peer.Say(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
      "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(peer.HearAll(), AllOf(HasSubstr("POST abHTTP/1.1 200 OK\r\n"), EndsWith("hello\n")));
}

TEST_F(TlsPeers, UnderstandsOldAndUnusualRequests) {
  const auto listener = Listen(exporters::Hello());

  EXPECT_THAT(Ask(*listener, "GET /hello HTTP/1.0\r\n\r\n"),
              AllOf(HasSubstr("Connection: close\r\n"), EndsWith("\r\n\r\nhello\n")));
  EXPECT_THAT(Ask(*listener,
                  "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                  "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              EndsWith("POST abcde"));
  EXPECT_THAT(Ask(*listener, "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              AllOf(HasSubstr("Content-Length: 6\r\n"), EndsWith("\r\n\r\n")));
  TlsPeer patient(listener->Port());
  patient.Say(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_EQ(patient.HearUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  patient.Say("hi");
  EXPECT_THAT(patient.HearAll(), EndsWith("POST hi"));
}

TEST_F(TlsPeers, RefusesWhatIsNoRequest) {
  const auto listener = Listen(exporters::Hello());

  EXPECT_THAT(Ask(*listener, "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(Ask(*listener, "GET /../etc/passwd HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(*listener, "GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(Ask(*listener, "POST /echo HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("65536 bytes")));
  EXPECT_THAT(Ask(*listener, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" +
                                 std::string(70'000, 'x')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Ask(*listener, "POST /hello HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n"),
                    HasSubstr("Connection: close\r\n")));
  EXPECT_THAT(Hello(*listener), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(TlsPeers, AHandlerThatThrowsIsA500) {
  const auto listener = Listen({.handlers = {{"/throws", [](const HttpRequest&) -> HttpResponse {
                                                throw std::runtime_error("the disk is on fire");
                                              }}}});

  EXPECT_THAT(Ask(*listener, "GET /throws HTTP/1.1\r\nConnection: close\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("the disk is on fire")));
}

TEST_F(TlsPeers, StreamsChunks) {
  const auto listener = Listen({.streams = {{"/stream", [](const HttpRequest&, StreamSink& sink) {
                                               EXPECT_TRUE(sink.Write("first"));
                                               EXPECT_TRUE(sink.Write(""));
                                               EXPECT_TRUE(sink.Write("second one"));
                                             }}}});

  const auto answer = Ask(*listener, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n5\r\nfirst\r\na\r\nsecond one\r\n0\r\n\r\n"));
}

TEST_F(TlsPeers, AStreamThatThrowsIsBrokenOff) {
  const auto listener = Listen({.streams = {{"/stream", [](const HttpRequest&, StreamSink& sink) {
                                               EXPECT_TRUE(sink.Write("first"));
                                               throw std::runtime_error("enough");
                                             }}}});

  EXPECT_THAT(Ask(*listener, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("first\r\n"));
}

TEST_F(TlsPeers, AStreamLearnsThatItsReaderHasGoneWithoutWritingToIt) {
  std::atomic<bool> ended = false;
  const auto listener =
      Listen({.streams = {{"/stream", [&](const HttpRequest&, StreamSink& sink) {
                             EXPECT_TRUE(sink.Write("tick\n"));
                             EXPECT_TRUE(Eventually([&] { return sink.Stopping(); }));
                             EXPECT_FALSE(sink.Write("tock\n"));
                             ended = true;
                           }}}});
  {
    TlsPeer peer(listener->Port());
    peer.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.HearUntil("tick\n");
  }

  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
}

TEST_F(TlsPeers, AStreamIsRidOfAReaderThatDoesNotRead) {
  std::atomic<bool> ended = false;
  const std::string frame(1U << 20U, 'x');
  const auto listener = Listen({.streams = {{"/stream",
                                             [&](const HttpRequest&, StreamSink& sink) {
                                               while (sink.Write(frame)) {
                                               }
                                               ended = true;
                                             }}}},
                               {.stream_write = milliseconds(100)});
  TlsPeer peer(listener->Port());
  peer.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
}

TEST_F(TlsPeers, OpensABoundedNumberOfStreams) {
  Routes routes = exporters::Hello();
  routes.streams = {{"/stream", Chatter}};
  auto listener = Listen(std::move(routes));
  std::vector<std::unique_ptr<TlsPeer>> peers;
  for (int count = 0; count < kMostStreams; ++count) {
    peers.push_back(std::make_unique<TlsPeer>(listener->Port()));
    peers.back()->Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peers.back()->HearUntil("tick\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }

  EXPECT_THAT(Ask(*listener, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("16 streams are open already")));
  EXPECT_THAT(Hello(*listener), StartsWith("HTTP/1.1 200 OK\r\n"));
  peers.pop_back();
  EXPECT_TRUE(Eventually([&] {
    TlsPeer next(listener->Port());
    next.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    return next.HearUntil("\r\n").starts_with("HTTP/1.1 200");
  }));
  EXPECT_LT(TimeToStop(std::move(listener)), milliseconds(1500));
}

TEST_F(TlsPeers, StopsSoonWhateverItsPeersDo) {
  auto listener = Listen(exporters::Hello());
  Peer silent(listener->Port());
  TlsPeer idle(listener->Port());
  idle.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.HearUntil("hello\n");
  TlsPeer slow(listener->Port());
  slow.Say("GET /hello HT");

  EXPECT_LT(TimeToStop(std::move(listener)), milliseconds(500));
}

TEST_F(TlsPeers, AnAnswerInHandStillArrivesWhenTheServerStops) {
  std::atomic<bool> begun = false;
  std::atomic<bool> go_on = false;
  auto listener = Listen({.handlers = {{"/slow", [&](const HttpRequest&) {
                                          begun = true;
                                          Eventually([&] { return go_on.load(); });
                                          return HttpResponse{.body = "done\n"};
                                        }}}});
  TlsPeer peer(listener->Port());
  peer.Say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  std::thread stopper([&] { listener.reset(); });
  std::this_thread::sleep_for(milliseconds(20));

  go_on = true;

  EXPECT_THAT(peer.HearAll(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("done\n")));
  stopper.join();
}

}  // namespace
}  // namespace exporters
