#pragma once

#include <deque>
#include <optional>
#include <string>

#include "scaler/local/cloud/wire.h"

namespace CLI {
class App;
}  // namespace CLI

namespace scaler::local::cloud {

/// What an operator has said on the command line.
struct CommandOptions {
  std::string socket = "/var/lib/trimtab/cloud/cloud.sock";
  bool list = false;
  bool json = false;                 ///< Of the list.
  std::optional<Mischief> mischief;  ///< Empty: none.
  std::deque<Mischief> drafts = {};  ///< One for each command, while words are read into it.
};

/// Adds the operator's commands. `options` outlive the parsing, which fills them.
void AddCommands(CLI::App& app, CommandOptions& options);

/// Asks the cloud and prints its answer. The status that the program ends with.
[[nodiscard]] int RunCommand(const CommandOptions& options);

/// The listing for people, as of `now`.
[[nodiscard]] std::string Describe(const Listing& listing, common::MonotonicTime now);

}  // namespace scaler::local::cloud
