#include "scaler/ctl/play.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "scaler/backtest/together.h"

namespace scaler::ctl {
namespace {

using backtest::Series;
using backtest::SeriesResult;
using common::Result;

constexpr std::size_t kSeriesAtOnce = 16;
constexpr auto kTellEvery = std::chrono::milliseconds(200);

/// The tasks 0 to `count` - 1, each done once by one of the threads.
void DoAll(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task,
           const std::function<void(std::size_t done)>& tell) {
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      for (auto index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
        task(index);
        const std::lock_guard lock(mutex);
        ++done;
        changed.notify_one();
      }
    });
  }
  std::unique_lock lock(mutex);
  auto told = std::chrono::steady_clock::now() - kTellEvery;
  while (done < count) {
    changed.wait_for(lock, kTellEvery);
    if (const auto now = std::chrono::steady_clock::now(); now - told >= kTellEvery) {
      tell(done);
      told = now;
    }
  }
}

unsigned ThreadsOf(unsigned asked) {
  return asked == 0 ? std::max(1U, std::thread::hardware_concurrency()) : asked;
}

tl::unexpected<common::Error> NoSeries() {
  return common::Fail(std::errc::invalid_argument,
                      "the history has no series, or none that --series means");
}

/// Up to `most`.
Result<std::vector<Series>> Take(backtest::history::History& history, std::size_t most) {
  std::vector<Series> some;
  while (some.size() < most) {
    auto series = history.Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      break;
    }
    some.push_back(std::move(**series));
  }
  return some;
}

}  // namespace

Result<void> GoThrough(backtest::history::History& history, unsigned threads, const Pass& pass,
                       const Tell& tell) {
  double before = 0;
  for (bool first = true;; first = false) {
    const auto some = Take(history, kSeriesAtOnce);
    if (!some) {
      return tl::make_unexpected(some.error());
    }
    if (some->empty()) {
      return first ? NoSeries() : Result<void>();
    }
    pass.begin(*some);
    const double after = history.Progress();
    const auto tasks = some->size() * pass.tasks;
    DoAll(
        tasks, ThreadsOf(threads),
        [&](std::size_t task) {
          const auto place = task / pass.tasks;
          pass.play((*some)[place], place, task % pass.tasks);
        },
        [&](std::size_t done) {
          const double part = static_cast<double>(done) / static_cast<double>(tasks);
          tell(before + (after - before) * part, some->front().name);
        });
    pass.end(*some);
    before = after;
  }
}

Result<void> PlayAll(backtest::history::History& history, unsigned threads,
                     backtest::Comparison& comparison, const Tell& tell) {
  const std::size_t contenders = comparison.Runs().size();
  std::vector<std::vector<SeriesResult>> results;
  Pass pass;
  pass.tasks = contenders;
  pass.begin = [&](const std::vector<Series>& some) {
    if (some.size() > 1) {
      comparison.LeaveOutNodes();
    }
    results.assign(some.size(), std::vector<SeriesResult>(contenders));
  };
  pass.play = [&](const Series& series, std::size_t place, std::size_t contender) {
    results[place][contender] = comparison.Play(series, contender);
  };
  pass.end = [&](const std::vector<Series>& some) {
    for (std::size_t i = 0; i < some.size(); ++i) {
      comparison.Add(some[i].name, std::move(results[i]));
    }
  };
  return GoThrough(history, threads, pass, tell);
}

Result<void> PlayInGroups(backtest::history::History& history, unsigned threads,
                          const backtest::Plan& plan,
                          const std::vector<policy::ScalingGroup>& groups,
                          backtest::Comparison& comparison, const Tell& tell) {
  std::vector<Series> all;
  for (std::size_t values = 0;;) {
    auto some = Take(history, 1);
    if (!some) {
      return tl::make_unexpected(some.error());
    }
    if (some->empty()) {
      break;
    }
    values += some->front().rates.size();
    if (values > backtest::history::kMostValues) {
      return common::Fail(std::errc::invalid_argument,
                          "the history is too long to be played by all of a group at once; take "
                          "fewer with --series");
    }
    all.push_back(std::move(some->front()));
  }
  if (all.empty()) {
    return NoSeries();
  }
  comparison.LeaveOutNodes();
  const std::size_t contenders = comparison.Runs().size();
  const std::size_t policies = plan.Policies().size();
  std::vector<std::vector<SeriesResult>> results(all.size(), std::vector<SeriesResult>(contenders));
  for (std::size_t i = 0; i < policies; ++i) {
    const auto& policy = plan.Policies()[i];
    auto together =
        backtest::PlayTogether(comparison.WorldUsed(), all, policy, groups, [&](double share) {
          tell((static_cast<double>(i) + share) / static_cast<double>(policies + 1), policy.name);
        });
    if (!together) {
      return tl::make_unexpected(together.error());
    }
    for (std::size_t series = 0; series < all.size(); ++series) {
      results[series][i] = std::move((*together)[series]);
    }
  }
  const std::size_t others = contenders - policies;
  DoAll(
      all.size() * others, ThreadsOf(threads),
      [&](std::size_t task) {
        const auto series = task / others;
        const auto contender = policies + task % others;
        results[series][contender] = comparison.Play(all[series], contender);
      },
      [&](std::size_t done) {
        const double share = static_cast<double>(done) / static_cast<double>(all.size() * others);
        tell((static_cast<double>(policies) + share) / static_cast<double>(policies + 1), "others");
      });
  for (std::size_t i = 0; i < all.size(); ++i) {
    comparison.Add(all[i].name, std::move(results[i]));
  }
  return {};
}

}  // namespace scaler::ctl
