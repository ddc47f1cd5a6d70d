#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace scaler::local {

/// One GET over a connection of its own. The status, or 0 where no whole answer came.
int Visit(int port, const std::string& path, std::string* body = nullptr);

/// Sends a GET and does not wait for the answer.
void Poke(int port, const std::string& path);

/// Threads that send one request after the other, half of them over connections that they keep.
class Visitors {
 public:
  Visitors(int port, int threads);
  Visitors(const Visitors&) = delete;
  Visitors& operator=(const Visitors&) = delete;
  ~Visitors();

  struct Count {
    std::map<int, int> by_status;
    std::map<std::string, int> by_body;  ///< Of the 200s: which replica answered.
    std::map<std::string, int> lost;     ///< By what went wrong.

    [[nodiscard]] int Of(int status) const {
      const auto found = by_status.find(status);
      return found == by_status.end() ? 0 : found->second;
    }
  };

  /// What has happened since the last call.
  Count Take();

 private:
  void Run(int port, bool keep);

  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  Count count_;
  std::vector<std::thread> threads_;
};

}  // namespace scaler::local
