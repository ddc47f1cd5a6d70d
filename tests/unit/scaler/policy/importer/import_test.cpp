#include "scaler/policy/importer/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "scaler/policy/read.h"

namespace scaler::policy::importer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::filesystem::path kFixtures = std::filesystem::path(FIXTURES_DIR) / "policy/import";

std::string Slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Import ImportFixture(const std::string& name) {
  return ImportText(Slurp(kFixtures / (name + ".yaml")), name + ".yaml");
}

/// What trimtabctl prints: policies, then what was left out, then what is wrong.
std::string Show(const Import& import) {
  std::string text;
  for (const auto& policy : import.policies) {
    text += "---\n" + ToYaml(policy);
  }
  text += "left out:\n" + ToString(import.left_out) + "\nproblems:\n" + ToString(import.problems);
  return text + "\n";
}

/// With TRIMTAB_UPDATE_FIXTURES in the environment the file says `found` from now on.
std::string Expected(const std::string& name, const std::string& found) {
  const auto path = kFixtures / (name + ".txt");
  if (std::getenv("TRIMTAB_UPDATE_FIXTURES") != nullptr) {
    std::ofstream(path, std::ios::trunc) << found;
  }
  return Slurp(path);
}

class ImportOf : public ::testing::TestWithParam<const char*> {};

TEST_P(ImportOf, GivesThePoliciesAndSaysWhatIsLeftOut) {
  const auto found = Show(ImportFixture(GetParam()));

  EXPECT_EQ(found, Expected(GetParam(), found));
}

INSTANTIATE_TEST_SUITE_P(Files, ImportOf, testing::Values("hpa_v1", "hpa_v2", "keda", "impossible"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Import, MakesPoliciesThatTheReaderTakes) {
  for (const auto* const name : {"hpa_v1", "hpa_v2", "keda"}) {
    for (const auto& policy : ImportFixture(name).policies) {
      common::yaml::Problems problems(name);

      EXPECT_THAT(ReadText(ToYaml(policy), problems).policies, SizeIs(1));

      EXPECT_EQ(ToString(problems.Sorted()), "");
    }
  }
}

TEST(Import, SaysWhatIsNoYaml) {
  const auto import = ImportText("a: [", "x.yaml");

  EXPECT_THAT(import.policies, IsEmpty());
  EXPECT_THAT(import.problems, SizeIs(1));
}

TEST(Import, RefusesManyTriggersAtOnce) {
  std::string text =
      "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\n"
      "spec:\n  scaleTargetRef: {name: a}\n  triggers:\n";
  for (int i = 0; i < 101; ++i) {
    text += "    - {type: prometheus, metadata: {query: up, threshold: '1'}}\n";
  }

  const auto import = ImportText(text, "x.yaml");

  EXPECT_THAT(import.policies, IsEmpty());
  EXPECT_THAT(ToString(import.problems), testing::HasSubstr("has more than 100 triggers"));
}

}  // namespace
}  // namespace scaler::policy::importer
