#include "scaler/policy/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Names(const PolicySet& set) {
  std::vector<std::string> names;
  for (const auto* policy : set.All()) {
    names.push_back(FullName(*policy));
  }
  return names;
}

std::vector<std::string> Changes(const Load& load) {
  std::vector<std::string> changes;
  for (const auto& change : load.changes) {
    changes.push_back(ToString(change));
  }
  return changes;
}

class PolicyDirectory : public ::testing::Test {
 protected:
  PolicyFiles directory_;
};

TEST_F(PolicyDirectory, ReadsYamlFilesInOrderAndNothingElse) {
  directory_.Write("b.yml", Document("b", "name: b"));
  directory_.Write("a.yaml", Document("a", "name: a"));
  directory_.Write(".hidden.yaml", "[");
  directory_.Write("#a.yaml#", "[");
  directory_.Write("a.yaml~", "[");
  directory_.Write("README.md", "[");
  directory_.Write("folder.yaml/c.yaml", "[");

  const auto load = LoadDirectory(directory_.Path());

  EXPECT_THAT(load.problems, IsEmpty());
  EXPECT_THAT(Names(load.set), ElementsAre("local/a", "local/b"));
  EXPECT_THAT(Changes(load), ElementsAre("added local/a", "added local/b"));
  EXPECT_THAT(load.files, ElementsAre(directory_.In("a.yaml"), directory_.In("b.yml")));
}

TEST_F(PolicyDirectory, RefusesABadFileAsAWholeAndTakesTheOthers) {
  directory_.Write("bad.yaml", Document("a", "name: a") + "---\n" + Document("b", "nam: b"));
  directory_.Write("good.yaml", Document("c", "name: c"));

  const auto load = LoadDirectory(directory_.Path());

  EXPECT_THAT(Names(load.set), ElementsAre("local/c"));
  EXPECT_EQ(ToString(load.problems),
            directory_.In("bad.yaml") +
                ":13:3: spec.target: expected a name, or a selector for many workloads\n" +
                directory_.In("bad.yaml") +
                ":13:12: spec.target.nam: unknown key; did you mean "
                "'name'?");
  EXPECT_THAT(load.kept, IsEmpty());
}

TEST_F(PolicyDirectory, ABadFileKeepsItsLastGoodPolicies) {
  directory_.Write("a.yaml", Document("a", "name: a"));
  directory_.Write("b.yaml", Document("b", "name: b"));
  const auto before = LoadDirectory(directory_.Path());
  directory_.Write("a.yaml", Document("a", "name: a", "  mode: off"));
  directory_.Write("b.yaml", Document("b", "name: b", "  mode: paused"));

  const auto after = Reload(before.set, directory_.Path());

  EXPECT_THAT(Names(after.set), ElementsAre("local/a", "local/b"));
  EXPECT_EQ(after.set.Resolve({"local", "a", {}})->policy.mode, engine::Mode::kActive);
  EXPECT_EQ(after.set.Resolve({"local", "b", {}})->policy.mode, engine::Mode::kPaused);
  EXPECT_THAT(after.problems, SizeIs(1));
  EXPECT_THAT(after.kept, ElementsAre(directory_.In("a.yaml")));
  EXPECT_THAT(Changes(after), ElementsAre("changed local/b"));
}

TEST_F(PolicyDirectory, ABadFileKeepsItsPoliciesAlsoTheSecondTime) {
  directory_.Write("a.yaml", Document("a", "name: a"));
  auto load = LoadDirectory(directory_.Path());
  directory_.Write("a.yaml", "[");

  for (int i = 0; i < 3; ++i) {
    load = Reload(load.set, directory_.Path());
    EXPECT_THAT(Names(load.set), ElementsAre("local/a"));
  }
}

TEST_F(PolicyDirectory, PoliciesOfADeletedFileGo) {
  directory_.Write("a.yaml", Document("a", "name: a"));
  const auto before = LoadDirectory(directory_.Path());
  std::filesystem::remove(directory_.Path() / "a.yaml");

  const auto after = Reload(before.set, directory_.Path());

  EXPECT_THAT(Names(after.set), IsEmpty());
  EXPECT_THAT(Changes(after), ElementsAre("removed local/a"));
}

TEST_F(PolicyDirectory, NothingChangesWhereOnlyLinesMoved) {
  directory_.Write("a.yaml", Document("a", "name: a"));
  const auto before = LoadDirectory(directory_.Path());
  directory_.Write("a.yaml", "# A comment.\n" + Document("a", "name: a"));

  EXPECT_THAT(Reload(before.set, directory_.Path()).changes, IsEmpty());
}

TEST_F(PolicyDirectory, TheSameNameInTwoFilesIsRefusedInTheSecond) {
  directory_.Write("a.yaml", Document("shops", "name: a"));
  directory_.Write("b.yaml", Document("shops", "name: b"));

  const auto load = LoadDirectory(directory_.Path());

  EXPECT_TRUE(load.set.Resolve({"local", "a", {}}));
  EXPECT_FALSE(load.set.Resolve({"local", "b", {}}));
  EXPECT_EQ(ToString(load.problems), directory_.In("b.yaml") +
                                         ":1:1: metadata.name: local/shops is given already in " +
                                         directory_.In("a.yaml"));
}

TEST_F(PolicyDirectory, APolicyMayMoveToAnotherFileWhileItsOldOneIsBad) {
  directory_.Write("a.yaml", Document("a", "name: a") + "---\n" + Document("b", "name: b"));
  const auto before = LoadDirectory(directory_.Path());
  directory_.Write("a.yaml", "[");
  directory_.Write("b.yaml", Document("b", "name: b", "  mode: paused"));

  const auto after = Reload(before.set, directory_.Path());

  EXPECT_THAT(Names(after.set), ElementsAre("local/a", "local/b"));
  EXPECT_EQ(after.set.Resolve({"local", "b", {}})->policy.mode, engine::Mode::kPaused);
}

TEST_F(PolicyDirectory, EverythingStaysWhereTheDirectoryCannotBeRead) {
  directory_.Write("a.yaml", Document("a", "name: a"));
  const auto before = LoadDirectory(directory_.Path());
  std::filesystem::remove_all(directory_.Path());

  const auto after = Reload(before.set, directory_.Path());

  EXPECT_THAT(Names(after.set), ElementsAre("local/a"));
  EXPECT_EQ(ToString(after.problems),
            directory_.Path().string() + ": cannot be read: No such file or directory");
}

TEST_F(PolicyDirectory, AnEmptyDirectoryIsNoProblem) {
  const auto load = LoadDirectory(directory_.Path());

  EXPECT_THAT(load.problems, IsEmpty());
  EXPECT_THAT(Names(load.set), IsEmpty());
}

TEST_F(PolicyDirectory, SaysThatThereAreTooManyFiles) {
  for (int i = 0; i < 1001; ++i) {
    directory_.Write(std::to_string(i) + ".yaml", "");
  }

  EXPECT_EQ(ToString(LoadDirectory(directory_.Path()).problems),
            directory_.Path().string() + ": has more than 1000 policy files");
}

}  // namespace
}  // namespace scaler::policy
