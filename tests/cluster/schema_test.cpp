// The definitions that `trimtabctl schema` prints, as a real API server understands them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/cluster/support/control_plane.h"

namespace cluster {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<fs::path> Corpus(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(FIXTURES_DIR) / "policy" / folder)) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A policy in a namespace that is not there would be refused for that.
void MakeNamespacesOf(const std::vector<fs::path>& files) {
  const std::regex named("namespace[\"']?: *[\"']?([a-z0-9][-a-z0-9]*)");
  std::set<std::string> names;
  for (const auto& path : files) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (std::sregex_iterator found(text.begin(), text.end(), named), end; found != end; ++found) {
      names.insert((*found)[1]);
    }
  }
  for (const auto& name : names) {
    static_cast<void>(Plane().Kubectl({"create", "namespace", name}));
  }
}

Outcome DryRun(const fs::path& file) {
  return Plane().Kubectl({"apply", "--dry-run=server", "--validate=strict", "-f", file.string()});
}

class Definitions : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto schema =
        RunToEnd({BINARY_DIR "/trimtabctl", "schema", "--crd"}, "", Plane().Directory());
    ASSERT_EQ(schema.code, 0) << schema.err;
    Plane().Must({"apply", "--server-side", "-f", "-"}, schema.out);
    for (const auto* const kind : {"scalingpolicies", "scalinggroups", "capacitypolicies"}) {
      Plane().AwaitKind(std::string(kind) + ".trimtab.io");
    }
    // Served a moment after it is established.
    ASSERT_TRUE(Eventually([] {
      return Plane().Kubectl({"get", "scalingpolicies,scalinggroups,capacitypolicies", "-A"}).Ok();
    }));
  }
};

TEST_F(Definitions, AreStructuralAndFreeOfComplaints) {
  const auto conditions =
      Plane().Must({"get", "crd", "-o",
                    "jsonpath={range .items[*]}{.metadata.name}{range .status.conditions[*]} "
                    "{.type}={.status}{end}{\"\\n\"}{end}"});

  EXPECT_THAT(conditions, testing::Not(HasSubstr("NonStructuralSchema=True")));
  EXPECT_THAT(conditions, HasSubstr("scalingpolicies.trimtab.io"));
}

TEST_F(Definitions, TakeEveryGoodFile) {
  const auto files = Corpus("good");
  MakeNamespacesOf(files);
  for (const auto& file : files) {
    const auto outcome = DryRun(file);

    EXPECT_TRUE(outcome.Ok()) << file << ": " << outcome.err;
  }
}

TEST_F(Definitions, RefuseEveryBadFileButWhatOnlyTheScalerCanSee) {
  const auto files = Corpus("bad");
  MakeNamespacesOf(files);
  std::vector<std::string> taken;
  for (const auto& file : files) {
    if (DryRun(file).Ok()) {
      taken.push_back(file.filename().string());
    }
  }

  // Names that are given twice, and time zones and cron fields: docs/policies.md says so.
  EXPECT_THAT(taken, ElementsAre("duplicates.yaml", "time_zone.yaml"));
}

}  // namespace
}  // namespace cluster
