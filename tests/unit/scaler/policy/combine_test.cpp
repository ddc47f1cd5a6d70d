#include "scaler/policy/combine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scaler/policy/read.h"
#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Source Of(const std::string& name, int rank, const std::string& text) {
  Source source{.rank = rank, .documents = nullptr, .problems = common::yaml::Problems(name)};
  source.documents = std::make_shared<const Documents>(ReadText(text, source.problems));
  return source;
}

Load CombineAll(const PolicySet& previous, const std::vector<Source>& sources) {
  std::vector<const Source*> all;
  for (const auto& source : sources) {
    all.push_back(&source);
  }
  return Combine(previous, all);
}

std::vector<std::string> TargetsIn(const PolicySet& set) {
  std::vector<std::string> targets;
  for (const auto* policy : set.All()) {
    targets.push_back(FullName(*policy) + " for " + policy->target.name);
  }
  return targets;
}

const std::string kFile = Document("shop", "name: from-file");
const std::string kObject = Document("shop", "name: from-object");
const std::string kBad = Document("shop", "nam: from-object");

TEST(LinesOfChanges, NameAFewAndCountMany) {
  std::vector<Change> changes(20, {Change::Kind::kAdded, "local/shop"});
  EXPECT_EQ(LinesOf(changes), std::vector<std::string>(20, "added local/shop"));
  changes.push_back({Change::Kind::kRemoved, "local/old"});
  EXPECT_THAT(LinesOf(changes), ElementsAre("21 together: 20 added, 0 changed, 1 removed"));
}

TEST(Combine, LetsTheLowerRankHaveANameThatTwoGive) {
  const auto load = CombineAll({}, {Of("file", 2, kFile), Of("object", 0, kObject)});
  EXPECT_THAT(TargetsIn(load.set), ElementsAre("local/shop for from-object"));
  EXPECT_THAT(ToString(load.problems), HasSubstr("local/shop is given already in object"));
}

TEST(Combine, KeepsTheLastGoodVersionOfALowerRankBeforeAGoodOneOfAHigher) {
  const auto before = CombineAll({}, {Of("file", 2, kFile), Of("object", 0, kObject)});
  const auto after = CombineAll(before.set, {Of("file", 2, kFile), Of("object", 0, kBad)});
  EXPECT_THAT(TargetsIn(after.set), ElementsAre("local/shop for from-object"));
  EXPECT_THAT(after.kept, ElementsAre("object"));
}

TEST(Combine, GivesTheNameToTheOtherOnceItsOwnerIsGone) {
  const auto before = CombineAll({}, {Of("file", 2, kFile), Of("object", 0, kObject)});
  const auto after = CombineAll(before.set, {Of("file", 2, kFile)});
  EXPECT_THAT(TargetsIn(after.set), ElementsAre("local/shop for from-file"));
  EXPECT_THAT(after.problems, IsEmpty());
}

TEST(ReadText, WantsANamespaceWhereThereIsNoneToFallBackOn) {
  common::yaml::Problems problems("map");
  (void)ReadText(kFile, problems, "");
  EXPECT_THAT(ToString(problems.Sorted()), HasSubstr("metadata.namespace"));
}

}  // namespace
}  // namespace scaler::policy
