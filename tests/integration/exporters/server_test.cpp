#include "exporters/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "integration/exporters/peer.h"

namespace exporters {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using tests::Peer;

constexpr auto kPatience = tests::Peer::kPatience;

std::unique_ptr<Server> Serve(Routes routes, std::uint16_t port = 0) {
  auto server = Server::Start({.host = "127.0.0.1", .port = port}, std::move(routes));
  EXPECT_TRUE(server) << server.error().what;
  return server ? std::move(*server) : nullptr;
}

Routes Hello() {
  return {.handlers = {{"/hello", [](const HttpRequest& request) {
                          const auto name = request.query.find("name");
                          return HttpResponse{
                              .body = "hello " +
                                      (name == request.query.end() ? "you" : name->second) + "\n"};
                        }}}};
}

std::string Ask(const Server& server, std::string_view method, std::string_view target) {
  Peer peer(server.Port());
  peer.Say(std::string(method) + " " + std::string(target) +
           " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return peer.HearAll();
}

/// Says "n" once a millisecond until its reader goes or the server stops.
void Chatter(const HttpRequest& /*request*/, StreamSink& sink) {
  while (!sink.Stopping() && sink.Write("tick\n")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::chrono::milliseconds TimeToStop(std::unique_ptr<Server> server) {
  const auto began = std::chrono::steady_clock::now();
  server.reset();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               began);
}

TEST(ServerOnARealSocket, AnswersAGet) {
  const auto server = Serve(Hello());

  const auto answer = Ask(*server, "GET", "/hello?name=J%C3%B6rg");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello J\xC3\xB6rg\n"));
}

TEST(ServerOnARealSocket, AnswersAHeadWithoutABody) {
  const auto server = Serve(Hello());

  const auto answer = Ask(*server, "HEAD", "/hello");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(ServerOnARealSocket, RefusesWhatItCannotDo) {
  const auto server = Serve(Hello());

  EXPECT_THAT(Ask(*server, "GET", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(Ask(*server, "DELETE", "/hello"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_THAT(Ask(*server, "GET", "/../../etc/passwd"), Not(HasSubstr("root:")));
}

TEST(ServerOnARealSocket, KeepsAConnectionAlive) {
  const auto server = Serve(Hello());
  Peer peer(server->Port());

  for (int round = 0; round < 3; ++round) {
    peer.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peer.HearUntil("hello you\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST(ServerOnARealSocket, SurvivesNoise) {
  const auto server = Serve(Hello());
  Peer noise(server->Port());
  noise.Say(std::string("\x16\x03\x01\0\0\xff\r\n\r\n", 10));
  (void)noise.HearAll();

  EXPECT_THAT(Ask(*server, "GET", "/hello"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(ServerOnARealSocket, StreamsChunks) {
  const auto server = Serve({.streams = {{"/stream", [](const HttpRequest&, StreamSink& sink) {
                                            EXPECT_TRUE(sink.Write("first"));
                                            EXPECT_TRUE(sink.Write(""));
                                            EXPECT_TRUE(sink.Write("second one"));
                                          }}}});

  const auto answer = Ask(*server, "GET", "/stream");

  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n5\r\nfirst\r\na\r\nsecond one\r\n0\r\n\r\n"));
}

TEST(ServerOnARealSocket, AStreamLearnsThatItsReaderHasGone) {
  std::promise<void> ended;
  const auto server =
      Serve({.streams = {{"/stream", [&](const HttpRequest& request, StreamSink& sink) {
                            Chatter(request, sink);
                            ended.set_value();
                          }}}});
  {
    Peer peer(server->Port());
    peer.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.HearUntil("tick\n");
  }

  EXPECT_EQ(ended.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST(ServerOnARealSocket, OpensABoundedNumberOfStreams) {
  auto server = Serve({.streams = {{"/stream", Chatter}}});
  std::vector<std::unique_ptr<Peer>> peers;
  for (int count = 0; count < 16; ++count) {
    peers.push_back(std::make_unique<Peer>(server->Port()));
    peers.back()->Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(peers.back()->HearUntil("tick\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }

  const auto answer = Ask(*server, "GET", "/stream");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("16 streams are open already"));
  EXPECT_LT(TimeToStop(std::move(server)), std::chrono::milliseconds(900));
}

TEST(ServerOnARealSocket, StopsAtOnceWithIdleConnectionsOpen) {
  auto server = Serve(Hello());
  Peer silent(server->Port());
  Peer idle(server->Port());
  idle.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.HearUntil("hello you\n");

  EXPECT_LT(TimeToStop(std::move(server)), std::chrono::milliseconds(900));
}

TEST(ServerOnARealSocket, RestartsOnTheSamePort) {
  auto server = Serve(Hello());
  const auto port = server->Port();
  Peer idle(port);  // Leaves a connection in TIME_WAIT on the server's side.
  idle.Say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.HearUntil("hello you\n");
  server.reset();

  const auto again = Serve(Hello(), port);

  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->Port(), port);
  EXPECT_THAT(Ask(*again, "GET", "/hello"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(ServerOnARealSocket, SaysThatThePortIsTaken) {
  const auto first = Serve(Hello());

  const auto second = Server::Start({.host = "127.0.0.1", .port = first->Port()}, Hello());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::errc::address_in_use);
  EXPECT_THAT(second.error().what, HasSubstr("127.0.0.1:" + std::to_string(first->Port())));
  EXPECT_THAT(second.error().what, HasSubstr("--listen"));
}

}  // namespace
}  // namespace exporters
