#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/support/fake_api/asking.h"

namespace tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWatchedPods = "/api/v1/pods";

class FakeApiSelectors : public Asking {
 protected:
  FakeApiSelectors() {
    api_.Serve(kWatchedPods);
    api_.Serve("/api/v1/nodes");
    Pod("a", "shops", "web", "node-1");
    Pod("b", "shops", "db", "node-1");
    Pod("c", "other", "web", "node-2");
  }

  void Pod(const std::string& name, const std::string& space, const std::string& app,
           const std::string& node) {
    api_.PutObject(kWatchedPods, R"({"metadata":{"name":")" + name + R"(","namespace":")" + space +
                                     R"(","labels":{"app":")" + app +
                                     R"("}},"spec":{"nodeName":")" + node + R"("}})");
  }

  /// The names that a list has, in order.
  std::string Listed(const std::string& target) {
    const auto answer = Ask("GET", target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string names;
    for (std::size_t at = 0; (at = answer.body.find(R"({"name":")", at)) != std::string::npos;) {
      at += 9;
      names += answer.body.substr(at, answer.body.find('"', at) - at);
    }
    return names;
  }

  std::string Watched(const std::string& query, const std::function<void()>& act) {
    std::string lines;
    common::kubernetes::WireEvents events;
    events.on_head = [](int status, const auto&) { EXPECT_EQ(status, 200); };
    events.on_bytes = [&](std::string_view bytes) { lines += bytes; };
    events.on_end = [](const auto&) {};
    const auto call = api_.Start(
        {"GET",
         std::string(kWatchedPods) +
             "?watch=1&resourceVersion=103&allowWatchBookmarks=true&timeoutSeconds=9&" + query,
         {{"User-Agent", "test"}},
         ""},
        std::move(events));
    executor_.RunFor(std::chrono::milliseconds(1));
    act();
    return lines;
  }
};

TEST_F(FakeApiSelectors, AListIsOfOneNamespaceOrAll) {
  EXPECT_EQ(Listed("/api/v1/pods?limit=9"), "cab");
  EXPECT_EQ(Listed("/api/v1/namespaces/shops/pods?limit=9"), "ab");
  EXPECT_EQ(Ask("GET", "/api/v1/namespaces/shops/nodes?limit=9").status, 404);
  EXPECT_EQ(Ask("GET", "/api/v1/pods/a").status, 404);
  EXPECT_EQ(Ask("GET", "/api/v1/namespaces/shops/pods/a").status, 200);
}

TEST_F(FakeApiSelectors, LabelsAndFieldsSelect) {
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&labelSelector=app%3Dweb"), "ca");
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&labelSelector=app%21%3Dweb"), "b");
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&labelSelector=%21app"), "");
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&labelSelector=app"), "cab");
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&fieldSelector=spec.nodeName%3Dnode-1"), "ab");
  EXPECT_EQ(Listed("/api/v1/pods?limit=9&fieldSelector=spec.nodeName=node-1,metadata.name!=a"),
            "b");
  EXPECT_EQ(Listed("/api/v1/pods?limit=1&labelSelector=app%3Dweb"), "c");
}

TEST_F(FakeApiSelectors, AFieldThatNoServerSelectsByIsRefused) {
  const auto answer = Ask("GET", "/api/v1/pods?limit=9&fieldSelector=spec.color=red");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.Says("field label not supported: spec.color"));
  EXPECT_EQ(Ask("GET", "/api/v1/pods?limit=9&labelSelector=a%20in%20(b)").status, 400);
}

TEST_F(FakeApiSelectors, AWatchSeesWhatEntersAndLeavesItsSelection) {
  const auto lines = Watched("labelSelector=app%3Dweb", [&] {
    Pod("b", "shops", "web", "node-1");
    Pod("a", "shops", "db", "node-1");
    Pod("a", "shops", "db", "node-3");
    api_.Remove(kWatchedPods, "other", "c");
  });
  EXPECT_THAT(lines, HasSubstr(R"({"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1",)"
                               R"("metadata":{"name":"b")"));
  EXPECT_THAT(lines, HasSubstr(R"({"type":"DELETED","object":{"kind":"Pod","apiVersion":"v1",)"
                               R"("metadata":{"name":"a")"));
  EXPECT_THAT(lines, HasSubstr(R"({"type":"DELETED","object":{"kind":"Pod","apiVersion":"v1",)"
                               R"("metadata":{"name":"c")"));
  EXPECT_THAT(lines, Not(HasSubstr("node-3")));
}

}  // namespace
}  // namespace tests
