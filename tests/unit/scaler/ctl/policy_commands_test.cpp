#include "scaler/ctl/policy_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scaler::ctl {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string Fixture(const std::string& name) {
  return std::string(FIXTURES_DIR) + "/policy/" + name;
}

TEST(SchemaCommand, PrintsOneSchemaForAllKindsOrOne) {
  EXPECT_THAT(PrintSchema(SchemaForm::kJson, "").out,
              HasSubstr("\"$id\": \"https://trimtab.io/schema/v1alpha1.json\""));
  EXPECT_THAT(PrintSchema(SchemaForm::kJson, "scalinggroup").out, Not(HasSubstr("nodesAtOnce")));
}

TEST(SchemaCommand, PrintsACrdForEachKind) {
  const auto all = PrintSchema(SchemaForm::kCrd, "");

  EXPECT_EQ(all.code, 0);
  EXPECT_THAT(all.out, StartsWith("apiVersion: apiextensions.k8s.io/v1\n"));
  EXPECT_THAT(all.out, HasSubstr("name: scalingpolicies.trimtab.io"));
  EXPECT_THAT(all.out, HasSubstr("name: capacitypolicies.trimtab.io"));
}

TEST(SchemaCommand, RefusesAKindThatThereIsNot) {
  const auto outcome = PrintSchema(SchemaForm::kCrd, "Deployment");

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no kind is called 'Deployment'"));
}

TEST(ValidateCommand, EndsWithTwoWhereAFileIsBad) {
  const auto outcome =
      ValidatePolicies({Fixture("good/everything.yaml"), Fixture("bad/hpa.yaml"), "/nowhere.yaml"});

  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, EndsWith("good/everything.yaml: ok\n"));
  EXPECT_THAT(outcome.err, HasSubstr("bad/hpa.yaml:7:3: spec.objective: "));
  EXPECT_THAT(outcome.err, HasSubstr("/nowhere.yaml: cannot be read"));
}

TEST(ImportCommand, EndsWithWhatCouldBeCarriedOver) {
  EXPECT_EQ(ImportPolicies(Fixture("import/hpa_v1.yaml")).code, 0);
  EXPECT_EQ(ImportPolicies(Fixture("import/keda.yaml")).code, 1);
  EXPECT_EQ(ImportPolicies(Fixture("import/impossible.yaml")).code, 2);
  EXPECT_EQ(ImportPolicies("/nowhere.yaml").code, 2);
}

TEST(ImportCommand, PrintsPoliciesApartFromWhatIsLeftOut) {
  const auto outcome = ImportPolicies(Fixture("import/keda.yaml"));

  EXPECT_THAT(outcome.out, HasSubstr("\n---\napiVersion: trimtab.io/v1alpha1\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("is left out")));
  EXPECT_THAT(outcome.err, HasSubstr("keda.yaml:46:7: spec.triggers[7]: is left out: "));
  EXPECT_THAT(ImportPolicies(Fixture("import/hpa_v1.yaml")).err, IsEmpty());
}

}  // namespace
}  // namespace scaler::ctl
