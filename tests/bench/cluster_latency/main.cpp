// From a step in demand to the accepted write of spec.replicas, on a real control plane beside the
// HPA. See scripts/bench cluster latency --help.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <span>
#include <thread>

#include "tests/bench/cluster_latency/bursts.h"
#include "tests/bench/cluster_latency/falls.h"
#include "tests/bench/cluster_latency/frames.h"
#include "tests/bench/cluster_latency/steps.h"
#include "tests/cluster/support/install.h"
#include "tests/cluster/support/scaler.h"

namespace cluster::latency {
namespace {

struct Options {
  int steps = 100;
  int bursts = 60;
  int falls = 20;
  bool their_fall = true;
  std::uint64_t seed = 1;
  std::string json;  ///< A file; empty: none.
};

constexpr auto kLook = std::chrono::milliseconds(5);
constexpr auto kSay = std::chrono::seconds(10);

void Say(const std::vector<Course*>& courses) {
  std::string words;
  for (const auto* const course : courses) {
    words += (words.empty() ? "" : ", ") + course->Progress();
  }
  std::fprintf(stderr, "  %s\n", words.c_str());
}

/// All at once, until the first `awaited` are done.
void Run(const std::vector<Course*>& courses, std::size_t awaited, Stage& stage) {
  auto said = std::chrono::steady_clock::now();
  while (!std::ranges::all_of(std::span(courses).first(awaited), &Course::IsDone)) {
    std::this_thread::sleep_for(kLook);
    stage.writes.Poll();
    const auto now = std::chrono::steady_clock::now();
    for (auto* const course : courses) {
      course->Poll(now);
    }
    if (now > said + kSay) {
      said = now;
      Say(courses);
    }
  }
}

void Append(std::vector<Section>& sections, const Course& course) {
  for (auto& section : course.Report()) {
    sections.push_back(std::move(section));
  }
}

std::vector<Section> Measure(const Options& options) {
  std::fputs("Starting a control plane ...\n", stderr);
  auto& plane = Plane();
  Install();
  const ExternalMetrics metrics(plane);
  const auto shops = Shops(options.bursts);
  const Ingress ingress(plane, shops);
  SignalSource source;
  const Frames frames(ingress.AgentAddress());
  Scaler scaler(plane, "scaler", {source.Address(), ingress.AgentAddress()}, {.says_all = true});
  const demo::ScalerApi api(scaler.Address());
  if (!Eventually([&] { return scaler.IsReady(); })) {
    throw std::runtime_error("trimtab-scaler does not become ready:\n" + scaler.Log());
  }
  const auto name_space = NewNamespace("latency");
  Writes writes(plane, name_space);
  Stage stage{plane, name_space, source, metrics, api, writes, std::mt19937_64(options.seed)};

  std::vector<Course*> background;
  std::optional<TheirFall> their_fall;
  if (options.their_fall) {
    background.push_back(&their_fall.emplace(stage));
  }
  const auto with_background = [&](std::vector<Course*> courses) {
    courses.insert(courses.end(), background.begin(), background.end());
    return courses;
  };
  std::vector<Section> sections;
  if (options.steps > 0) {
    Steps steps(stage, options.steps);
    Run(with_background({&steps}), 1, stage);
    sections = steps.Report();
  }
  Falls falls(stage, options.falls);
  Bursts bursts(stage, ingress, {frames, [&scaler] { return scaler.Log(); }}, shops);
  Run(with_background({&falls, &bursts}), 2 + background.size(), stage);
  Append(sections, bursts);
  Append(sections, falls);
  for (const auto* const course : background) {
    Append(sections, *course);
  }
  return sections;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("How soon the API server has accepted what a change in demand calls for.",
               "cluster_latency");
  app.add_option("--steps", options.steps, "Steps up beside the HPA, about; 0: none")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  app.add_option("--bursts", options.bursts, "Bursts at a real HAProxy")
      ->check(CLI::Range(2, 200))
      ->capture_default_str();
  app.add_option("--falls", options.falls, "Lasting falls of each kind")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("!--no-hpa-fall", options.their_fall,
               "Leave out one fall of an HPA with its defaults, which takes five minutes");
  app.add_option("--seed", options.seed, "Of the random phases")->capture_default_str();
  app.add_option("--json", options.json, "Write the results to this file, too");
  CLI11_PARSE(app, argc, argv);
  if (!IsBuilt()) {
    std::puts("skipped: there is no control plane; scripts/test --cluster builds it with Go");
    return 0;
  }
  try {
    const auto sections = Measure(options);
    EndPlane();
    std::fputs(AsTable(sections).c_str(), stdout);
    if (!options.json.empty() && !(std::ofstream(options.json) << AsJson(sections)).flush()) {
      throw std::runtime_error("cannot write " + options.json);
    }
    return Holds(sections) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cluster_latency: %s\n", error.what());
    EndPlane();
    return 1;
  }
}

}  // namespace
}  // namespace cluster::latency

int main(int argc, char** argv) { return cluster::latency::Main(argc, argv); }
