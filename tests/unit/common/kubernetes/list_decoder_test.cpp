#include "common/kubernetes/list_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace common::kubernetes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Heard {
  std::vector<std::string> names;
  std::vector<std::string> objects;
  Result<PageHead> head = PageHead{};
};

/// The list in pieces of so many bytes.
Heard Hear(std::string_view list, std::size_t piece) {
  Heard heard;
  ListDecoder decoder;
  const auto hear = [&](const ObjectView& object) {
    heard.names.emplace_back(object.name);
    heard.objects.emplace_back(object.json);
  };
  for (; !list.empty(); list.remove_prefix(std::min(piece, list.size()))) {
    if (auto appended = decoder.Append(list.substr(0, piece), hear); !appended) {
      heard.head = tl::make_unexpected(appended.error());
      return heard;
    }
  }
  heard.head = decoder.End();
  return heard;
}

constexpr std::string_view kList = R"({"kind":"PodList", "apiVersion":"v1",
  "columns":["a",["b"]], "metadata":{"resourceVersion":"77","items":["x"]}, "items" : [
  {"metadata":{"name":"a","namespace":"n","uid":"1","resourceVersion":"5"},"spec":{"a":[{}]}},
 {"metadata":{"name":"b","uid":"2"},"note":"\"items\":[ } ] \\"} ,{"metadata":{"name":"c"}}]})";

TEST(ListDecoder, YieldsTheObjectsHoweverTheBytesCome) {
  const auto whole = Hear(kList, kList.size());
  EXPECT_THAT(whole.names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(whole.objects[1], R"({"metadata":{"name":"b","uid":"2"},"note":"\"items\":[ } ] \\"})");
  for (std::size_t piece = 1; piece < kList.size(); ++piece) {
    const auto heard = Hear(kList, piece);
    ASSERT_TRUE(heard.head) << piece << ": " << heard.head.error().what;
    EXPECT_EQ(heard.head->resource_version, "77");
    ASSERT_EQ(heard.objects, whole.objects) << piece;
  }
}

TEST(ListDecoder, ReadsWhatComesBehindTheItems) {
  const auto heard = Hear(
      R"({"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"7","continue":"n"}})",
      3);
  EXPECT_THAT(heard.names, ElementsAre("a"));
  ASSERT_TRUE(heard.head);
  EXPECT_EQ(heard.head->resource_version, "7");
  EXPECT_EQ(heard.head->next, "n");
}

TEST(ListDecoder, AnEmptyListHasAVersion) {
  for (const auto* const items : {"[]", "[ ]", "null"}) {
    const auto list = R"({"metadata":{"resourceVersion":"7"},"items":)" + std::string(items) + "}";
    for (std::size_t piece = 1; piece <= list.size(); ++piece) {
      const auto heard = Hear(list, piece);
      ASSERT_TRUE(heard.head) << list << " in pieces of " << piece;
      EXPECT_EQ(heard.head->resource_version, "7");
      EXPECT_THAT(heard.names, IsEmpty());
    }
  }
}

TEST(ListDecoder, AListThatBreaksOffIsNone) {
  for (std::size_t length = 0; length < kList.size(); ++length) {
    EXPECT_FALSE(Hear(kList.substr(0, length), 7).head) << kList.substr(0, length);
  }
}

TEST(ListDecoder, RefusesWhatIsNoList) {
  for (const auto* const bad :
       {"", "[]", "x", R"({"kind":"Status"})", R"({"metadata":{"resourceVersion":"7"}})",
        R"({"metadata":{"resourceVersion":"7"},"items":[1]})",
        R"({"metadata":{"resourceVersion":"7"},"items":["a"]})",
        R"({"metadata":{"resourceVersion":"7"},"items":[[]]})",
        R"({"metadata":{"resourceVersion":"7"},"items":[{}]})",
        R"({"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}}})",
        R"({"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"]}]})",
        R"({"items":[{"metadata":{"name":"a"}}]})", R"(]]]]{{{{)", R"({"items":[}]})"}) {
    for (const std::size_t piece : {1U, 5U, 1000U}) {
      EXPECT_FALSE(Hear(bad, piece).head) << bad;
    }
  }
}

TEST(ListDecoder, BoundsWhatItKeeps) {
  const auto much = R"({"kind":")" + std::string(ListDecoder::kLongestHead, 'x');
  const auto head = Hear(much, 1000).head;
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, std::errc::message_size);
  const auto large =
      R"({"items":[{"metadata":{"name":")" + std::string(ListDecoder::kLongestObject, 'x');
  const auto item = Hear(large, 1U << 16U).head;
  ASSERT_FALSE(item);
  EXPECT_THAT(item.error().what, HasSubstr("too long"));
}

}  // namespace
}  // namespace common::kubernetes
