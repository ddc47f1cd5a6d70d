#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scaler/policy/directory.h"
#include "scaler/policy/read.h"
#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

using ::testing::Not;
using ::testing::SizeIs;

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every *.yaml of a folder of fixtures; *.txt beside it is what is expected of it.
std::vector<std::filesystem::path> Corpus(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(FIXTURES_DIR) / folder)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What *.txt beside the file says. With TRIMTAB_UPDATE_FIXTURES in the environment it says `found`
/// from now on, to be looked at before it is committed.
std::string Expected(std::filesystem::path yaml, const std::string& found) {
  yaml.replace_extension(".txt");
  if (std::getenv("TRIMTAB_UPDATE_FIXTURES") != nullptr) {
    std::ofstream(yaml, std::ios::trunc) << found;
  }
  return Slurp(yaml);
}

TEST(PolicyCorpus, EveryBadFileIsRefusedInTheExpectedWords) {
  const auto files = Corpus("policy/bad");
  ASSERT_THAT(files, SizeIs(testing::Ge(20U)));
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    common::yaml::Problems problems(file.filename().string());

    (void)ReadFile(file, problems);

    EXPECT_FALSE(problems.Empty());
    const auto found = ToString(problems.Sorted()) + "\n";
    EXPECT_EQ(found, Expected(file, found));
  }
}

TEST(PolicyCorpus, EveryGoodFileIsUnderstoodAsExpected) {
  const auto files = Corpus("policy/good");
  ASSERT_THAT(files, SizeIs(testing::Ge(4U)));
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    common::yaml::Problems problems(file.filename().string());
    std::string described;

    const auto documents = ReadFile(file, problems);
    for (const auto& policy : documents.policies) {
      described += Describe(policy);
    }

    EXPECT_EQ(ToString(problems.Sorted()), "");
    EXPECT_EQ(described, Expected(file, described));
  }
}

TEST(PolicyCorpus, ThePoliciesThatComeWithTrimtabAreGood) {
  const auto shipped = std::filesystem::path(FIXTURES_DIR) / "../../deploy/local/policies";

  const auto load = LoadDirectory(shipped);

  EXPECT_EQ(ToString(load.problems), "");
  EXPECT_FALSE(load.set.All().empty());
}

TEST(ValidateFile, NamesTheFileAsItWasGiven) {
  const auto problems = ValidateFile("/nowhere/shops.yaml");

  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(ToString(problems), "/nowhere/shops.yaml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace scaler::policy
