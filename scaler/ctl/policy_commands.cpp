#include "scaler/ctl/policy_commands.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "scaler/policy/directory.h"
#include "scaler/policy/importer/import.h"
#include "scaler/policy/read.h"
#include "scaler/policy/schema/generate.h"

namespace scaler::ctl {
namespace {

constexpr int kLeftOut = 1;
constexpr int kRefused = 2;
constexpr std::streamsize kMostBytes = 8 * 1024 * 1024 + 1;

std::vector<common::yaml::Problem> ProblemsOf(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? policy::LoadDirectory(path).problems
                                                      : policy::ValidateFile(path);
}

/// At most a byte more than the parser takes, so that it can say that it is too much.
std::string ReadAll(std::istream& in) {
  std::string text(static_cast<std::size_t>(kMostBytes), '\0');
  in.read(text.data(), kMostBytes);
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

CommandResult PrintSchema(SchemaForm form, const std::string& kind) {
  auto kinds = policy::schema::Kinds();
  if (!kind.empty()) {
    const auto* const found = policy::schema::FindKind(kind);
    if (found == nullptr) {
      return {
          .code = kRefused,
          .out = {},
          .err = fmt::format("no kind is called '{}'; there are ScalingPolicy, ScalingGroup and "
                             "CapacityPolicy\n",
                             kind)};
    }
    kinds = {*found};
  }
  if (form == SchemaForm::kJson) {
    return {.code = 0, .out = ToJson(policy::schema::JsonSchema(kinds)), .err = {}};
  }
  if (form == SchemaForm::kReference) {
    return {.code = 0, .out = policy::schema::Reference(kinds), .err = {}};
  }
  CommandResult outcome;
  for (const auto& one : kinds) {
    outcome.out += (outcome.out.empty() ? "" : "---\n") + ToYaml(policy::schema::Crd(one));
  }
  return outcome;
}

CommandResult ValidatePolicies(const std::vector<std::string>& paths) {
  CommandResult outcome;
  for (const auto& path : paths) {
    const auto problems = ProblemsOf(path);
    if (problems.empty()) {
      outcome.out += path + ": ok\n";
    } else {
      outcome.err += common::yaml::ToString(problems) + "\n";
      outcome.code = kRefused;
    }
  }
  return outcome;
}

CommandResult ImportPolicies(const std::string& path) {
  std::error_code ignored;
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file || std::filesystem::is_directory(path, ignored)) {
      return {.code = kRefused, .out = {}, .err = path + ": cannot be read\n"};
    }
  }
  const auto import = policy::importer::ImportText(ReadAll(path == "-" ? std::cin : file), path);
  CommandResult outcome;
  for (const auto& one : import.policies) {
    outcome.out += (outcome.out.empty() ? "" : "---\n") + ToYaml(one);
  }
  for (const auto* const problems : {&import.left_out, &import.problems}) {
    outcome.err += problems->empty() ? "" : common::yaml::ToString(*problems) + "\n";
  }
  outcome.code = !import.problems.empty() ? kRefused : import.left_out.empty() ? 0 : kLeftOut;
  return outcome;
}

}  // namespace scaler::ctl
