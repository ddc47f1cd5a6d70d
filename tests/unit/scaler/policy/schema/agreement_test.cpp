#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/yaml/parse.h"
#include "scaler/policy/read.h"
#include "scaler/policy/schema/generate.h"
#include "support/scratch_directory.h"
#include "unit/scaler/policy/schema/places.h"
#include "unit/scaler/policy/schema/samples.h"

// One description, and three who judge documents: the reader, the JSON Schema, and the CRDs'
// schemas. Each of them must judge as the description says.

namespace scaler::policy::schema {
namespace {

using common::yaml::Problems;
using document::Node;
using ::testing::Contains;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::filesystem::path kFixtures = std::filesystem::path(FIXTURES_DIR) / "policy";

/// A document, and what is to be said of it.
struct Case {
  std::string name;
  Node document;
  std::string path;  ///< Of what was put into a good document.
  bool good = true;
  std::string beyond;
  bool crd_cannot = false;
};

/// Files whose mistake only shows to who compares values with each other or knows more than the
/// file, and what it is. Every other bad file is refused by the schemas too.
const std::map<std::string, std::string> kBeyondSchemas = {
    {"duplicates.yaml", "whether a key or a name comes twice"},
    {"min_above_max.yaml", "compares min with max"},
    {"idle_without_zero.yaml", "compares idle with replicas"},
    {"zero_without_idle.yaml", "compares replicas with idle"},
    {"cross_checks.yaml", "compares values with each other"},
    {"time_zone.yaml", "needs the time zone database"},
    {"hpa.yaml", "compares profile and objective"},
    {"formula.yaml", "knows what a formula is and which signals there are"},
    {"too_early.yaml", "a pattern cannot compare durations"}};

std::vector<Node> ReadNodes(const std::filesystem::path& file) {
  Problems problems(file.string());
  std::vector<Node> nodes;
  for (const auto& value : common::yaml::ParseFile(file, problems)) {
    nodes.push_back(ToNode(value));
  }
  return problems.Empty() ? nodes : std::vector<Node>();
}

/// Good documents in which every key is.
std::vector<Node> Everything() { return ReadNodes(kFixtures / "good/everything.yaml"); }

const Kind& KindOf(const Node& document) {
  return *FindKind(*document.Find("kind")->As<std::string>());
}

/// A document in which every key is, with a sample in every place in turn.
std::vector<Case> Mutations() {
  std::vector<Case> cases;
  for (const auto& document : Everything()) {
    for (const auto& place : PlacesOf(document, KindOf(document))) {
      const auto samples = SamplesOf(*place.type);
      // An override's terms are described as the policy's are: a third of the samples will do.
      const bool again = place.description.starts_with("spec.overrides.NAME.");
      for (std::size_t i = 0; i < samples.size(); i += again ? 3 : 1) {
        const auto& sample = samples[i];
        auto text = ToJson(sample.value);
        text.pop_back();
        cases.push_back({.name = fmt::format("{} = {}", place.path, text.substr(0, 80)),
                         .document = With(document, place.steps, sample.value),
                         .path = place.path,
                         .good = sample.good,
                         .beyond = sample.beyond,
                         .crd_cannot = place.crd_cannot});
      }
    }
  }
  return cases;
}

/// Problems of values beside others: whether a value is right by itself is another question.
bool ComparesValues(const std::string& what) {
  static const std::vector<std::string> kWords = {
      "must be at most max", "must be at least min", "need idle",    "needs replicas.min",
      "replicas.max",        "placement wants",      "give it",      "In and NotIn need",
      "Exists and Does",     "the profile hpa",      "no time zone", "expected minute"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const auto& word) { return what.find(word) != std::string::npos; });
}

std::vector<std::string> ProblemsWith(const Node& document, const std::string& path) {
  Problems problems("p.yaml");
  (void)ReadText(ToYaml(document), problems);
  std::vector<std::string> found;
  for (const auto& problem : problems.Sorted()) {
    if (problem.path.starts_with(path)) {
      found.push_back(problem.what);
    }
  }
  return found;
}

TEST(PolicyDescription, EveryKeyOfItIsInTheDocumentThatTheTestsBeginWith) {
  std::set<std::string> there;
  for (const auto& document : Everything()) {
    for (const auto& place : PlacesOf(document, KindOf(document))) {
      there.insert(KindOf(document).name + " " + place.description);
    }
  }
  for (const auto& kind : Kinds()) {
    for (const auto& described : DescribedPlaces(kind)) {
      // The keys of a latency exclude each other, and an override repeats a policy's.
      if (described.find(".latency.") == std::string::npos &&
          described.find(".overrides.NAME.") == std::string::npos) {
        EXPECT_TRUE(there.contains(kind.name + " " + described)) << kind.name << ' ' << described;
      }
    }
  }
}

TEST(PolicyDescription, AnOverrideMaySayWhatAPolicySaysOfItsTerms) {
  const auto places = DescribedPlaces(*FindKind("ScalingPolicy"));
  const std::string prefix = "spec.overrides.NAME";
  for (const auto& key : Terms(true)) {
    EXPECT_THAT(places, Contains(prefix + "." + key.name));
  }
}

TEST(Reader, TakesWhatTheDescriptionCallsGoodAndRefusesWhatItCallsBad) {
  const auto cases = Mutations();
  ASSERT_THAT(cases, SizeIs(Gt(1000U)));
  for (const auto& one : cases) {
    auto found = ProblemsWith(one.document, one.path);
    if (one.good) {
      std::erase_if(found, ComparesValues);
      EXPECT_THAT(found, IsEmpty()) << one.name;
    } else {
      EXPECT_FALSE(found.empty()) << one.name;
    }
  }
}

TEST(Reader, KnowsNoKeyThatTheDescriptionDoesNotHave) {
  for (const auto& document : Everything()) {
    for (const auto& place : PlacesOf(document, KindOf(document))) {
      const bool map = place.type->form == Form::kMap && place.type->items.empty();
      if (!map) {
        continue;
      }
      const Node* node = &document;
      for (const auto& step : place.steps) {
        const auto* const key = std::get_if<std::string>(&step);
        node = key ? node->Find(*key) : &(*node->As<Node::List>())[std::get<std::size_t>(step)];
      }
      Node more = *node;
      more.Set("strange-key", "x");

      const auto found = ProblemsWith(With(document, place.steps, more), place.path);

      EXPECT_THAT(found, Contains(testing::HasSubstr("unknown key"))) << place.path;
    }
  }
}

/// Good and bad files; of the bad ones those documents that the reader refuses.
std::vector<Case> Files() {
  std::vector<Case> cases;
  for (const auto* const folder : {"good", "bad"}) {
    for (const auto& entry : std::filesystem::directory_iterator(kFixtures / folder)) {
      if (entry.path().extension() != ".yaml") {
        continue;
      }
      const auto name = entry.path().filename().string();
      const auto nodes = ReadNodes(entry.path());
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        Problems problems(name);
        (void)ReadText(ToYaml(nodes[i]), problems);
        const auto beyond = kBeyondSchemas.find(name);
        cases.push_back({.name = fmt::format("{}/{}[{}]", folder, name, i),
                         .document = nodes[i],
                         .path = {},
                         .good = problems.Empty(),
                         .beyond = beyond == kBeyondSchemas.end() ? "" : beyond->second,
                         // What is wrong is in the head.
                         .crd_cannot = name == "names.yaml" || name == "other_kind.yaml" ||
                                       name == "groups_and_capacity.yaml"});
      }
    }
  }
  return cases;
}

Node Task(const std::vector<Case>& cases) {
  Node crds;
  for (const auto& kind : Kinds()) {
    crds.Set(kind.name, *Crd(kind)
                             .Find("spec")
                             ->Find("versions")
                             ->As<Node::List>()
                             ->front()
                             .Find("schema")
                             ->Find("openAPIV3Schema"));
  }
  Node all = Node::EmptyList();
  for (const auto& one : cases) {
    Node node;
    node.Set("name", one.name)
        .Set("document", one.document)
        .Set("good", one.good)
        .Set("beyond", one.beyond)
        .Set("crd_cannot", one.crd_cannot);
    all.Add(std::move(node));
  }
  Node task;
  return task.Set("schema", JsonSchema(Kinds())).Set("crds", crds).Set("cases", std::move(all));
}

TEST(Reference, IsWhatTheDocumentationSays) {
  const auto path = std::filesystem::path(FIXTURES_DIR) / "../../docs/policies.md";
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();

  EXPECT_THAT(text.str(), testing::EndsWith(Reference(Kinds())))
      << "replace its end by what `trimtabctl schema --reference` prints";
}

TEST(Schemas, JudgeAsTheReaderDoes) {
  auto cases = Mutations();
  const auto files = Files();
  cases.insert(cases.end(), files.begin(), files.end());
  const tests::ScratchDirectory directory;
  const auto input = directory.Path() / "task.json";
  std::ofstream(input) << ToJson(Task(cases));

  const int status =
      std::system(fmt::format("python3 '{}' '{}'", CHECK_SCHEMA, input.string()).c_str());

  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) {
    GTEST_SKIP() << "needs python3-jsonschema";
  }
  EXPECT_EQ(code, 0) << "see the lines above";
}

}  // namespace
}  // namespace scaler::policy::schema
