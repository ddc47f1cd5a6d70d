#include "scaler/kubernetes/policies/object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scaler::kubernetes::policies {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ObjectRef kShopsWeb{ObjectKind::kScalingPolicy, "shops", "web"};
constexpr const char* kGood =
    R"({"target":{"name":"web"},"replicas":{"min":2,"max":9},"signals":{"cpu":{"utilization":"70%"}}})";

TEST(ReadObject, IsThePolicyThatAFileWouldHold) {
  const auto source = ReadObject(kShopsWeb, kGood, 0);
  EXPECT_TRUE(source.problems.Empty()) << ToString(source.problems.Sorted());
  ASSERT_EQ(source.documents->policies.size(), 1U);
  const auto& policy = source.documents->policies.front();
  EXPECT_EQ(FullName(policy), "shops/web");
  EXPECT_EQ(policy.terms.policy.replicas.max, 9);
  EXPECT_EQ(policy.file, "ScalingPolicy shops/web");
}

TEST(ReadObject, NamesTheObjectAndTheFieldInProblemsAndNoColumns) {
  const auto source = ReadObject(
      kShopsWeb, R"({"target":{"nam":"web"},"replicas":{"min":20,"max":9},"signals":{"cpu":{}}})",
      0);
  std::vector<std::string> texts;
  for (const auto& problem : source.problems.Sorted()) {
    texts.push_back(ToString(problem));
  }
  EXPECT_THAT(texts, testing::Each(testing::StartsWith("ScalingPolicy shops/web: spec.")));
  EXPECT_THAT(texts, testing::Contains(HasSubstr("did you mean 'name'?")));
}

TEST(ReadObject, SaysThatThereIsNoSpec) {
  EXPECT_THAT(ToString(ReadObject(kShopsWeb, "", 0).problems.Sorted()), HasSubstr("spec"));
}

TEST(ReadObject, ReadsTextsThatTheServerEscapes) {
  const auto source = ReadObject(
      kShopsWeb,
      R"({"target":{"name":"web"},"replicas":{"max":9},"signals":{"q":{"prometheus":"a \u003c 5 \u0026 \"b\"","perReplica":3}}})",
      0);
  EXPECT_TRUE(source.problems.Empty()) << ToString(source.problems.Sorted());
  ASSERT_EQ(source.documents->policies.front().terms.policy.signals.external.size(), 1U);
  EXPECT_EQ(source.documents->policies.front().terms.policy.signals.external[0].query,
            "a < 5 & \"b\"");
}

TEST(ReadParts, TakesWhatIsThereAndLeavesStrangeShapesOut) {
  const std::string json = R"({"metadata":{"generation":7},"spec":{"a":1},"status":{"b":[2]}})";
  const auto parts = ReadParts(json);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->generation, 7);
  EXPECT_EQ(parts->spec, R"({"a":1})");
  EXPECT_EQ(parts->status, R"({"b":[2]})");
  const auto strange = ReadParts(R"({"metadata":{"generation":"x"},"spec":[],"status":5})");
  ASSERT_TRUE(strange);
  EXPECT_EQ(strange->generation, 0);
  EXPECT_TRUE(strange->spec.empty());
  EXPECT_FALSE(ReadParts("{"));
  EXPECT_FALSE(ReadParts("[]"));
}

common::kubernetes::ObjectView MapOf(std::string_view json) {
  common::kubernetes::ObjectView view;
  view.name_space = "trimtab";
  view.name = "policies";
  view.json = json;
  return view;
}

TEST(ReadConfigMap, TakesEachKeyForAFile) {
  const auto sources = ReadConfigMap(
      MapOf(
          R"({"metadata":{},"data":{"b.yaml":"a: 1","a.yml":"apiVersion: trimtab.io/v1alpha1\nkind: ScalingPolicy\nmetadata: {name: web}\nspec: {}\n","README":"x"}})"),
      1);
  std::vector<std::string> names;
  for (const auto& source : sources) {
    names.push_back(source.problems.File());
  }
  EXPECT_THAT(names,
              ElementsAre("ConfigMap trimtab/policies/a.yml", "ConfigMap trimtab/policies/b.yaml"));
  // Positions mean something in what a person wrote.
  EXPECT_THAT(ToString(sources[0].problems.Sorted()), HasSubstr("a.yml:3:"));
  EXPECT_THAT(ToString(sources[0].problems.Sorted()), HasSubstr("metadata.namespace"));
}

TEST(ReadConfigMap, SaysWhatIsWrongWithOneWithoutFiles) {
  for (const auto* const json : {"{", "{}", R"({"data":5})", R"({"data":{"a":"b"}})"}) {
    const auto sources = ReadConfigMap(MapOf(json), 1);
    ASSERT_EQ(sources.size(), 1U) << json;
    EXPECT_THAT(ToString(sources[0].problems.Sorted()),
                HasSubstr("ConfigMap trimtab/policies: data: "));
  }
}

}  // namespace
}  // namespace scaler::kubernetes::policies
