#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Recorded availability of spot nodes, and what all who are compared have in common.
namespace bench {

inline constexpr int kStep = 20;
inline constexpr int kBoot = 140;
inline constexpr double kSpotPrice = 0.30;

struct Score {
  double cost = 0;
  double available = 0;
};

/// Nodes that each zone has, tick by tick.
struct Campaign {
  std::string name;
  int gap_seconds = 1;
  std::vector<std::vector<int>> zones;
  std::vector<std::string> names;

  [[nodiscard]] int Seconds() const { return static_cast<int>(zones.front().size()) * gap_seconds; }

  [[nodiscard]] int At(std::size_t zone, int second) const {
    const auto tick = static_cast<std::size_t>(second / gap_seconds);
    return zones[zone][std::min(tick, zones[zone].size() - 1)];
  }

  /// What there is until `notice` later, at every step of it.
  [[nodiscard]] int Lasting(std::size_t zone, int second, int notice) const {
    int least = At(zone, second);
    for (int later = kStep; later <= notice; later += kStep) {
      least = std::min(least, At(zone, second + later));
    }
    return least;
  }
};

/// The campaigns that say how many nodes a zone has, or, from a probe of one node, whether it has
/// any: then it has room for all of `wanted`. Empty where the file cannot be read.
[[nodiscard]] std::map<std::string, Campaign> ReadCampaigns(const std::filesystem::path& file,
                                                            int wanted);

/// Perfect foresight: spot where it has been up for as long as a node boots, on-demand started
/// just in time for the rest.
[[nodiscard]] Score Oracle(const Campaign& campaign, int wanted);

}  // namespace bench
