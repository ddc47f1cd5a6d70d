#include "common/haproxy/runtime_client.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "unit/common/haproxy/fake_socket.h"

namespace common::haproxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

/// What the callbacks brought: the answer, or the message of the error code.
struct Answers {
  std::vector<std::string> all;

  RuntimeClient::Done Take() {
    return [this](const Result<std::string>& answer) {
      all.push_back(answer ? *answer : answer.error().code.message());
    };
  }
};

std::string Message(std::errc code) { return std::make_error_code(code).message(); }

TEST(RuntimeClient, AnswersOneCommandAfterTheOther) {
  const FakeSocket haproxy([](int peer) { SendAll(peer, "<" + ReadLine(peer) + ">"); }, 3);
  boost::asio::io_context context;
  RuntimeClient client(context, haproxy.Path());
  Answers answers;

  client.Execute("one", seconds(10), answers.Take());
  client.Execute("two", seconds(10), answers.Take());
  client.Execute("three", seconds(10), answers.Take());
  EXPECT_TRUE(answers.all.empty()) << "never from within Execute";
  context.run();

  EXPECT_THAT(answers.all, ElementsAre("<one>", "<two>", "<three>"));
}

TEST(RuntimeClient, GoesOnAfterADeadline) {
  const FakeSocket haproxy(
      [](int peer) {
        if (const auto line = ReadLine(peer); line == "hang") {
          ReadLine(peer);  // ends when the client has given up
        } else {
          SendAll(peer, line);
        }
      },
      2);
  boost::asio::io_context context;
  RuntimeClient client(context, haproxy.Path());
  Answers answers;

  client.Execute("hang", milliseconds(20), answers.Take());
  client.Execute("next", seconds(10), answers.Take());
  context.run();

  EXPECT_THAT(answers.all, ElementsAre(Message(std::errc::timed_out), "next"));
}

TEST(RuntimeClient, SaysThatHaproxyIsNotThere) {
  boost::asio::io_context context;
  RuntimeClient client(context, "/nonexistent/haproxy.sock");
  RuntimeClient impossible(context, "/" + std::string(200, 'x'));
  Answers answers;

  client.Execute("show info", seconds(10), answers.Take());
  context.run();
  context.restart();
  impossible.Execute("show info", seconds(10), answers.Take());
  context.run();

  EXPECT_THAT(answers.all, ElementsAre(Message(std::errc::no_such_file_or_directory),
                                       Message(std::errc::filename_too_long)));
}

TEST(RuntimeClient, RefusesMoreThanItsQueueHolds) {
  boost::asio::io_context context;
  auto client = std::make_unique<RuntimeClient>(context, "/nonexistent/haproxy.sock");
  for (std::size_t i = 0; i < RuntimeClient::kLongestQueue; ++i) {
    client->Execute("show info", seconds(10), [](const auto&) {});
  }
  Answers answers;

  client->Execute("show info", seconds(10), answers.Take());
  context.run();

  EXPECT_THAT(answers.all, ElementsAre(Message(std::errc::no_buffer_space)));
}

TEST(RuntimeClient, CallsNobodyAfterItsEnd) {
  boost::asio::io_context context;
  Answers answers;
  {
    RuntimeClient client(context, "/nonexistent/haproxy.sock");
    client.Execute("show info", seconds(10), answers.Take());
  }
  context.run();

  EXPECT_TRUE(answers.all.empty());
}

TEST(RuntimeClient, MayDieInItsOwnCallback) {
  boost::asio::io_context context;
  auto client = std::make_unique<RuntimeClient>(context, "/nonexistent/haproxy.sock");
  bool called = false;
  client->Execute("show info", seconds(10), [&](const auto&) {
    called = true;
    client.reset();
  });
  context.run();

  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace common::haproxy
