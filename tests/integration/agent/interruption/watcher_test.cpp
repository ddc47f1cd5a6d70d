// The watcher beside real servers, of which some behave badly.
#include "agent/interruption/watcher.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "exporters/bind.h"
#include "exporters/server.h"

namespace agent::interruption {
namespace {

using exporters::HttpRequest;
using exporters::HttpResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A watcher of the service on a port, asking often, with short patience.
class Watching {
 public:
  explicit Watching(std::uint16_t port, Provider provider = Provider::kGcp)
      : watcher_({.provider = provider,
                  .address = "http://127.0.0.1:" + std::to_string(port),
                  .interval = milliseconds(20),
                  .deadline = milliseconds(300),
                  .longest_pause = milliseconds(50)},
                 clock_, [this] { wake_.notify_all(); }) {}

  template <typename Holds>
  [[nodiscard]] bool Until(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    std::unique_lock lock(mutex_);
    while (!holds(watcher_.Latest())) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      wake_.wait_for(lock, milliseconds(10));
    }
    return true;
  }

 private:
  common::SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Watcher watcher_;
};

/// A service of which every answer has this body.
class Service {
 public:
  explicit Service(std::function<HttpResponse(const HttpRequest&)> answer)
      : server_(exporters::Server::Start({"127.0.0.1", 0}, {.handlers = {{"/", std::move(answer)}}})
                    .value()) {}

  [[nodiscard]] std::uint16_t Port() const { return server_->Port(); }

 private:
  std::unique_ptr<exporters::Server> server_;
};

HttpResponse OfGoogle(const std::string& body) {
  return {.body = body, .headers = {{"Metadata-Flavor", "Google"}}};
}

bool Failed(const Watched& watched) { return !watched.success && watched.seconds > 0; }

TEST(WatcherTest, SeesANoticeComeAndGo) {
  std::atomic<bool> preempted = false;
  const Service service([&](const HttpRequest& request) {
    const bool maintenance = request.path.ends_with("maintenance-event");
    return OfGoogle(maintenance ? "NONE" : preempted ? "TRUE" : "FALSE");
  });
  Watching watching(service.Port());
  ASSERT_TRUE(watching.Until([](const Watched& watched) { return watched.success; }));
  preempted = true;
  ASSERT_TRUE(watching.Until([](const Watched& watched) { return watched.notices.size() == 1; }));
  preempted = false;
  EXPECT_TRUE(watching.Until([](const Watched& watched) { return watched.notices.empty(); }));
}

TEST(WatcherTest, KeepsANoticeWhenTheServiceTalksGarbage) {
  std::atomic<bool> broken = false;
  const Service service([&](const HttpRequest& request) {
    const bool maintenance = request.path.ends_with("maintenance-event");
    return broken ? OfGoogle(std::string("\0\xFF{]", 4)) : OfGoogle(maintenance ? "NONE" : "TRUE");
  });
  Watching watching(service.Port());
  ASSERT_TRUE(watching.Until([](const Watched& watched) { return watched.notices.size() == 1; }));
  broken = true;
  EXPECT_TRUE(watching.Until(
      [](const Watched& watched) { return Failed(watched) && watched.notices.size() == 1; }));
}

TEST(WatcherTest, RefusesAnAnswerThatIsTooLong) {
  std::atomic<std::size_t> blanks = 0;
  const Service service([&](const HttpRequest& request) -> HttpResponse {
    if (request.path.ends_with("name")) {
      return {.body = "vm-1"};
    }
    return {.body = "{\"Events\": []" + std::string(blanks, ' ') + "}"};
  });
  Watching watching(service.Port(), Provider::kAzure);
  ASSERT_TRUE(watching.Until([](const Watched& watched) { return watched.success; }));
  blanks = 1U << 20U;
  EXPECT_TRUE(watching.Until(Failed));
}

TEST(WatcherTest, AServiceThatHangsHoldsNobodyUp) {
  const auto listening = exporters::Bind({"127.0.0.1", 0});
  ASSERT_TRUE(listening);
  ASSERT_EQ(::listen(listening->Get(), 8), 0);
  Watching watching(exporters::BoundPort(listening->Get()).value());
  EXPECT_TRUE(watching.Until(Failed));
  // Its end waits for one question's deadline at most; a test that hangs here would show it.
}

TEST(WatcherTest, ComesBackWhenTheServiceDoes) {
  std::uint16_t port = 0;
  {
    const auto reserved = exporters::Bind({"127.0.0.1", 0});
    ASSERT_TRUE(reserved);
    port = exporters::BoundPort(reserved->Get()).value();
  }
  Watching watching(port);
  ASSERT_TRUE(watching.Until(Failed));
  auto server = exporters::Server::Start(
      {"127.0.0.1", port}, {.handlers = {{"/", [](const HttpRequest& request) {
                                            const bool maintenance =
                                                request.path.ends_with("maintenance-event");
                                            return OfGoogle(maintenance ? "NONE" : "FALSE");
                                          }}}});
  if (!server) {
    GTEST_SKIP() << "somebody else took the port meanwhile: " << server.error().what;
  }
  EXPECT_TRUE(watching.Until([](const Watched& watched) { return watched.success; }));
}

}  // namespace
}  // namespace agent::interruption
