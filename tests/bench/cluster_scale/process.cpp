#include "bench/cluster_scale/process.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

constexpr double kKibInMib = 1024;

}  // namespace

Taken TakenBy(pid_t process) {
  const auto directory = "/proc/" + std::to_string(process);
  Taken taken;
  std::ifstream status(directory + "/status");
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string key;
    double kib = 0;
    words >> key >> kib;
    if (key == "VmRSS:") {
      taken.rss_mib = kib / kKibInMib;
    } else if (key == "VmHWM:") {
      taken.peak_mib = kib / kKibInMib;
    }
  }
  std::ifstream file(directory + "/stat");
  std::string stat;
  std::getline(file, stat);
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    throw std::runtime_error("there is no process " + std::to_string(process));
  }
  std::istringstream fields(stat.substr(name_end + 1));
  constexpr int kFieldsBefore = 11;  // State is the first; utime and stime follow.
  std::string skipped;
  for (int field = 0; field < kFieldsBefore; ++field) {
    fields >> skipped;
  }
  double user = 0;
  double kernel = 0;
  fields >> user >> kernel;
  taken.cpu_seconds = (user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return taken;
}

double LoadAverage() {
  std::array<double, 1> load{};
  return ::getloadavg(load.data(), 1) == 1 ? load[0] : 0;
}

}  // namespace bench
