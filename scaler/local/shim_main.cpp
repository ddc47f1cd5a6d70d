// trimtab-shim: the parent of one replica. It does little, so that it can be trusted to stay.

#include <cstdio>
#include <string_view>

#include "common/file_system.h"
#include "scaler/local/replica_files.h"
#include "scaler/local/shim.h"

namespace {

constexpr const char* kUsage =
    "usage: trimtab-shim LAUNCH_FILE\n"
    "Runs one replica of the local platform and records how it ended. Started by trimtab-scaler,\n"
    "which hands it the replica's lock file as descriptor 3.\n";

int Fail(const std::string& what) {
  std::fprintf(stderr, "trimtab-shim: %s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view argument = argc == 2 ? argv[1] : "";
  if (argument == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (argument == "--version") {
    std::puts("trimtab-shim " TRIMTAB_VERSION);
    return 0;
  }
  if (argument.empty() || argument.front() == '-') {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const auto launch = common::FileSystem("/").Read(argument).and_then(scaler::local::DecodeLaunch);
  if (!launch) {
    return Fail(launch.error().what);
  }
  if (launch->command.empty()) {
    return Fail("the launch file names no command");
  }
  const auto done = scaler::local::RunShim(*launch);
  return done ? 0 : Fail(done.error().what);
}
