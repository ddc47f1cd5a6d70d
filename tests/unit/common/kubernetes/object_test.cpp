#include "common/kubernetes/object.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/kubernetes/watch_decoder.h"

namespace common::kubernetes {
namespace {

TEST(ReadPageTest, GivesEachObjectWithItsOwnText) {
  std::vector<std::string> seen;
  const auto head = ReadPage(
      R"({"kind":"PodList","metadata":{"resourceVersion":"42","continue":"abc","remainingItemCount":3},
          "items":[{"metadata":{"labels":{"name":"not this"},"name":"a","namespace":"shops","uid":"u1","resourceVersion":"7"},"spec":{"x":[1,{"name":"no"}]}},
                   {"spec":{},"metadata":{"name":"b","uid":"u2","resourceVersion":"8"}}]})",
      [&](const ObjectView& object) {
        seen.push_back(std::string(object.name_space) + "/" + std::string(object.name) + " " +
                       std::string(object.uid) + " " + std::string(object.resource_version) + " " +
                       std::string(object.json.substr(0, 3)) +
                       std::string(object.json.substr(object.json.size() - 2)));
      });
  ASSERT_TRUE(head) << head.error().what;
  EXPECT_EQ(head->resource_version, "42");
  EXPECT_EQ(head->next, "abc");
  EXPECT_EQ(seen, (std::vector<std::string>{"shops/a u1 7 {\"m}}", "/b u2 8 {\"s}}"}));
}

TEST(ReadPageTest, AnEmptyListMayBeNull) {
  const auto head = ReadPage(R"({"metadata":{"resourceVersion":"1"},"items":null})",
                             [](const ObjectView&) { FAIL(); });
  ASSERT_TRUE(head) << head.error().what;
  EXPECT_EQ(head->next, "");
}

TEST(ReadPageTest, RefusesWhatIsNoList) {
  const auto ignore = [](const ObjectView&) {};
  for (const auto* const text :
       {"", "<html>", "[]", "{}", R"({"items":[]})", R"({"metadata":{"resourceVersion":"1"}})",
        R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]})",
        R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a")",
        R"({"metadata":{"resourceVersion":"1"},"items":[3]})"}) {
    EXPECT_FALSE(ReadPage(text, ignore)) << text;
  }
}

constexpr const char* kAdded =
    R"({"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"5"}}})"
    "\n";

TEST(WatchDecoderTest, TakesLinesInAnyPieces) {
  for (std::size_t size = 1; size < 40; ++size) {
    WatchDecoder decoder;
    int events = 0;
    const std::string text = std::string(kAdded) + kAdded;
    for (std::size_t at = 0; at < text.size(); at += size) {
      const auto taken = decoder.Append(text.substr(at, size), [&](const WatchEvent& event) {
        ++events;
        EXPECT_EQ(event.object.name, "a");
        EXPECT_EQ(event.object.resource_version, "5");
        return true;
      });
      ASSERT_TRUE(taken) << taken.error().what;
    }
    EXPECT_EQ(events, 2) << size;
  }
}

TEST(WatchDecoderTest, KnowsBookmarksAndErrorsAndLeavesOutNewKinds) {
  WatchDecoder decoder;
  std::vector<WatchEvent::Kind> kinds;
  const auto taken = decoder.Append(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9"}}})"
      "\n"
      R"({"type":"NEWS","object":{}})"
      "\n"
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})"
      "\n",
      [&](const WatchEvent& event) {
        kinds.push_back(event.kind);
        if (event.kind == WatchEvent::Kind::kError) {
          EXPECT_EQ(event.status.code, 410);
          EXPECT_EQ(event.status.message, "too old");
        } else {
          EXPECT_EQ(event.object.resource_version, "9");
        }
        return true;
      });
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(kinds, (std::vector{WatchEvent::Kind::kBookmark, WatchEvent::Kind::kError}));
}

TEST(WatchDecoderTest, RefusesLinesThatAreNoEvents) {
  for (const auto* const line : {"<html>\n", "{}\n",
                                 R"({"type":"ADDED"})"
                                 "\n",
                                 R"({"type":"ADDED","object":{"metadata":{}}})"
                                 "\n"}) {
    WatchDecoder decoder;
    EXPECT_FALSE(decoder.Append(line, [](const WatchEvent&) { return true; })) << line;
  }
  WatchDecoder decoder;
  EXPECT_FALSE(decoder.Append(std::string(WatchDecoder::kLongestLine + 1, 'x'),
                              [](const WatchEvent&) { return true; }));
}

}  // namespace
}  // namespace common::kubernetes
